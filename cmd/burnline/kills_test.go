package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/postgres"
)

// killsWanted is how often a server is killed: as killsEnv says, else so often.
func killsWanted(t *testing.T, without int) int {
	t.Helper()
	text := os.Getenv(killsEnv)
	if text == "" {
		return without
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q: write a number", killsEnv, text)
	}
	return n
}

// watchers is how many SLOs watch the customers of a load.
const watchers = 3

// writeSLOs writes them: the same promise, judged over windows of their own, for a server with this configuration.
func (s *story) writeSLOs(more ...string) {
	for n := range watchers {
		text := strings.Replace(promise(more...), "name: availability", fmt.Sprintf("name: availability-%d", n), 1)
		s.write(fmt.Sprintf("slos/shop-%d.yaml", n), strings.Replace(text, "long: 10s", fmt.Sprintf("long: %ds", 10+2*n), 1))
	}
}

// TestKillsUnderLoadLoseNoPageAndMakeNoSecondIncident kills the server at random moments, some of them
// while it starts, while alerts and outages of SLOs begin and end and PagerDuty fails now and then and holds
// to its limit by the minute.
func TestKillsUnderLoadLoseNoPageAndMakeNoSecondIncident(t *testing.T) {
	t.Parallel()
	kills := killsWanted(t, 8)
	database := postgres.Run(t)
	var both sync.WaitGroup
	for engine, more := range map[string]string{"SQLite": "", "PostgreSQL": fmt.Sprintf("state: {dsn: %q}", database.Database(t))} {
		both.Go(func() { t.Run(engine, func(t *testing.T) { underLoad(t, kills, more) }) })
	}
	both.Wait()
}

// underLoad kills a server so many times.
func underLoad(t *testing.T, kills int, more string) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	s := newPlace(t, pagerduty.Options{Keys: loadKeys()})
	for range 200 { // answers get lost as well
		s.stand.Script(pagerduty.Fault{}, pagerduty.Fault{Cut: true, Accept: true}, pagerduty.Fault{}, pagerduty.Fault{}, pagerduty.Fault{Status: 500},
			pagerduty.Fault{}, pagerduty.Fault{Cut: true}, pagerduty.Fault{}, pagerduty.Fault{}, pagerduty.Fault{})
	}
	s.writeSLOs()
	s.configure(loadRouting(listen(t, s.stand)+pagerduty.Path, "Burnline"), more)
	s.start()
	s.serveCustomers()
	l := &load{to: []*story{s}, random: rand.New(rand.NewPCG(seed, 1))}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ran, stop, outages := make(chan struct{}), make(chan struct{}), make(chan int, 1)
	go func() { defer close(ran); l.run(ctx, 500*time.Millisecond) }()
	go func() { outages <- s.outages(stop, watchers) }()

	began := time.Now()
	for n := range kills {
		if n%100 == 50 {
			l.begin(150, 0) // more than the limit of the lane lets through in a minute
		}
		wait := time.NewTimer(100*time.Millisecond + time.Duration(random.Int64N(int64(2900*time.Millisecond))))
		<-wait.C
		s.server.Kill()
		if err := s.server.Start(); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	if err := s.server.WaitReady(s.soon()); err != nil {
		t.Fatal(err)
	}
	close(stop)
	times := <-outages
	l.finish(t, ran)
	s.drained()
	f, want := l.count(s.stand), times*watchers
	got := s.sloIncidents()
	t.Logf("seed %d: %d kills in %s; %s; %d outages of %d SLOs made %d incidents", seed, kills, took.Round(time.Second), f, times, watchers, got)
	if f.lost+f.extra+f.open > 0 || got != want {
		t.Errorf("want nothing lost, extra or open, and %d incidents of SLOs", want)
	}
}

// drained waits until nothing is left to be sent.
func (s *story) drained() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Minute)
	defer cancel()
	err := harness.Poll(ctx, 200*time.Millisecond, func() (bool, error) {
		open, _ := s.incidents()
		return open == 0 && s.metric("burnline_outbox_pending_rows") == 0, nil
	})
	if err != nil {
		open, all := s.incidents()
		s.t.Errorf("after 10 minutes %d of %d incidents are open and %g messages wait", open, all, s.metric("burnline_outbox_pending_rows"))
	}
}
