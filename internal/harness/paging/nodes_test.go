package paging

import (
	"context"
	"testing"
	"time"

	"burnline/internal/harness"
	standin "burnline/internal/harness/pagerduty"
)

// startPagerDuty starts a stand-in that ends with the test.
func startPagerDuty(t *testing.T) *standin.Server {
	t.Helper()
	pd := standin.New(standin.Options{Rate: -1})
	if err := pd.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pd.Close(); err != nil {
			t.Error(err)
		}
	})
	return pd
}

func TestTwoNodesOnOnePostgreSQLDeliverEachPageOnce(t *testing.T) {
	pd := startPagerDuty(t)
	r := role{DSN: server.Database(t), Stories: stories, Round: "n", URL: pd.URL(), Slow: true}
	first, second := r.start(t), r.start(t)
	for _, node := range []interface{ Wait() error }{first, second} {
		if err := node.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	triggers, resolves := map[string]int{}, map[string]int{}
	for _, e := range pd.Events() {
		switch e.Event.EventAction {
		case "trigger":
			triggers[e.Event.DedupKey]++
		case "resolve":
			resolves[e.Event.DedupKey]++
		}
	}
	for n := range stories {
		key := r.step("opened", n).Incident.Key
		if triggers[key] != 1 || resolves[key] != 1 {
			t.Errorf("%s was triggered %d times and resolved %d times, want once each", key, triggers[key], resolves[key])
		}
	}
}

// The times are those of production, so this takes as long as a takeover.
func TestADeadNodesWorkIsTakenOverWithinTenSeconds(t *testing.T) {
	pd := startPagerDuty(t)
	pd.Script(standin.Fault{Hang: true})
	r := role{DSN: server.Database(t), Stories: 1, Whole: true, Round: "d", URL: pd.URL(), Slow: true}
	first := r.start(t)
	if !pd.Wait(20*time.Second, func(s *standin.Server) bool { return len(s.Requests()) > 0 }) {
		t.Fatal("the first node sends nothing")
	}
	second := r.start(t)
	killed := time.Now()
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // it was killed
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := harness.Poll(ctx, 5*time.Millisecond, func() (bool, error) { return len(pd.Incidents()) > 0, nil })
	took := time.Since(killed)
	if err != nil || took > 10*time.Second {
		t.Errorf("the other node took over after %s, want 10 s at most; %v", took, err)
	}
	t.Logf("the other node told the incident %s after the first one was killed in the middle of its send", took.Round(100*time.Millisecond))
	if err := second.Wait(); err != nil {
		t.Fatal(err)
	}
	if in := pd.Incidents(); len(in) != 1 || in[0].Status != standin.Resolved {
		t.Errorf("PagerDuty has %+v, want one incident that is over", in)
	}
}
