package state_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
	"burnline/storage/state"
)

// reviewed is a state with one incident that closed after an hour, and a keeper of what people
// write of it.
func reviewed(t *testing.T, s *state.Spooled, now *time.Time) *reviews.Keeper {
	t.Helper()
	tr := transition(slo.IncidentOpened, "k1", time.Minute)
	commit(t, s, planned(tr))
	second := tr
	second.Incident.Key = "k1-again" // its alias
	commit(t, s, planned(second))
	tr.Kind, tr.At = slo.IncidentClosed, tr.At.Add(time.Hour)
	commit(t, s, planned(tr))
	k, err := reviews.New(s, s, func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// reviewOf reads what is kept of an incident.
func reviewOf(t *testing.T, k *reviews.Keeper, key string) reviews.Review {
	t.Helper()
	all, err := k.Of(t.Context(), key, "another")
	if err != nil {
		t.Fatal(err)
	}
	return all[key]
}

func TestWhatPeopleWriteOfAnIncidentIsKeptInOrder(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		now := start.Add(2 * time.Hour)
		k := reviewed(t, open(), &now)
		for _, text := range []string{"the bank answers again", "the bank answers again", "<b>nul\tand ü</b>\nsecond line"} {
			if _, err := k.Note(t.Context(), "k1-again", reviews.NoteInput{By: " Ada  Moreau ", Text: text}); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range []reviews.Value{reviews.Useful, reviews.Noise, reviews.Noise, reviews.Useful} {
			if _, err := k.Judge(t.Context(), "k1", reviews.VerdictInput{By: "ben", Value: v, Why: "it " + string(v)}); err != nil {
				t.Fatal(err)
			}
		}
		got := reviewOf(t, k, "k1")
		if len(got.Notes) != 2 || got.Notes[0].By != "Ada Moreau" || !strings.Contains(got.Notes[0].Text+got.Notes[1].Text, "</b>\nsecond line") || !got.Notes[0].At.Equal(now) {
			t.Errorf("the notes are %+v, want two: the same words twice within a minute are one", got.Notes)
		}
		said := ""
		for _, v := range got.Verdicts {
			said += string(v.Value) + " "
		}
		if last, is := got.Verdict(); said != "useful noise useful " || !is || last.Why != "it useful" || got.Noise() {
			t.Errorf("the verdicts are %s, the last %+v", said, last)
		}
		if _, err := k.Note(t.Context(), "none", reviews.NoteInput{By: "ada", Text: "x"}); !errors.Is(err, reviews.ErrNoIncident) {
			t.Errorf("a note on an incident that there is not: %v", err)
		}
	})
}

func TestAnActionIsOpenUntilSomebodySaysThatItIsDone(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		now := start.Add(2 * time.Hour)
		k := reviewed(t, open(), &now)
		var ids []string
		for i, due := range []string{"2026-04-01", "2026-03-20"} {
			a, err := k.Act(t.Context(), "k1", reviews.ActionInput{By: "ada", Owner: "ben", Text: fmt.Sprint("action ", i), Due: due})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, a.ID)
		}
		opened := func() string {
			all, err := k.OpenActions(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, a := range all {
				said += a.Incident + " " + a.Text + ", "
			}
			return said
		}
		if got := opened(); got != "k1 action 1, k1 action 0, " {
			t.Errorf("open are %s", got)
		}
		a, err := k.End(t.Context(), "k1", ids[1], reviews.DoneInput{By: "cy", Done: true})
		if err != nil || a.DoneBy != "cy" || !a.Done.Equal(now) {
			t.Errorf("done is %+v, %v", a, err)
		}
		now = now.Add(time.Hour)
		if a, err = k.End(t.Context(), "k1", ids[1], reviews.DoneInput{By: "dee", Done: true}); err != nil || a.DoneBy != "cy" {
			t.Errorf("who says it later is %+v, %v; the first stays", a, err)
		}
		if got := opened(); got != "k1 action 0, " {
			t.Errorf("then open are %s", got)
		}
		if got := reviewOf(t, k, "k1").Actions; len(got) != 2 || got[0].ID != ids[0] || got[1].DoneBy != "cy" {
			t.Errorf("the incident's are %+v", got)
		}
		if a, err = k.End(t.Context(), "k1", ids[1], reviews.DoneInput{By: "ada"}); err != nil || !a.Open() {
			t.Errorf("opened again it is %+v, %v", a, err)
		}
		if _, err := k.End(t.Context(), "k1", "none", reviews.DoneInput{By: "ada", Done: true}); !errors.Is(err, reviews.ErrNoAction) {
			t.Errorf("an action that there is not: %v", err)
		}
	})
}

func TestAnOpenActionKeepsItsIncidentAndTheRestGoesWithIt(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s, now := open(), start.Add(2*time.Hour)
		k := reviewed(t, s, &now)
		_, noted := k.Note(t.Context(), "k1", reviews.NoteInput{By: "ada", Text: "x"})
		_, judged := k.Judge(t.Context(), "k1", reviews.VerdictInput{By: "ada", Value: reviews.Noise})
		a, acted := k.Act(t.Context(), "k1", reviews.ActionInput{By: "ada", Owner: "ben", Text: "mend it", Due: "2026-04-01"})
		if err := errors.Join(noted, judged, acted); err != nil {
			t.Fatal(err)
		}
		settleAll(t, s)
		if gone := forget(t, s, 2*day, 2*day); gone != (state.Forgotten{}) {
			t.Errorf("an incident with an open action was deleted: %+v", gone)
		}
		if _, err := k.End(t.Context(), "k1", a.ID, reviews.DoneInput{By: "ben", Done: true}); err != nil {
			t.Fatal(err)
		}
		if gone := forget(t, s, 2*day, 2*day); gone != (state.Forgotten{Incidents: 1}) {
			t.Errorf("deleted were %+v", gone)
		}
		if got := reviewOf(t, k, "k1"); len(got.Notes)+len(got.Verdicts)+len(got.Actions) != 0 {
			t.Errorf("of an incident that is deleted there is still %+v", got)
		}
	})
}

// settleAll delivers what waits.
func settleAll(t *testing.T, s *state.Spooled) {
	t.Helper()
	claimed, err := s.Claim(t.Context(), alerting.Claim{Limit: 100, Lease: time.Minute}, start.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range claimed.Rows {
		settle(t, s, row, alerting.Outcome{State: alerting.RowDelivered}, 2*time.Hour)
	}
}
