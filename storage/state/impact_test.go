package state_test

import (
	"bytes"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/impact"
	"burnline/storage/state"
)

func TestWhatIsKnownOfOpenIncidentsIsKeptUntilTheyClose(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		keys := func() (all string) {
			t.Helper()
			states, err := s.LoadImpact(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range states {
				all += one.Key + " "
				if !bytes.Equal(one.Body, []byte("\x00\xffnew")) || !one.At.Equal(start) {
					t.Errorf("kept of %s is %q of %s", one.Key, one.Body, one.At)
				}
			}
			return all
		}
		a, b := transition(slo.IncidentOpened, "a", time.Minute), transition(slo.IncidentOpened, "b", time.Minute)
		b.Incident.Group = slo.NewLabels("region", "us")
		commit(t, s, planned(a))
		commit(t, s, planned(b))
		for _, body := range []string{"old", "\x00\xffnew"} {
			err := s.SaveImpact(t.Context(), []impact.State{
				{Key: "a", At: start, Body: []byte(body)}, {Key: "b", At: start, Body: []byte(body)}, {Key: "never opened", At: start, Body: []byte(body)}})
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := keys(); got != "a b " {
			t.Errorf("kept are %s, want a and b", got)
		}
		a.Kind, a.At = slo.IncidentClosed, a.At.Add(time.Hour)
		commit(t, s, planned(a))
		if got := keys(); got != "b " {
			t.Errorf("after a closed, kept are %s, want b", got)
		}
		if err := s.DropImpact(t.Context(), []string{"b", "never there"}); err != nil {
			t.Fatal(err)
		}
		if got := keys(); got != "" {
			t.Errorf("kept are still %s", got)
		}
	})
}
