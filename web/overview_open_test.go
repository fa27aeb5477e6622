package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// opened are n open incidents of a severity, the newest first.
func opened(name string, n int, severity slo.Severity, newest time.Time) []alerting.Record {
	var all []alerting.Record
	for i := range n {
		at := newest.Add(-time.Duration(i) * time.Second)
		all = append(all, alerting.Record{Title: fmt.Sprintf("%s %d", name, i),
			Incident: slo.Incident{Key: fmt.Sprintf("%s-%d", name, i), SLO: "checkout/availability", Severity: severity, Opened: at, Started: at}})
	}
	return all
}

func TestNoStormOfTicketsHidesAPage(t *testing.T) {
	for _, c := range []struct {
		name           string
		pages, tickets int
		said           string
		hidden         string
	}{
		{"a page that is older than 250 tickets", 1, 250, "1 page and 250 tickets are open.", "150 more are open"},
		{"more pages than the newest incidents", 150, 120, "150 pages and 120 tickets are open.", "20 more are open"},
		{"more pages than anybody reads", 350, 1, "350 pages and 1 ticket are open.", "50 more are open"},
		{"one of each", 1, 1, "1 page and 1 ticket are open.", ""},
		{"one page alone", 1, 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			shop := newShop(noon)
			shop.records = append(opened("ticket", c.tickets, slo.Ticket, noon), opened("page", c.pages, slo.Page, noon.Add(-time.Hour))...)
			_, page := get(t, serve(t, shop, nil).URL+"/")
			if listed := strings.Count(page, `class="open-incident sev-page"`); listed != min(c.pages, shownPages) {
				t.Errorf("%d of %d pages are listed", listed, c.pages)
			}
			if first := strings.Index(page, "sev-ticket"); first >= 0 && first < strings.LastIndex(page, `open-incident sev-page`) {
				t.Error("a ticket stands before a page")
			}
			if !strings.Contains(page, c.said) || !strings.Contains(page, c.hidden) || c.hidden == "" && strings.Contains(page, "more are open") {
				t.Errorf("the page does not say %q and %q:\n%s", c.said, c.hidden, page)
			}
		})
	}
}
