package web

import (
	"encoding/json"
	"strings"
	"testing"

	"burnline/alerting"
)

func TestAnIncidentListsItsAlertsAndWhatBecameOfEach(t *testing.T) {
	p := newPromises(t, noon)
	srv := serve(t, p.shop, func(o *Options) { p.options(o); o.Alerts = diskAlerts(101, noon) })
	first := page(t, srv.URL+"/incidents/a1e47")
	for _, want := range []string{"Disk 000 is full.", "device=/dev/sd000", "told", `href="/incidents/a1e47?alerts_from=100#alerts"`} {
		if !strings.Contains(first, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(first, "Disk 100 is full.") {
		t.Error("the first page has more than a hundred alerts")
	}
	rest := page(t, srv.URL+"/incidents/a1e47?alerts_from=100")
	if !strings.Contains(rest, "Disk 100 is full.") || !strings.Contains(rest, "silenced by ana: new disks") || strings.Contains(rest, "Further alerts") {
		t.Error("the second page lacks the silenced alert, or leads on")
	}
	_, body := get(t, srv.URL+"/api/v1/incidents/a1e47?alerts_from=99")
	var got struct {
		Alerts []struct{ Status, Fate, Decided, By string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Alerts) != 2 || got.Alerts[0].Fate != "told" || got.Alerts[1].Decided != string(alerting.FateSilenced) || got.Alerts[1].By != "s1" {
		t.Errorf("the API lists %+v", got.Alerts)
	}
}
