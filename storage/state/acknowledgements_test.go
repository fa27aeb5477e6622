package state_test

import (
	"fmt"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// What is told under one ID is kept once, with the incident's record, and tells another node that there is news.
func TestAnAcknowledgementIsKeptOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		commit(t, s, planned(transition(slo.IncidentOpened, "k1", time.Minute), [2]string{"oncall", "trigger"}))
		before, err := s.OpenMark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ack := alerting.Acknowledgement{Kind: alerting.AckTaken, By: "ada\x00", Via: "pagerduty", At: start.Add(2 * time.Minute)}
		seen := ""
		revise := func(once string, at time.Duration) {
			t.Helper()
			_, err := s.Revise(t.Context(), alerting.Revision{Keys: []string{"k1", "unknown"}, Once: once, Plan: func(open []alerting.Standing) []alerting.Plan {
				seen += fmt.Sprintf("%d open, %d acknowledgements; ", len(open), len(open[0].Acks))
				return []alerting.Plan{{Acks: []alerting.Acknowledgement{ack}}}
			}}, start.Add(at))
			if err != nil {
				t.Fatal(err)
			}
		}
		revise("webhook 1", 3*time.Minute)
		revise("webhook 1", 4*time.Minute)
		if want := "1 open, 0 acknowledgements; "; seen != want {
			t.Errorf("the plans saw %q, want %q", seen, want)
		}
		if after, err := s.OpenMark(t.Context()); err != nil || after.Count != before.Count || after.Sum != before.Sum+alerting.MarkAck {
			t.Errorf("the mark went from %+v to %+v, %v", before, after, err)
		}
		record, _, err := s.Incident(t.Context(), "k1")
		if err != nil || len(record.Acks) != 1 || record.Acks[0].By != "ada\uFFFD" || !record.Acks[0].At.Equal(ack.At) {
			t.Errorf("kept are %+v, %v", record.Acks, err)
		}
		revise("webhook 1", 9*24*time.Hour) // forgotten by then
		if want := "1 open, 0 acknowledgements; 1 open, 1 acknowledgements; "; seen != want {
			t.Errorf("the plans saw %q, want %q", seen, want)
		}
	})
}
