package state

import (
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// An incident that ended and opened again under its key is open, even where the story of its end is
// told after that of its opening: a copy may be newer than what is told after it.
func TestAnOlderEndDoesNotEndWhatOpenedAgain(t *testing.T) {
	t.Parallel()
	open := func() *Store {
		s, err := Open(t.Context(), Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // it is read before
		return s
	}
	from, to := open(), open()
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	step := func(kind slo.TransitionKind, opened, closed time.Time) story {
		t.Helper()
		at := opened
		if !closed.IsZero() {
			at = closed
		}
		err := from.Commit(t.Context(), alerting.Change{
			Transition: slo.Transition{Kind: kind, At: at, Reason: string(kind), Incident: slo.Incident{Key: "k", SLO: "a/b", Severity: slo.Page, Opened: opened, Closed: closed}},
			Plan:       func(alerting.Existing) alerting.Plan { return alerting.Plan{Newest: alerting.Message{AsOf: at}} },
		}, at)
		if err != nil {
			t.Fatal(err)
		}
		told, err := from.storyOf(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		return told
	}
	step(slo.IncidentOpened, began, time.Time{})
	over := step(slo.IncidentClosed, began, began.Add(time.Minute))
	again := step(slo.IncidentOpened, began.Add(time.Hour), time.Time{})
	for _, told := range []story{again, over, again} {
		if err := to.write(t.Context(), began, func(w writer) error {
			_, err := w.merge("k", told)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n, err := to.OpenCount(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d incidents are open, %v", n, err)
		}
	}
}
