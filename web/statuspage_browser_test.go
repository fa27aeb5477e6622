package web

import (
	"context"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/slo"
	kept "burnline/slo/report"
	statusweb "burnline/web/statuspage"
)

// forCustomers is a status page of a shop on a bad afternoon, or on a good one.
func forCustomers(t *testing.T, bad bool) *statusweb.Board {
	t.Helper()
	at := time.Date(2026, 3, 1, 15, 4, 0, 0, time.UTC)
	c := statuspage.Config{Title: "Example shop", Zone: time.UTC, PublicIncidents: true}
	var defs []*slo.Definition
	var states []slo.Status
	for _, j := range [][3]string{{"Paying", "With cards, vouchers and on account.", "checkout"}, {"Searching", "Finding what there is, and what it costs.", "search"}, {"Signing in", "", "login"}, {"Tracking parcels", "Where a parcel is, as the carriers tell us.", "tracking"}, {"Sending newsletters", "", "mail"}} {
		c.Journeys = append(c.Journeys, statuspage.JourneyConfig{Name: j[0], Description: j[1], SLOs: []string{j[2] + "/*"}})
		defs = append(defs, &slo.Definition{ID: j[2] + "/availability", Service: j[2], Objective: 99.9})
		states = append(states, slo.Status{ID: j[2] + "/availability", State: slo.StateOK})
	}
	hurt := slo.Incident{Key: "1", SLO: "checkout/availability", Severity: slo.Page, Started: at.Add(-27 * time.Minute)}
	past := []slo.Incident{{Key: "2", SLO: "search/availability", Severity: slo.Page, Started: at.AddDate(0, 0, -12), Closed: at.AddDate(0, 0, -12).Add(95 * time.Minute)}}
	works := []alerting.Maintenance{
		{ID: "m", Title: "A new database for parcels", Scope: alerting.Scope{Services: []string{"tracking"}}, From: at.Add(-time.Hour), To: at.Add(time.Hour)},
		{ID: "n", Title: "The card network is changed", Scope: alerting.Scope{Services: []string{"checkout"}}, From: at.AddDate(0, 0, 3), To: at.AddDate(0, 0, 3).Add(2 * time.Hour)},
	}
	posts := []alerting.StatusPost{
		{ID: "a", At: at.Add(-20 * time.Minute), Text: "Some card payments are refused. We look into it with the card network. Vouchers work.", Journeys: []string{"Paying"}},
		{ID: "b", At: at.Add(-5 * time.Minute), Title: "Found", Text: "One of two connections to the card network is at fault. Payments go over the other one now.\n\nIf yours was refused, try it again in ten minutes.", Journeys: []string{"Paying"}},
	}
	if bad {
		states[0].State, states[0].Open = slo.StateBurning, []slo.Incident{hurt}
		states[4].State = slo.StateMissing
		rests := slo.Incident{Key: "3", SLO: "search/availability", Severity: slo.Page, Started: at.Add(-19 * time.Minute)}
		states[1].State, states[1].Open = slo.StateBurning, []slo.Incident{rests}
		states[1].Holds = []slo.Holding{{Incident: rests.Key, Stopped: at.Add(-12 * time.Minute), Until: at.Add(22 * time.Minute)}}
	} else {
		works, posts = nil, nil
	}
	board, err := statusweb.New(statusweb.Options{
		Config: func() statuspage.Config { return c }, URL: func() string { return "https://status.example.com/status" },
		Definitions: func() []*slo.Definition { return defs }, Statuses: func() []slo.Status { return states },
		Incidents:    func(context.Context, time.Time) ([]slo.Incident, error) { return past, nil },
		Maintenances: func(context.Context, time.Time) ([]alerting.Maintenance, error) { return works, nil },
		Posts:        func(context.Context, time.Time) ([]alerting.StatusPost, error) { return posts, nil },
		Records: func(_ context.Context, ids []string, _, _ time.Time) (map[string]*kept.Record, error) {
			return pastOf(ids, at), nil
		},
		Now: func() time.Time { return at },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := board.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	return board
}

// pastOf are 90 days with some bad ones, some hours and days without data, and a day of maintenance.
func pastOf(ids []string, at time.Time) map[string]*kept.Record {
	all := map[string]*kept.Record{}
	for n, id := range ids {
		p := &kept.Promise{Definition: &slo.Definition{ID: id, Objective: 99.9}, Since: at.AddDate(0, 0, -100), Until: at}
		if n == 2 {
			p.Since = at.AddDate(0, 0, -40)
		}
		for ago := range 90 {
			d := slo.DayTotals{SLO: id, Day: at.Truncate(day).AddDate(0, 0, -ago)}
			failed := 0.0002
			if n < 2 && ago == 12+n || n == 0 && ago == 61 {
				failed = 0.004
			}
			for q := range d.Total {
				quarter := d.Day.Add(time.Duration(q) * 15 * time.Minute)
				if quarter.After(at) || quarter.Before(p.Since) || n == 3 && ago == 30 || n == 1 && ago == 45 && q < 20 {
					continue
				}
				d.Total[q], d.Good[q] = 1000, 1000*(1-failed)
			}
			p.Totals = append(p.Totals, d)
		}
		if n == 4 {
			p.Corrected = []slo.Interval{{From: at.Truncate(day).AddDate(0, 0, -20), To: at.Truncate(day).AddDate(0, 0, -19)}}
		}
		all[id] = kept.Read(p)
	}
	return all
}

func TestTheStatusPageFitsEveryScreenInLightAndDark(t *testing.T) {
	s := newShop(noon)
	pages := map[string]string{}
	for name, bad := range map[string]bool{"status": true, "status good": false} {
		pages[name] = serve(t, s, func(o *Options) { o.StatusPage = forCustomers(t, bad).Handler(false) }).URL + "/status"
	}
	ctx := browser(t)
	for _, name := range []string{"status", "status good"} {
		everywhere(t, ctx, name, pages[name], until(`document.querySelectorAll("svg.days").length === 5 && getComputedStyle(document.body).maxWidth !== "none" && document.scripts.length === 0`))
	}
	t.Run("it prints on one sheet or two", func(t *testing.T) {
		var pdf []byte
		err := chromedp.Run(ctx, chromedp.Navigate(pages["status"]), chromedp.ActionFunc(func(ctx context.Context) (err error) {
			pdf, _, err = cdppage.PrintToPDF().WithPaperWidth(8.27).WithPaperHeight(11.69).Do(ctx)
			return err
		}))
		if n := strings.Count(string(pdf), "/Type /Page\n"); err != nil || n < 1 || n > 2 {
			t.Errorf("%d sheets, %v", n, err)
		}
	})
}
