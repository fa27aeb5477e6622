package state_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/storage/state"
)

// silenced is a silence of one matcher that ends some time after start.
func silenced(t *testing.T, id string, lasts time.Duration) alerting.Silence {
	t.Helper()
	m, err := labels.NewMatcher(labels.MatchNotRegexp, "région", "eu|\"ü\x00")
	if err != nil {
		t.Fatal(err)
	}
	return alerting.Silence{
		ID: id, Matchers: labels.Matchers{m}, StartsAt: start, EndsAt: start.Add(lasts), Author: "ada \x00", Reason: "a new database",
		UntilResolved: true, Ceiling: 100, UpdatedAt: start,
	}
}

// put writes silences as they are.
func put(t *testing.T, s *state.Spooled, all ...alerting.Silence) {
	t.Helper()
	if err := s.EditSilence(t.Context(), "", func(*alerting.Silence) ([]alerting.Silence, error) { return all, nil }); err != nil {
		t.Fatal(err)
	}
}

func TestSilencesAreKeptForGood(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		long, short := silenced(t, "b", 2*time.Hour), silenced(t, "a", time.Hour)
		put(t, s, long, short)
		if have, ok, err := s.Silence(t.Context(), "never was"); ok || err != nil {
			t.Errorf("one that never was: %+v, %v", have, err)
		}
		err := s.EditSilence(t.Context(), "b", func(old *alerting.Silence) ([]alerting.Silence, error) {
			if old == nil || old.ID != "b" || old.Matchers[0].Matches("eu") || !old.Matchers[0].Matches("us") {
				t.Errorf("the record to edit is %+v", old)
			}
			ended := *old
			ended.EndsAt, ended.ExpiredBy = start.Add(time.Minute), "grace"
			return []alerting.Silence{ended, silenced(t, "c", 3*time.Hour)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s = open() // as after a restart
		long.EndsAt, long.ExpiredBy = start.Add(time.Minute), "grace"
		third := silenced(t, "c", 3*time.Hour)
		for _, c := range []struct {
			name  string
			since time.Time
			want  []alerting.Silence
		}{
			{"all, the first to end first", time.Time{}, []alerting.Silence{long, short, third}},
			{"a moment that is the end of one", start.Add(time.Minute), []alerting.Silence{short, third}},
			{"after all of them", start.Add(4 * time.Hour), nil},
		} {
			if have, err := s.Silences(t.Context(), c.since); err != nil || !same(have, c.want) {
				t.Errorf("%s: %+v, %v\nwant %+v", c.name, have, err, c.want)
			}
		}
		if have, ok, err := s.Silence(t.Context(), "b"); !ok || err != nil || !same([]alerting.Silence{have}, []alerting.Silence{long}) {
			t.Errorf("one by its ID is %+v, %v", have, err)
		}
	})
}

// same compares silences by what they say: a matcher that was read holds its own compiled expression.
func same(a, b []alerting.Silence) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.Matchers.String() != y.Matchers.String() {
			return false
		}
		x.Matchers, y.Matchers = nil, nil
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

func TestAnEditIsWholeOrNotAtAll(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		put(t, s, silenced(t, "a", time.Hour))
		no := errors.New("no")
		if err := s.EditSilence(t.Context(), "a", func(*alerting.Silence) ([]alerting.Silence, error) { return nil, no }); !errors.Is(err, no) {
			t.Errorf("a refused edit: %v", err)
		}
		if err := s.EditSilence(t.Context(), "a", func(*alerting.Silence) ([]alerting.Silence, error) {
			return []alerting.Silence{silenced(t, "a", 9*time.Hour), {}}, nil
		}); err == nil {
			t.Error("a silence without an ID is kept")
		}
		if have, _, err := s.Silence(t.Context(), "a"); err != nil || !have.EndsAt.Equal(start.Add(time.Hour)) {
			t.Errorf("half of an edit is kept: %+v, %v", have, err)
		}
	})
}

func TestEditsOfOneSilenceTakeTurns(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		put(t, s, silenced(t, "a", 0))
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := s.EditSilence(t.Context(), "a", func(old *alerting.Silence) ([]alerting.Silence, error) {
					longer := *old
					longer.EndsAt = longer.EndsAt.Add(time.Minute)
					return []alerting.Silence{longer}, nil
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if have, _, err := s.Silence(t.Context(), "a"); err != nil || !have.EndsAt.Equal(start.Add(8*time.Minute)) {
			t.Errorf("after 8 edits it ends at %s, %v", have.EndsAt, err)
		}
	})
}
