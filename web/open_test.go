package web

import (
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// alertOf is the open incident of an outside alert.
func alertOf(key string, severity slo.Severity, opened time.Time) alerting.Record {
	return alerting.Record{Title: key, Summary: key + " fires", Incident: slo.Incident{
		Key: key, SLO: "alert/" + key, Cause: slo.CauseAlert, Severity: severity, Started: opened, Opened: opened,
	}}
}

func TestOpenAlertsAreCountedAndPagesStandFirst(t *testing.T) {
	s := newShop(noon)
	s.records = []alerting.Record{
		alertOf("Newest", slo.Ticket, noon.Add(-time.Minute)),
		alertOf("Waking", slo.Page, noon.Add(-time.Hour)),
	}
	srv := serve(t, s, nil)
	_, body := get(t, srv.URL+"/")
	if !strings.Contains(body, `id="open-count" class="badge">2<`) {
		t.Error("the navigation does not count both alerts")
	}
	page, ticket := strings.Index(body, "Waking fires"), strings.Index(body, "Newest fires")
	if page < 0 || ticket < 0 || page > ticket {
		t.Errorf("the page stands at %d and the newer ticket at %d", page, ticket)
	}
}

func TestManyMistakesOfAReloadLeaveRoomForThePage(t *testing.T) {
	s := newShop(noon)
	s.health.SetKept = true
	for _, what := range []string{"first", "second", "third", "fourth"} {
		s.health.Files[0].Findings = append(s.health.Files[0].Findings, slo.Finding{Source: slo.Source{File: "alertmanager.yml", Line: 3}, Level: slo.LevelError, Message: what})
	}
	_, body := get(t, serve(t, s, nil).URL+"/incidents")
	above, folded, found := strings.Cut(body, "<summary>and 2 more</summary>")
	if !found || !strings.Contains(above, "refused by 4 mistakes; the previous set is still in force") {
		t.Fatalf("the banner is %.400s", body[strings.Index(body, "warnings"):])
	}
	if !strings.Contains(above, "second") || strings.Contains(above, "third") || !strings.Contains(folded, "third") || !strings.Contains(folded, "fourth") {
		t.Error("not the first two stand open and the others folded")
	}
}
