package render

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/template"
	"github.com/prometheus/common/model"

	"burnline/alerting"
	"burnline/slo"
)

// NewData is what templates and webhooks see of a row. An incident that rests on outside
// alerts shows them; an SLO's is one alert, whose summary is Burnline's own and whose
// description, where its owners wrote none, are the facts behind it.
func NewData(row alerting.Row, externalURL string) *template.Data {
	alerts := row.Alerts
	if len(alerts) == 0 {
		alerts = []alerting.AlertStatus{own(row)}
	}
	d := &template.Data{
		Receiver: row.Receiver, Status: status(row), ExternalURL: externalURL, NotificationReason: string(row.Action),
		Alerts: make(template.Alerts, len(alerts)), GroupLabels: template.KV{}, RouteLabels: template.KV{},
	}
	for i, a := range alerts {
		d.Alerts[i] = template.Alert{
			Status: a.Status, Labels: pairs(a.Labels), Annotations: nonNil(maps.Clone(a.Annotations)),
			StartsAt: a.StartsAt, EndsAt: a.EndsAt, GeneratorURL: a.GeneratorURL, Fingerprint: a.Fingerprint,
		}
	}
	d.CommonLabels, d.CommonAnnotations = nonNil(maps.Clone(d.Alerts[0].Labels)), nonNil(maps.Clone(d.Alerts[0].Annotations))
	for _, a := range d.Alerts[1:] {
		keepCommon(d.CommonLabels, a.Labels)
		keepCommon(d.CommonAnnotations, a.Annotations)
	}
	for _, l := range groupLabels(row) {
		if d.CommonLabels[l.Name] == l.Value {
			d.GroupLabels[l.Name] = l.Value
		}
	}
	return d
}

// groupLabels are what alerts of the incident have in common by its identity. Those of an
// SLO's incident are what names it.
func groupLabels(row alerting.Row) slo.Labels {
	if len(row.Alerts) > 0 || outside(row.Message) {
		return row.Message.Labels
	}
	return row.Message.Labels.Keep([]string{model.AlertNameLabel, "slo", "service", "severity"})
}

// status is firing until the incident's end.
func status(row alerting.Row) string {
	if row.Action == alerting.ActionResolve {
		return alerting.AlertResolved
	}
	return alerting.AlertFiring
}

// own is the one alert that stands for an incident without outside alerts.
func own(row alerting.Row) alerting.AlertStatus {
	m := row.Message
	a := alerting.AlertStatus{
		Status: status(row), Labels: m.Labels, StartsAt: m.Time.UTC(), Fingerprint: alerting.Fingerprint(m.Labels),
		Annotations: map[string]string{},
	}
	maps.Copy(a.Annotations, alerting.EvidenceNotes(m))
	maps.Copy(a.Annotations, m.Annotations)
	if !outside(m) || a.Annotations["summary"] == "" {
		a.Annotations["summary"] = m.Summary
	}
	if facts := Facts(m); facts != "" && a.Annotations["description"] == "" {
		a.Annotations["description"] = facts
	}
	if len(m.Links) > 0 {
		a.GeneratorURL = m.Links[0].Href
	}
	if row.Action == alerting.ActionResolve {
		a.EndsAt = row.CreatedAt.UTC()
	}
	return a
}

// outside reports whether the message tells of an alert of another system.
func outside(m alerting.Message) bool { return m.Class == alerting.ClassAlert }

// Facts are the facts of a message as text, one a line.
func Facts(m alerting.Message) string {
	lines := make([]string, len(m.Details))
	for i, d := range m.Details {
		lines[i] = d.Name + ": " + d.Value
	}
	return strings.Join(lines, "\n")
}

// pairs are labels as templates know them.
func pairs(ls slo.Labels) template.KV { return ls.Map() }

// nonNil keeps an empty set from being null in JSON.
func nonNil(kv map[string]string) template.KV {
	if kv == nil {
		return template.KV{}
	}
	return kv
}

// keepCommon takes out of the common pairs what another alert has not.
func keepCommon(common, other template.KV) {
	for _, name := range slices.Collect(maps.Keys(common)) {
		if value, ok := other[name]; !ok || value != common[name] {
			delete(common, name)
		}
	}
}
