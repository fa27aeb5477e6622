package state_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/storage/state"
)

// posted is a post for customers, so long after start.
func posted(id string, after time.Duration) alerting.StatusPost {
	return alerting.StatusPost{ID: id, At: start.Add(after), Title: "Cards", Text: "Some cards are \x00 refused.\nWe know it.", Journeys: []string{"Paying"}, By: "ada"}
}

// post keeps one that is new.
func post(t *testing.T, s *state.Spooled, p alerting.StatusPost) {
	t.Helper()
	err := s.EditStatusPost(t.Context(), p.ID, func(old *alerting.StatusPost) (alerting.StatusPost, error) {
		if old != nil {
			return alerting.StatusPost{}, fmt.Errorf("%s is there before: %+v", p.ID, old)
		}
		return p, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPostsForCustomersAreKeptTheNewestFirst(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for i, id := range []string{"b", "c", "a"} {
			post(t, s, posted(id, time.Duration(i%2)*time.Hour))
		}
		s = open() // as after a restart
		for _, c := range []struct {
			name  string
			since time.Time
			want  string
		}{
			{"all", time.Time{}, "cab"}, {"the moment of one is not after it", start, "c"}, {"after all of them", start.Add(time.Hour), ""},
		} {
			all, err := s.StatusPosts(t.Context(), c.since)
			have := ""
			for _, p := range all {
				have += p.ID
			}
			if have != c.want || err != nil {
				t.Errorf("%s: %s, %v; want %s", c.name, have, err, c.want)
			}
			if len(all) > 0 && !reflect.DeepEqual(all[0], posted("c", time.Hour)) {
				t.Errorf("%s: it is read as %+v", c.name, all[0])
			}
		}
	})
}

func TestAPostThatIsTakenBackStaysAndSaysWhoDidIt(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		post(t, s, posted("a", 0))
		no := errors.New("no")
		want := posted("a", 0)
		want.Removed, want.RemovedBy = start.Add(time.Minute), "grace"
		for _, refused := range []error{no, nil} {
			err := s.EditStatusPost(t.Context(), "a", func(old *alerting.StatusPost) (alerting.StatusPost, error) {
				if old == nil || !reflect.DeepEqual(*old, posted("a", 0)) {
					t.Errorf("to edit is %+v; a refused edit changes nothing", old)
				}
				return want, refused
			})
			if !errors.Is(err, refused) {
				t.Errorf("%v, want %v", err, refused)
			}
		}
		if all, err := open().StatusPosts(t.Context(), time.Time{}); err != nil || len(all) != 1 || !reflect.DeepEqual(all[0], want) {
			t.Errorf("there are %+v, %v", all, err)
		}
	})
}

// Two people who take a post back at once don't both do it: each sees what the other left.
func TestTwoWhoEditOnePostSeeEachOther(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		post(t, s, posted("a", 0))
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				errs[i] = s.EditStatusPost(t.Context(), "a", func(old *alerting.StatusPost) (alerting.StatusPost, error) {
					next := *old
					next.Journeys = append(append([]string(nil), old.Journeys...), fmt.Sprint(i))
					return next, nil
				})
			})
		}
		all.Wait()
		got, err := s.StatusPosts(t.Context(), time.Time{})
		if err := errors.Join(append(errs, err)...); err != nil || len(got) != 1 || len(got[0].Journeys) != 1+len(errs) {
			t.Errorf("after %d edits it is %+v, %v", len(errs), got, err)
		}
	})
}
