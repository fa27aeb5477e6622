package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/backends"
	"burnline/internal/harness/pagerduty"
)

// mostTakeover is how long what a dead node was sending may wait for another one.
const mostTakeover = 10 * time.Second

// TestADeadNodesPagesAreTakenOverUnderLoad runs two nodes on one PostgreSQL and one metric backend, and kills one
// after the other in the middle of its sends while alerts and outages of SLOs begin and end.
func TestADeadNodesPagesAreTakenOverUnderLoad(t *testing.T) {
	t.Parallel()
	kills := min(killsWanted(t, 2), 30)
	seed := rand.Uint64()
	backend := backends.Run(t, backends.VictoriaMetrics)
	stores := fmt.Sprintf("state: {dsn: %q}\nmetrics: {remote: {write_url: %q, query_url: %q}}\n",
		startPostgres(t).Database(t), backend.WriteURL, backend.QueryURL)
	first := newPlace(t, pagerduty.Options{Keys: loadKeys()})
	second := newPlace(t, pagerduty.Options{})
	second.stand = first.stand
	nodes := []*story{first, second}
	gate := &gate{next: first.stand}
	url := listen(t, gate) + pagerduty.Path
	for i, node := range nodes {
		node.writeSLOs()
		node.configure(loadRouting(url, nodeName(i)), stores)
		node.start()
	}
	first.serveCustomers()
	l := &load{to: nodes, random: rand.New(rand.NewPCG(seed, 1))}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ran, stop, outages := make(chan struct{}), make(chan struct{}), make(chan int, 1)
	go func() { defer close(ran); l.run(ctx, 400*time.Millisecond) }()
	go func() { outages <- first.outages(stop, watchers) }()

	var slowest time.Duration
	taken := 0
	for n := range kills {
		i := n % len(nodes)
		held := gate.hold(t, nodeName(i), 2)
		nodes[i].server.Kill()
		died := time.Now()
		gate.open()
		for _, e := range held {
			at, ok := accepted(first.stand, e, died)
			if !ok {
				t.Errorf("kill %d: nobody sent %s of %s again", n, e.EventAction, e.Payload.Summary)
				continue
			}
			taken++
			slowest = max(slowest, at.Sub(died))
		}
		nodes[i].start()
	}
	close(stop)
	times := <-outages
	l.finish(t, ran)
	first.drained()
	f, want := l.count(first.stand), times*watchers
	got := first.sloIncidents()
	t.Logf("seed %d: %d kills; %d messages that a dead node was sending were taken over, the slowest %s after the kill; %s; %d outages of %d SLOs made %d incidents",
		seed, kills, taken, slowest.Round(100*time.Millisecond), f, times, watchers, got)
	if f.lost+f.extra+f.open > 0 || got != want || slowest > mostTakeover {
		t.Errorf("want nothing lost, extra or open, %d incidents of SLOs, and at most %s", want, mostTakeover)
	}
}

// nodeName is what a node calls itself to PagerDuty.
func nodeName(i int) string { return fmt.Sprintf("node%d", i) }

// accepted waits until the stand-in takes an event after a moment, and returns when.
func accepted(stand *pagerduty.Server, e pagerduty.Event, since time.Time) (at time.Time, ok bool) {
	ok = stand.Wait(30*time.Second, func(s *pagerduty.Server) bool {
		all := s.Events()
		i := slices.IndexFunc(all, func(a pagerduty.Accepted) bool {
			return a.At.After(since) && a.Event.DedupKey == e.DedupKey && a.Event.EventAction == e.EventAction
		})
		if i >= 0 {
			at = all[i].At
		}
		return i >= 0
	})
	return at, ok
}

// gate stands before the stand-in and can hold the requests of one node.
type gate struct {
	next http.Handler

	mu     sync.Mutex
	holds  string // the node
	held   []pagerduty.Event
	opened chan struct{}
}

// hold holds what a node sends from now on, and returns once n requests are.
func (g *gate) hold(t *testing.T, node string, n int) (held []pagerduty.Event) {
	t.Helper()
	g.mu.Lock()
	g.holds, g.held, g.opened = node, nil, make(chan struct{})
	g.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := harness.Poll(ctx, 5*time.Millisecond, func() (bool, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		held = slices.Clone(g.held)
		return len(held) >= n, nil
	})
	if err != nil {
		t.Fatalf("%s sent %d messages in a minute", node, len(held))
	}
	return held
}

// open lets everything through again.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds = ""
	close(g.opened)
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, body := readEvent(r)
	g.mu.Lock()
	holds, opened := g.holds != "" && e.Client == g.holds, g.opened
	if holds {
		g.held = append(g.held, e)
	}
	g.mu.Unlock()
	if holds {
		select {
		case <-r.Context().Done():
		case <-opened:
		}
		panic(http.ErrAbortHandler) // what was held is never taken
	}
	r.Body = body
	g.next.ServeHTTP(w, r)
}

// readEvent reads an event and returns a body that can be read once more.
func readEvent(r *http.Request) (e pagerduty.Event, again io.ReadCloser) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		_ = json.Unmarshal(body, &e) // the stand-in says what is wrong
	}
	return e, io.NopCloser(bytes.NewReader(body))
}
