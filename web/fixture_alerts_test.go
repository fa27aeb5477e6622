package web

import (
	"context"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// alerts are those of the incident of an outside alert.
type alerts []alerting.AlertView

// ListAlerts implements alerting.AlertReader.
func (a alerts) ListAlerts(_ context.Context, f alerting.AlertFilter) ([]alerting.AlertView, error) {
	of := a[min(f.Offset, len(a)):]
	return of[:min(len(of), f.Limit)], nil
}

// ListAlertGroups implements alerting.AlertReader.
func (alerts) ListAlertGroups(context.Context, alerting.AlertFilter) ([]alerting.AlertGroupView, error) {
	return nil, nil
}

// diskAlerts are n alerts of the incident a1e47, the last silenced and over.
func diskAlerts(n int, now time.Time) alerts {
	all := make(alerts, n)
	for i := range all {
		v := alerting.AlertView{Origin: alerting.OriginRules}
		v.Status, v.Fingerprint, v.StartsAt = alerting.AlertFiring, fmt.Sprintf("%016x", i), now.Add(-time.Hour)
		v.Labels = slo.NewLabels("alertname", "DiskFull", "instance", "db-3", "severity", "page", "team", "payments", "device", fmt.Sprintf("/dev/sd%03d", i))
		v.Annotations, v.GeneratorURL = map[string]string{"summary": fmt.Sprintf("Disk %03d is full.", i)}, "https://prometheus.example.com/graph"
		p := alerting.AlertPlace{Receiver: "oncall", Key: "a1e47", Starts: v.StartsAt, Decision: alerting.Decision{Fate: alerting.FateSend, At: v.StartsAt}, Told: v.StartsAt}
		if i == n-1 {
			p.Decision = alerting.Decision{Fate: alerting.FateSilenced, By: "s1", Reason: "silenced by ana: new disks"}
		}
		v.Places = []alerting.AlertPlace{p}
		all[i] = v
	}
	return all
}
