package state_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// Answers that come at once are written together; one that can't be leaves the others
// alone.
func TestAnswersThatComeAtOnceAreAllRecorded(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		const n = 60
		for i := range n {
			tr := transition(slo.IncidentOpened, fmt.Sprintf("k%d", i), time.Minute)
			tr.Incident.Group = slo.NewLabels("region", fmt.Sprint(i))
			commit(t, s, planned(tr, [2]string{"oncall", "trigger"}))
		}
		claimed, err := s.Claim(t.Context(), alerting.Claim{Limit: n, Lease: time.Minute}, start.Add(time.Hour))
		rows := claimed.Rows
		if err != nil || len(rows) != n {
			t.Fatalf("claimed %d, %v", len(rows), err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		var settling sync.WaitGroup
		errs := make([]error, n)
		for i, row := range rows {
			settling.Go(func() {
				ctx := t.Context()
				if i == 7 {
					ctx = gone
				}
				errs[i] = s.Settle(ctx, row, alerting.Outcome{State: alerting.RowDelivered, Answer: fmt.Sprint(row.ID)}, start.Add(time.Hour))
			})
		}
		settling.Wait()
		for i, err := range errs {
			if (err != nil) && i != 7 {
				t.Errorf("answer %d: %v", i, err)
			}
		}
		for i, row := range rows {
			got := record(t, s, row.Key).Rows[0]
			if i != 7 && (got.State != alerting.RowDelivered || got.Answer != fmt.Sprint(row.ID)) {
				t.Errorf("row %d is %s with %q", row.ID, got.State, got.Answer)
			}
		}
	})
}
