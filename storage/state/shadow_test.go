package state_test

import (
	"reflect"
	"testing"
	"time"

	"burnline/alerting/shadow"
	"burnline/slo"
	"burnline/storage/state"
)

func TestPagesOfTheOldAlertmanagerAreKeptOncePerAlert(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		page := func(id string, told time.Duration) shadow.Page {
			return shadow.Page{ID: id, Receiver: "ops \x00", Labels: slo.NewLabels("alertname", "Höch\x00"), StartsAt: start, ToldAt: start.Add(told)}
		}
		take := func(pages ...shadow.Page) {
			t.Helper()
			if err := s.TakePages(t.Context(), pages, start.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if heard, err := s.PagesHeard(t.Context()); err != nil || !heard.IsZero() {
			t.Errorf("heard at %v, %v, before anything was", heard, err)
		}
		first, second := page("a", time.Minute), page("b", 2*time.Minute)
		take(first, second)
		take(page("a", time.Hour)) // a repeat
		ended, unheard := page("a", 2*time.Hour), page("never was told", 2*time.Hour)
		ended.EndedAt, unheard.EndedAt = ended.ToldAt, unheard.ToldAt
		take(ended, unheard)
		s = open() // as after a restart
		first.EndedAt = ended.EndedAt
		have, err := s.Pages(t.Context(), start, 10)
		if want := []shadow.Page{second, first}; err != nil || !reflect.DeepEqual(have, want) {
			t.Errorf("kept are %+v, %v\nwant %+v", have, err, want)
		}
		if have, err := s.Pages(t.Context(), start, 1); err != nil || len(have) != 1 {
			t.Errorf("%d of the newest, %v", len(have), err)
		}
		if heard, err := s.PagesHeard(t.Context()); err != nil || !heard.Equal(first.ToldAt) {
			t.Errorf("heard at %v, %v", heard, err)
		}
		if err := s.TakePages(t.Context(), nil, start.Add(90*time.Second)); err != nil {
			t.Fatal(err)
		}
		if have, err := s.Pages(t.Context(), start, 10); err != nil || len(have) != 1 || have[0].ID != "b" {
			t.Errorf("after a while: %+v, %v", have, err)
		}
	})
}
