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
			states, err := s.LoadImpact(t.Context(), nil)
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
		if err := s.DropImpact(t.Context(), "", []string{"b", "never there"}); err != nil {
			t.Fatal(err)
		}
		if got := keys(); got != "" {
			t.Errorf("kept are still %s", got)
		}
	})
}

func TestEachNodeKeepsItsOwnCountsOfAnIncident(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		a := transition(slo.IncidentOpened, "a", time.Minute)
		commit(t, s, planned(a))
		save := func(node, body string) {
			t.Helper()
			if err := s.SaveImpact(t.Context(), []impact.State{{Key: "a", Node: node, At: start, Body: []byte(body)}}); err != nil {
				t.Fatal(err)
			}
		}
		expect := func(known func(impact.State) bool, want string) {
			t.Helper()
			states, err := s.LoadImpact(t.Context(), known)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, one := range states {
				got += one.Key + "/" + one.Node + "=" + string(one.Body) + " "
			}
			if got != want {
				t.Errorf("kept is %q, want %q", got, want)
			}
		}
		save("n1", "old")
		save("n2", "other")
		save("n1", "new")
		expect(nil, "a/n1=new a/n2=other ")
		expect(func(s impact.State) bool { return s.Node == "n1" && s.At.Equal(start) }, "a/n1= a/n2=other ")
		if err := s.DropImpact(t.Context(), "n1", []string{"a"}); err != nil {
			t.Fatal(err)
		}
		expect(nil, "a/n2=other ")
		a.Kind, a.At = slo.IncidentClosed, a.At.Add(time.Hour)
		commit(t, s, planned(a))
		expect(nil, "")
	})
}
