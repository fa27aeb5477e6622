package state_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// noise is text of a length that no database can compress well.
func noise(length int) string {
	var b strings.Builder
	for sum := sha256.Sum256(nil); b.Len() < length; sum = sha256.Sum256(sum[:]) {
		b.WriteString(hex.EncodeToString(sum[:]))
	}
	return b.String()[:length]
}

func TestLongLabelsAreKeptAndKeepNoOtherAlertOfTheRequestOut(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Minute
		c := hook()
		c.Route.GroupBy = alerting.Grouping{Each: true}
		r := node(t, s, &after)
		if err := r.Reload(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		alert := func(ls ...string) slo.Alert {
			return slo.Alert{Origin: alerting.OriginAPI, Labels: slo.NewLabels(ls...), StartsAt: start}
		}
		alerts := []slo.Alert{
			alert("alertname", "DiskFull"), alert("alertname", "LongLine", "line", noise(60_000)), alert("alertname", noise(60_000)),
		}
		for range 2 {
			if err := r.Alerts(t.Context(), alerts); err != nil {
				t.Fatalf("%.300s", err)
			}
			after += time.Minute
		}
		if n := len(openKeys(t, s)); n != len(alerts) {
			t.Errorf("%d incidents are open, want %d", n, len(alerts))
		}
		for i := range alerts {
			alerts[i].EndsAt = start.Add(after)
		}
		if err := r.Alerts(t.Context(), alerts); err != nil || len(openKeys(t, s)) != 0 {
			t.Errorf("%d incidents are open when all ended, %v", len(openKeys(t, s)), err)
		}
	})
}
