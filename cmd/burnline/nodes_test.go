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
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/internal/harness/backends"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/patience"
	"burnline/internal/harness/postgres"
)

// TestADeadNodesPagesAreTakenOverUnderLoad runs two nodes on one PostgreSQL and one metric backend, and kills one
// after the other in the middle of its sends while alerts and outages of SLOs begin and end.
func TestADeadNodesPagesAreTakenOverUnderLoad(t *testing.T) {
	t.Parallel()
	kills := min(killsWanted(t, 2), 30)
	seed := rand.Uint64()
	backend := backends.Run(t, backends.VictoriaMetrics)
	stores := fmt.Sprintf("state: {dsn: %q}\nmetrics: {remote: {write_url: %q, query_url: %q}}\n",
		postgres.Run(t).Database(t), backend.WriteURL, backend.QueryURL)
	first := newPlace(t, pagerduty.Options{Keys: loadKeys()})
	second := newPlace(t, pagerduty.Options{})
	second.stand = first.stand
	nodes := []*story{first, second}
	gate := &gate{next: first.stand}
	url := listen(t, gate) + pagerduty.Path
	for i, node := range nodes {
		node.writeSLOs(stores)
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
			at, ok := accepted(first.stand, e)
			switch {
			case !ok:
				t.Errorf("kill %d: nobody sent %s of %s again", n, e.EventAction, e.Payload.Summary)
			case at.After(died):
				taken++
				slowest = max(slowest, at.Sub(died))
			} // else it was held for so long that the other node had sent it before the kill
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
	extra := f.extra
	if slices.ContainsFunc(nodes, func(n *story) bool { return strings.Contains(n.server.Output(), "PostgreSQL is away") }) {
		extra = 0 // on a machine too busy for PostgreSQL to answer within seconds both nodes tell of a group, as docs/paging.md says
	}
	if f.lost+extra+f.open > 0 || got != want {
		t.Errorf("want nothing lost, extra or open, and %d incidents of SLOs", want)
	}
}

// nodeName is what a node calls itself to PagerDuty.
func nodeName(i int) string { return fmt.Sprintf("node%d", i) }

// accepted waits until the stand-in takes an event that was held, and returns when.
func accepted(stand *pagerduty.Server, e heldEvent) (at time.Time, ok bool) {
	ok = stand.Wait(patience.Limit, func(s *pagerduty.Server) bool {
		all := s.Events()
		i := slices.IndexFunc(all, func(a pagerduty.Accepted) bool {
			return a.At.After(e.at) && a.Event.DedupKey == e.DedupKey && a.Event.EventAction == e.EventAction
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
	held   []heldEvent
	opened chan struct{}
}

// heldEvent is an event and when it came to the gate.
type heldEvent struct {
	pagerduty.Event
	at time.Time
}

// hold holds what a node sends from now on, and returns once n requests are.
func (g *gate) hold(t *testing.T, node string, n int) (held []heldEvent) {
	t.Helper()
	g.mu.Lock()
	g.holds, g.held, g.opened = node, nil, make(chan struct{})
	g.mu.Unlock()
	patience.Until(t, fmt.Sprintf("%s sends %d messages", node, n), func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		held = slices.Clone(g.held)
		return len(held) >= n
	})
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
		g.held = append(g.held, heldEvent{e, time.Now()})
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
