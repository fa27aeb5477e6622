package reviews_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/internal/harness/nasty"
	"burnline/slo"
)

var update = flag.Bool("update", false, "write the golden files anew")

// outage is a page of an hour ago, with everything that can be known of it. hostile stands wherever others
// choose the text.
func outage(hostile string) *reviews.Case {
	began := noon.Add(-80 * time.Minute)
	message := alerting.Message{Summary: "Buying: 1 in 4 requests fails." + hostile, Links: []alerting.Link{{Text: "Runbook", Href: "https://runbooks.example.com"}}}
	known := &slo.Evidence{AsOf: began.Add(10 * time.Minute),
		Impact: &slo.Impact{Failed: 1204, Total: 4816, Customers: &slo.Customers{Hurt: 312, Seen: 1204, Attribute: "enduser.id", HurtExact: true},
			Regions: []slo.Part{{Name: "eu" + hostile, Failed: 1190, Total: 2400}}},
		Where: &slo.Where{Events: 4816, Attributes: []string{"cloud.region"}, Explanations: []slo.Explanation{{
			Labels: slo.NewLabels("cloud.region", "eu"+hostile), Failed: 1180, Total: 1570, Ratio: 0.75, Outside: 0.004, Share: 0.98}}},
		Changes: []slo.NearChange{{Before: 4 * time.Minute, Reason: "a dependency", Change: slo.ChangeEvent{ID: "c1", Kind: slo.ChangeDeploy, At: began.Add(-4 * time.Minute),
			Service: "payment", Title: "payment 1.5.0" + hostile, By: "ci" + hostile, Link: "https://ci.example.com/(42)"}}},
		Examples: []slo.Example{{Trace: "4bf92f3577b34da6a3ce929d0e0e4736", What: "the bank does not answer" + hostile}},
	}
	update := alerting.Row{ID: 2, Receiver: "oncall", Integration: "pagerduty", Action: alerting.ActionUpdate, State: alerting.RowDelivered, CreatedAt: began.Add(11 * time.Minute),
		SettledAt: began.Add(11 * time.Minute), Answer: "202", Message: alerting.Message{Summary: "Buying: 312 customers." + hostile, News: "it is known where", Evidence: known}}
	return &reviews.Case{
		Now: noon, Window: "30d", Address: "https://burnline.example.com/incidents/k1",
		Spent: &reviews.Spent{Share: 0.231, Left: 0.4, Bad: 1300, Total: 5000, Step: time.Minute},
		Record: alerting.Record{Title: "Buying" + hostile, Summary: "Buying: 1 in 4 requests failed." + hostile,
			Incident: slo.Incident{Key: "k1", SLO: "checkout/availability", Team: "payments" + hostile, Severity: slo.Page, Started: began, Opened: began.Add(time.Minute),
				Closed: began.Add(40 * time.Minute), Groups: []slo.Labels{slo.NewLabels("region", "eu"+hostile)}, Number: 1},
			Newest: message,
			Transitions: []alerting.Step{{Kind: slo.IncidentOpened, At: began.Add(time.Minute), Reason: "burn 14.6 over 1h" + hostile},
				{Kind: slo.IncidentClosed, At: began.Add(40 * time.Minute), Reason: "no policy fired for 5m"}},
			Decisions: []alerting.Decision{{Receiver: "oncall", Fate: alerting.FateSend, Reason: "its routes lead there" + hostile, At: began.Add(time.Minute)}},
			Acks:      []alerting.Acknowledgement{{Kind: alerting.AckTaken, By: "ada" + hostile, Via: alerting.ViaWeb, At: began.Add(4 * time.Minute)}},
			Rows: []alerting.Row{{ID: 1, Receiver: "oncall", Integration: "pagerduty", Action: alerting.ActionTrigger, State: alerting.RowDelivered, CreatedAt: began.Add(time.Minute),
				SettledAt: began.Add(62 * time.Second), Answer: "202: Event processed" + hostile, Message: message}, update}},
		Evidence: known,
		Silences: []alerting.Silence{{ID: "s1", StartsAt: began.Add(5 * time.Minute), EndsAt: began.Add(20 * time.Minute), Author: "ben" + hostile, Reason: "we know" + hostile, ExpiredBy: "ben"}},
		Changes: []slo.ChangeEvent{{ID: "c1", Kind: slo.ChangeDeploy, At: began.Add(-4 * time.Minute), Title: "payment 1.5.0"},
			{ID: "c2", Kind: slo.ChangeDeploy, At: began.Add(20 * time.Minute), Service: "payment", Title: "payment 1.4.9" + hostile},
			{ID: "c0", Kind: slo.ChangeDeploy, At: began.Add(-3 * time.Hour), Title: "long before"}},
		Corrections: []slo.Applied{{Correction: slo.Correction{ID: "m1", Kind: slo.Maintenance, Reason: "the bank moves" + hostile, Author: "cy" + hostile},
			Intervals: []slo.Interval{{From: began.Add(30 * time.Minute), To: began.Add(35 * time.Minute)}}}},
		Review: reviews.Review{Incident: "k1",
			Notes:    []reviews.Note{{ID: "n1", By: "ada" + hostile, At: began.Add(9 * time.Minute), Text: "the bank says:" + hostile + "\n# we are down\n---\n1. wait\n    code"}},
			Verdicts: []reviews.Verdict{{Value: reviews.Useful, By: "ada", At: began.Add(60 * time.Minute), Why: "it was real" + hostile}},
			Actions:  []reviews.Action{{ID: "a1", Incident: "k1", Text: "time out after 2 s" + hostile, Owner: "ben" + hostile, Due: "2026-12-01", By: "ada", At: began.Add(61 * time.Minute)}}},
	}
}

func TestADraftOfAPostmortemHoldsTheRecord(t *testing.T) {
	got := outage("").Postmortem()
	const file = "testdata/postmortem.md"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%v; write it anew with -update where this is right:\n%s", err, got)
	}
}

// A name such as these would end a table's row, begin a heading, or run a script where the
// Markdown is shown.
func TestNoTextChangesTheFormOfADraft(t *testing.T) {
	quiet := outage("").Postmortem()
	for _, hostile := range append(slices.Collect(maps.Values(nasty.Texts())),
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "| a | b |", "[a](javascript:alert(1))", "![a](https://evil.example.com/x.png)", "`code`", "*b* _i_ ~~s~~",
		"\n\n# heading", "\n- item\n---\n", "\r\n    code", "&lt;b&gt;", "https://evil.example.com", "www.evil.example.com", "ada@example.com", "$x$", "\u202eabc", "a\\", "\x00\x1b[31m",
	) {
		got := outage(" " + hostile).Postmortem()
		if n, m := strings.Count(got, "\n"), strings.Count(quiet, "\n"); n > m+1 { // a note may have a line more
			lines := m
			if strings.Count(hostile, "\n") < n-lines-3 {
				t.Errorf("%q makes %d lines of %d", hostile, n, m)
			}
		}
		for _, bad := range []string{"<script", "<img", "<b>", "a](javascript", "a](https://evil", " https://evil", " www.", "~~s", " *b", "\n# heading", "\n- item", "\n---", "\u202e", "\x00", "\x1b", "\r", " `code", " $x"} {
			if strings.Contains(got, bad) && !strings.Contains(quiet, bad) {
				t.Errorf("%q brings %q into the draft:\n%s", hostile, bad, got)
			}
		}
	}
}

func TestATimelineIsInOrderAndTellsNothingThatIsToCome(t *testing.T) {
	c := outage("")
	c.Corrections[0].Intervals = append(c.Corrections[0].Intervals, slo.Interval{From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour)})
	last, said := time.Time{}, ""
	kinds := map[reviews.Kind]bool{}
	for _, e := range c.Timeline() {
		if e.At.Before(last) || e.At.After(noon) {
			t.Errorf("%s at %s comes after %s", e.Title, e.At, last)
		}
		last = e.At
		kinds[e.Kind] = true
		said += e.Title + "\n"
	}
	const want = `Deploy: payment 1.5.0
First bad events
Opened
Goes to oncall
Trigger accepted by oncall (pagerduty)
Acknowledged by ada
Silenced by ben
Note by ada
More is known
Update accepted by oncall (pagerduty)
Deploy: payment 1.4.9
A silence ended, by ben
Maintenance by cy
Closed
Judged useful by ada
Action for ben by 2026-12-01
`
	if said != want || len(kinds) != 11 {
		t.Errorf("got %d kinds in\n%s", len(kinds), said)
	}
}

func TestTheMomentsOfAnIncident(t *testing.T) {
	r := outage("").Record
	got := reviews.TimesOf(r)
	if got.Told.Sub(got.Began) != 62*time.Second || got.Receiver != "oncall" || got.By != "ada" || got.Alone() {
		t.Errorf("the moments are %+v", got)
	}
	r.Acks[0].At = r.Incident.Closed.Add(time.Second)
	if !reviews.TimesOf(r).Alone() {
		t.Error("who takes it once it is over has not helped it to recover")
	}
	r.Incident.Closed = time.Time{}
	if reviews.TimesOf(r).Alone() {
		t.Error("what is open has not recovered")
	}
}

func TestWhatAnIncidentTookOfTheBudgetIsHowFarItFell(t *testing.T) {
	left := func(x float64) *float64 { return &x }
	ch := slo.Chart{Step: time.Minute}
	for i, remaining := range []*float64{nil, left(0.9), left(0.9), left(0.8), left(0.5), left(0.45)} {
		ch.Points = append(ch.Points, slo.ChartPoint{T: noon.Add(time.Duration(i) * time.Minute), Remaining: remaining, Counts: slo.Counts{Good: 90, Total: 100}})
	}
	s := reviews.SpentOf(ch, noon.Add(2*time.Minute), noon.Add(4*time.Minute))
	if s == nil || s.Share < 0.3999 || s.Share > 0.4001 || s.Left != 0.5 || s.Bad != 20 || s.Total != 200 {
		t.Errorf("it took %+v, want 0.4 of the budget and 20 of 200 events", s)
	}
	if s := reviews.SpentOf(ch, noon.Add(-time.Hour), noon.Add(-time.Minute)); s != nil {
		t.Errorf("of a time that the chart does not hold it says %+v", s)
	}
}

func TestASilenceBelongsToAnIncidentThatItMatchedWhileThatWasOpen(t *testing.T) {
	r := outage("").Record
	at := func(from, to time.Duration) alerting.Silence {
		return alerting.Silence{StartsAt: r.Incident.Opened.Add(from), EndsAt: r.Incident.Opened.Add(to)}
	}
	all := []alerting.Silence{at(-time.Hour, time.Minute), at(-time.Hour, -time.Minute), at(time.Hour, 2*time.Hour), at(time.Minute, 2*time.Minute), at(time.Minute, time.Minute)}
	if got := reviews.Muted(all, r, nil, noon); len(got) != 2 {
		t.Errorf("got %d, want the first and the fourth: %+v", len(got), got)
	}
}

func FuzzPlainly(f *testing.F) {
	for _, s := range []string{"a", "# a", "1. a", "a|b", "<b>", "[a](b)", "https://a", "www.a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &reviews.Case{Now: noon, Record: alerting.Record{Title: "x", Summary: text}}
		c.Record.Incident = slo.Incident{Key: "k", SLO: "a/b", Started: noon, Opened: noon, Closed: noon}
		plain := *c
		plain.Record.Summary = "x"
		got, want := c.Postmortem(), plain.Postmortem()
		if strings.Count(got, "\n") != strings.Count(want, "\n") || strings.ContainsAny(got, "<>\r\x00") != strings.ContainsAny(want, "<>\r\x00") {
			t.Errorf("%q changes the form of\n%s", text, got)
		}
		if n := strings.Count(strings.ReplaceAll(got, `\|`, ""), "|"); n != strings.Count(want, "|") {
			t.Errorf("%q makes a table of\n%s", text, got)
		}
	})
}
