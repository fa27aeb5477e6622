package reviews_test

import (
	"os"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
)

// shift is the last half day before noon.
func shift(t *testing.T) reviews.ShiftInput {
	t.Helper()
	m, err := labels.NewMatcher(labels.MatchEqual, "service", "checkout")
	if err != nil {
		t.Fatal(err)
	}
	silence := func(id string, from, to time.Duration) alerting.Silence {
		return alerting.Silence{ID: id, Matchers: labels.Matchers{m}, StartsAt: noon.Add(from), EndsAt: noon.Add(to), Author: "ada", Reason: "new | database"}
	}
	budget := func(id string, left float64, known bool) slo.Status {
		return slo.Status{ID: id, Budget: slo.BudgetStatus{Known: known, Remaining: left}}
	}
	open := func(o *reviews.Told) { o.Record.Incident.Closed = time.Time{} }
	return reviews.ShiftInput{From: noon.Add(-12 * time.Hour), To: noon, Now: noon,
		Incidents: []reviews.Told{
			told("ticket", "a/x", "web", noon.Add(-40*time.Hour), 0, func(o *reviews.Told) { open(o); o.Record.Incident.Severity = slo.Ticket }),
			told("page", "b/x", "web", noon.Add(-time.Hour), 0, func(o *reviews.Told) {
				open(o)
				o.Record.Acks = []alerting.Acknowledgement{{Kind: alerting.AckTaken, By: "ben", At: noon.Add(-50 * time.Minute)}}
				o.Review.Notes = []reviews.Note{{By: "ben", Text: "old"}, {By: "ben", Text: "the bank\nis asked"}}
			}),
			told("over", "c/x", "web", noon.Add(-3*time.Hour), time.Hour, judged(reviews.Noise)),
			told("long over", "c/x", "web", noon.Add(-30*time.Hour), time.Hour, nil),
			told("drill", alerting.DrillPrefix+"x", "web", noon.Add(-2*time.Hour), time.Minute, nil),
		},
		Silences: []alerting.Silence{silence("soon", -time.Hour, 2*time.Hour), silence("later", -time.Hour, 48*time.Hour), silence("to come", time.Hour, 2*time.Hour)},
		Corrections: []slo.Correction{
			{ID: "m1", Kind: slo.Maintenance, Services: []string{"pay"}, From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Reason: "it moves", Author: "cy"},
			{ID: "m2", Kind: slo.Maintenance, Services: []string{"pay"}, From: noon.Add(-3 * time.Hour), To: noon, Reason: "is over", Author: "cy"},
		},
		Statuses: []slo.Status{budget("a/x", 0.5, true), budget("b/x", 0.07, true), budget("c/x", -0.3, true), budget("d/x", 0, false), budget(alerting.DrillPrefix+"x", 0, true)},
		Actions:  []reviews.Action{{ID: "2", Text: "mend | it", Owner: "ben", Due: "2026-12-01"}, {ID: "1", Text: "look", Owner: "ada", Due: "2026-11-01"}},
	}
}

func TestAHandOverTellsWhatIsOpenAndWhoHasIt(t *testing.T) {
	s := shift(t).HandOver()
	if s.Sentence() != "2 incidents are open, and nobody has taken one of them; 1 other ended in this time." {
		t.Error(s.Sentence())
	}
	if len(s.Open) != 2 || s.Open[0].Key != "page" || s.Open[0].Holder != "ben" || len(s.Happened) != 1 || s.Happened[0].Verdict != reviews.Noise {
		t.Errorf("open are %+v, happened have %+v", s.Open, s.Happened)
	}
	if len(s.Ending) != 2 || s.Ending[0].ID != "m1" || s.Ending[1].ID != "soon" {
		t.Errorf("soon end %+v", s.Ending)
	}
	if len(s.Budgets) != 2 || s.Budgets[0].SLO != "c/x" || s.Unknown != 1 {
		t.Errorf("nearly spent are %+v, unknown %d", s.Budgets, s.Unknown)
	}
	if s.Actions[0].ID != "1" {
		t.Errorf("actions are %+v", s.Actions)
	}
}

func TestACorrectionOfAJourneySaysWhichOneEnds(t *testing.T) {
	in := shift(t)
	in.Corrections = []slo.Correction{{ID: "m", Kind: slo.Maintenance, Journeys: []string{"Paying"}, Teams: []string{"web"}, From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Author: "cy"}}
	if s := in.HandOver(); s.Ending[0].What != "journey Paying, team web" {
		t.Errorf("what ends concerns %q", s.Ending[0].What)
	}
}

func TestAHandOverAsMarkdown(t *testing.T) {
	s := shift(t).HandOver()
	got := s.Markdown()
	const file = "testdata/handover.md"
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

func TestAQuietShiftSaysSo(t *testing.T) {
	s := reviews.ShiftInput{From: noon.Add(-time.Hour), To: noon, Now: noon}.HandOver()
	if s.Sentence() != "Nothing is open; nothing else happened in this time." || s.Open == nil || s.Actions == nil {
		t.Errorf("%s %+v", s.Sentence(), s)
	}
}
