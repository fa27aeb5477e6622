package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// sink takes every message.
type sink struct{ sent chan string }

// Send implements alerting.Sender.
func (s sink) Send(_ context.Context, row alerting.Row) alerting.Result {
	s.sent <- row.Key
	return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: "202"}
}

// Destination implements alerting.Sender.
func (s sink) Destination() alerting.Destination { return alerting.Destination{Name: "sink"} }

// limitPages lets the file grow no further than its pages and some more; less than 0
// takes the limit away.
func limitPages(t *testing.T, s *Store, more int) {
	t.Helper()
	var pages int
	if err := s.writes.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if pages += more; more < 0 {
		pages = 1 << 30
	}
	if _, err := s.writes.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

// The disk fills up under incidents, the state says so, somebody frees room, and the page
// that could not be kept leaves without further help.
func TestAFullDiskIsTroubleThatEndsWithRoom(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		out := sink{make(chan string, 1000)}
		deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{Store: s, Now: time.Now,
			Senders: func(string, string) (alerting.Sender, bool) { return out, true }})
		if err != nil {
			t.Fatal(err)
		}
		router, err := alerting.NewRouter(alerting.Options{Store: s, Now: time.Now, Wake: deliverer.Wake,
			Config: alerting.Config{Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		open := func(n int) error {
			return router.Commit(t.Context(), slo.Transition{Kind: slo.IncidentOpened, At: time.Now(), Since: slo.Counts{Total: 1},
				Incident: slo.Incident{Key: fmt.Sprintf("k%d", n), SLO: fmt.Sprintf("a/%d", n), Severity: slo.Page, Opened: time.Now(), Number: 1}})
		}
		limitPages(t, s, 10)
		kept := 0
		for err = error(nil); err == nil && kept < 1000; kept++ {
			err = open(kept)
		}
		kept--
		if err == nil || !strings.Contains(err.Error(), "is full; free space") {
			t.Fatalf("after %d incidents the disk is full: %v", kept, err)
		}
		if trouble := s.Trouble(); trouble == nil || !strings.Contains(trouble.Error(), "is full; free space") {
			t.Errorf("the trouble is %v", trouble)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- deliverer.Run(ctx) }()
		synctest.Wait()
		limitPages(t, s, -1) // somebody frees room
		if err := open(kept); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		timer := time.NewTimer(recently + time.Minute)
		<-timer.C
		synctest.Wait()
		told := map[string]bool{}
		for len(out.sent) > 0 {
			told[<-out.sent] = true
		}
		if len(told) != kept+1 || !told[fmt.Sprintf("k%d", kept)] {
			t.Errorf("%d of %d incidents were told", len(told), kept+1)
		}
		if err := s.Trouble(); err != nil {
			t.Errorf("the trouble goes on: %v", err)
		}
		var sound string
		if err := s.writes.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
			t.Errorf("the database is %q, %v", sound, err)
		}
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
