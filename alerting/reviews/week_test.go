package reviews_test

import (
	"fmt"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
)

// told is a page of an SLO that a receiver took at a moment, and that closed after some time.
func told(key, id, team string, at time.Time, lasted time.Duration, edit func(*reviews.Told)) reviews.Told {
	one := reviews.Told{Record: alerting.Record{
		Incident: slo.Incident{Key: key, SLO: id, Team: team, Severity: slo.Page, Started: at.Add(-2 * time.Minute), Opened: at.Add(-time.Second), Closed: at.Add(lasted), Number: 1},
		Newest:   alerting.Message{Links: []alerting.Link{{Text: "Runbook", Href: "https://r.example.com"}}},
		Rows:     []alerting.Row{{Receiver: "oncall", Action: alerting.ActionTrigger, State: alerting.RowDelivered, SettledAt: at}},
	}}
	if edit != nil {
		edit(&one)
	}
	return one
}

func judged(v reviews.Value) func(*reviews.Told) {
	return func(o *reviews.Told) { o.Review.Verdicts = []reviews.Verdict{{Value: v, By: "ada"}} }
}

func TestAWeekCountsWhatPeopleWereSent(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from, to, err := reviews.ParseWeek("2026-W47", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time {
		return from.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	taken := func(after time.Duration) func(*reviews.Told) {
		return func(o *reviews.Told) {
			o.Record.Acks = []alerting.Acknowledgement{{Kind: alerting.AckTaken, By: "ada", At: o.Record.Rows[0].SettledAt.Add(after)}}
		}
	}
	w := reviews.WeekInput{From: from, To: to, Now: to, Night: reviews.DefaultNight(), Zones: reviews.Zones{"payments": berlin},
		Actions: []reviews.Action{{ID: "late", Due: "2026-11-20"}, {ID: "in time", Due: "2026-12-20"}, {ID: "today", Due: to.Format(time.DateOnly)}},
		Incidents: []reviews.Told{
			told("sunday", "a/x", "web", at(-1, 20, 0), time.Hour, nil),
			told("again", "a/x", "web", at(0, 10, 0), time.Hour, taken(4*time.Minute)),
			told("noise", "b/x", "web", at(1, 10, 0), time.Hour, judged(reviews.Noise)),
			told("useful", "a/x", "web", at(2, 23, 0), time.Hour, func(o *reviews.Told) { judged(reviews.Useful)(o); taken(2 * time.Minute)(o) }),
			told("six in Berlin", "pay/x", "payments", at(3, 5, 30), time.Hour, nil),
			told("seven in Berlin", "pay/y", "payments", at(3, 6, 0), time.Hour, taken(time.Minute)),
			told("bare", "c/x", "", at(4, 12, 0), time.Hour, func(o *reviews.Told) { o.Record.Newest.Links = nil; taken(time.Minute)(o) }),
			told("ticket", "a/x", "web", at(4, 12, 0), time.Hour, func(o *reviews.Told) { o.Record.Incident.Severity = slo.Ticket }),
			told("silenced", "a/x", "web", at(4, 12, 0), time.Hour, func(o *reviews.Told) { o.Record.Rows = nil }),
			told("drill", alerting.DrillPrefix+"x", "web", at(4, 12, 0), time.Hour, nil),
			told("over when its data came", "a/x", "web", at(4, 12, 0), time.Hour, func(o *reviews.Told) {
				o.Record.Transitions = []alerting.Step{{Kind: slo.IncidentRecorded}}
			}),
			told("next week", "a/x", "web", at(7, 1, 0), time.Hour, nil),
		}}.Review()
	if want := (reviews.Sums{Pages: 6, Night: 2, Noise: 1, Useful: 1, Unjudged: 4, Alone: 2, Repeated: 1, Bare: 1}); w.Sums != want || w.Tickets != 1 || w.Kept != 1 {
		t.Errorf("got %+v, %d tickets, %d kept back; want %+v, 1 and 1", w.Sums, w.Tickets, w.Kept, want)
	}
	said := ""
	for _, p := range w.Pages {
		said += fmt.Sprintf("%s %s night=%t alone=%t again=%t bare=%t\n", p.Key, p.Local, p.Night, p.Alone, p.Repeated, p.Bare)
	}
	const pages = `bare Fri 12:00 UTC night=false alone=false again=false bare=true
seven in Berlin Thu 07:00 CET night=false alone=false again=false bare=false
six in Berlin Thu 06:30 CET night=true alone=true again=false bare=false
useful Wed 23:00 UTC night=true alone=false again=false bare=false
noise Tue 10:00 UTC night=false alone=true again=false bare=false
again Mon 10:00 UTC night=false alone=false again=true bare=false
`
	if said != pages {
		t.Errorf("the pages are\n%s", said)
	}
	noisy := ""
	for _, s := range w.SLOs {
		noisy += fmt.Sprintf("%s %d of %d, ", s.SLO, s.Noise, s.Pages)
	}
	if noisy != "b/x 1 of 1, a/x 0 of 2, pay/x 0 of 1, " {
		t.Errorf("noisy are %s", noisy)
	}
	if len(w.Teams) != 3 || w.Teams[0].Team != "web" || w.Teams[0].Pages != 3 || w.Teams[0].Took == nil || *w.Teams[0].Took != 180 {
		t.Errorf("teams are %+v", w.Teams)
	}
	if len(w.Overdue) != 1 || w.Overdue[0].ID != "late" {
		t.Errorf("overdue are %+v", w.Overdue)
	}
}

func TestWeeksAreThoseOfTheCalendar(t *testing.T) {
	for _, c := range []struct{ text, from, wrong string }{
		{"2026-W47", "2026-11-16", ""}, {"2026-W01", "2025-12-29", ""}, {"2026-W53", "2026-12-28", ""}, {"2021-W01", "2021-01-04", ""},
		{"2027-W53", "", "the year 2027 has no week 53"}, {"2026-W00", "", "the year 2026 has no week 0"}, {"2026-47", "", `"2026-47" is no week: write it as 2026-W47`},
	} {
		from, to, err := reviews.ParseWeek(c.text, time.UTC)
		if c.wrong != "" {
			if err == nil || err.Error() != c.wrong {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		if err != nil || from.Format(time.DateOnly) != c.from || from.Weekday() != time.Monday || to.Sub(from) != 7*24*time.Hour || reviews.WeekOf(from) != c.text {
			t.Errorf("%s is from %s to %s, %v", c.text, from, to, err)
		}
	}
}

func TestANightMayGoOverMidnightOrNot(t *testing.T) {
	for _, c := range []struct {
		night, at string
		is        bool
	}{
		{"22:00-07:00", "22:00", true}, {"22:00-07:00", "06:59", true}, {"22:00-07:00", "07:00", false}, {"22:00-07:00", "21:59", false},
		{"00:30-06:00", "00:30", true}, {"00:30-06:00", "00:29", false}, {"00:30-06:00", "23:00", false},
	} {
		n, err := reviews.ParseNight(c.night, nil)
		if err != nil || n.String() != c.night {
			t.Fatalf("%s reads %s, %v", c.night, n, err)
		}
		at, err := time.Parse("15:04", c.at)
		if err != nil || n.Holds(at) != c.is {
			t.Errorf("%s in %s: %t, %v", c.at, c.night, !c.is, err)
		}
	}
	for _, wrong := range []string{"", "22-7", "24:00-07:00", "22:00-22:00"} {
		if _, err := reviews.ParseNight(wrong, nil); err == nil {
			t.Errorf("%q is a night", wrong)
		}
	}
}
