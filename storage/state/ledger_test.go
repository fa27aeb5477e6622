package state_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

func TestTheLedgerFiltersNewestFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		// i0 … i4 open an hour apart, even ones close half an hour later.
		for i := range 5 {
			at := time.Duration(i) * time.Hour
			tr := transition(slo.IncidentOpened, fmt.Sprintf("i%d", i), at)
			tr.Incident.SLO, tr.Incident.Opened = fmt.Sprintf("slo/%d", i), start.Add(at)
			if i == 1 {
				tr.Incident.Severity = slo.Ticket
			}
			commit(t, s, planned(tr, [2]string{"oncall", "trigger"}))
			if i%2 == 0 {
				end := tr
				end.Kind, end.At = slo.IncidentClosed, start.Add(at+30*time.Minute)
				end.Incident.Closed = end.At
				commit(t, s, planned(end, [2]string{"oncall", "resolve"}))
			}
		}
		for _, c := range []struct {
			name   string
			filter alerting.Filter
			want   []string
		}{
			{"all", alerting.Filter{}, []string{"i4", "i3", "i2", "i1", "i0"}},
			{"a limit keeps the newest", alerting.Filter{Limit: 2}, []string{"i4", "i3"}},
			{"open ones", alerting.Filter{OnlyOpen: true}, []string{"i3", "i1"}},
			{"open tickets", alerting.Filter{OnlyOpen: true, Severity: slo.Ticket}, []string{"i1"}},
			{"open pages", alerting.Filter{OnlyOpen: true, Severity: slo.Page}, []string{"i3"}},
			{"of one SLO", alerting.Filter{SLO: "slo/2"}, []string{"i2"}},
			{"open at some moment from two hours on", alerting.Filter{From: start.Add(2 * time.Hour)}, []string{"i4", "i3", "i2", "i1"}},
			{"open at some moment before one hour", alerting.Filter{To: start.Add(time.Hour)}, []string{"i0"}},
			{"open between", alerting.Filter{From: start.Add(3 * time.Hour), To: start.Add(4 * time.Hour)}, []string{"i3", "i1"}},
			{"none", alerting.Filter{SLO: "slo/9"}, []string{}},
		} {
			records, err := s.Incidents(t.Context(), c.filter)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			got := []string{}
			for _, r := range records {
				got = append(got, r.Incident.Key)
				if want := 1 + r.Incident.Closed.Compare(time.Time{}); len(r.Rows) != want || len(r.Transitions) != want {
					t.Errorf("%s: %s has %d rows and %d steps, want %d", c.name, r.Incident.Key, len(r.Rows), len(r.Transitions), want)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
		}
		if _, ok, err := s.Incident(t.Context(), "unknown"); ok || err != nil {
			t.Errorf("an unknown key: found %v, %v", ok, err)
		}
	})
}

func TestToldLeavesOutWhatNobodyCouldBeToldOf(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for i, kind := range []slo.TransitionKind{slo.IncidentOpened, slo.IncidentRecorded, slo.IncidentOpened, slo.IncidentOpened} {
			at := time.Duration(i) * time.Hour
			tr := transition(kind, fmt.Sprintf("i%d", i), at)
			tr.Incident.SLO, tr.Incident.Opened = fmt.Sprintf("slo/%d", i), start.Add(at)
			if kind == slo.IncidentRecorded {
				tr.Incident.Closed = start.Add(9 * time.Hour)
			}
			commit(t, s, planned(tr))
			if i == 0 || i == 2 {
				end := tr
				end.Kind, end.At = slo.IncidentClosed, start.Add(at+30*time.Minute)
				end.Incident.Closed = end.At
				commit(t, s, planned(end))
			}
		}
		records, err := s.Told(t.Context(), start.Add(2*time.Hour))
		var got []string
		for _, r := range records {
			got = append(got, r.Incident.Key)
		}
		if err != nil || !slices.Equal(got, []string{"i3", "i2"}) {
			t.Errorf("got %v, %v; want the open one and the one that closed since", got, err)
		}
	})
}
