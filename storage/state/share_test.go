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

// Each sender of a batch is answered for its own: one that gave up harms no other.
func TestBatchesThatComeAtOnceAreAllStored(t *testing.T) {
	everywhere(t, func(t *testing.T, open func() *state.Spooled) {
		s, after := open(), time.Minute
		r := node(t, s, &after)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		const senders, each = 12, 20
		var sending sync.WaitGroup
		errs := make([]error, senders)
		for i := range senders {
			sending.Go(func() {
				ctx := t.Context()
				if i == 5 {
					ctx = gone
				}
				var all []slo.Alert
				for j := range each {
					all = append(all, slo.Alert{Origin: alerting.OriginAPI, Labels: slo.NewLabels("alertname", fmt.Sprint("A", j), "host", fmt.Sprint(i))})
				}
				errs[i] = r.Alerts(ctx, all)
			})
		}
		sending.Wait()
		for i, err := range errs {
			if (err != nil) != (i == 5) {
				t.Errorf("batch %d: %v", i, err)
			}
		}
		stored, err := s.FiringAlerts(t.Context(), "", 0, senders*each)
		if err != nil || len(stored) != (senders-1)*each {
			t.Errorf("%d alerts are stored, %v; want %d", len(stored), err, (senders-1)*each)
		}
		if n := len(openKeys(t, s)); n != each {
			t.Errorf("%d incidents are open, want %d", n, each)
		}
	})
}
