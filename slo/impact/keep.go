package impact

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Store keeps what is known of open incidents.
type Store interface {
	// SaveImpact keeps it under each incident's key and node, in place of what was kept before.
	SaveImpact(ctx context.Context, states []State) error
	// LoadImpact returns what all nodes kept of incidents that are open; without the Body
	// where known, which may be nil, says so of the rest.
	LoadImpact(ctx context.Context, known func(State) bool) ([]State, error)
	// DropImpact forgets what a node kept of incidents.
	DropImpact(ctx context.Context, node string, keys []string) error
}

// State is what one node kept of one open incident.
type State struct {
	// Key is the incident's, and Node the name of the node that counted.
	Key, Node string
	// At is up to when spans were seen.
	At time.Time
	// Body is for this package only.
	Body []byte
}

// How often what is known is kept, and what other nodes kept is read, and after what time without a question an incident is
// taken for closed.
const (
	saveEvery   = 10 * time.Second
	readEvery   = 5 * time.Second
	closedAfter = 10 * time.Minute
)

// Resume takes over what was kept of open incidents. Call it before the first span.
func (t *Tracker) Resume(ctx context.Context) error {
	if t.o.Store == nil {
		return nil
	}
	states, err := t.o.Store.LoadImpact(ctx, nil)
	if err != nil {
		return fmt.Errorf("read whom open incidents hurt: %w", err)
	}
	for _, s := range states {
		if s.Node != t.o.Node {
			t.hear(s)
			continue
		}
		id, in, err := decode(s.Body, t.by)
		if err != nil {
			t.o.Logger.Warn("what an incident did before the start can't be read; it is counted anew", "key", s.Key, "error", err)
			continue
		}
		in.asked = t.o.Now()
		in.gap = in.gap || in.cut
		w := t.watch(id)
		if before := w.open[s.Key]; before != nil { // another node's row came first, and nothing was counted yet
			in.others = before.others
		}
		w.open[s.Key] = in
	}
	return nil
}

// Run keeps what is known of open incidents and forgets what is old, until ctx ends.
func (t *Tracker) Run(ctx context.Context) error {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	var read <-chan time.Time
	if t.o.Node != "" && t.o.Store != nil {
		often := time.NewTicker(readEvery)
		defer often.Stop()
		read = often.C
	}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveEvery/5)
			defer cancel()
			t.save(last, true)
			return nil
		case <-read:
			t.listen(ctx)
		case <-tick.C:
			t.forget(ctx, t.o.Now())
			t.save(ctx, false)
		}
	}
}

// save keeps every open incident that has new events; of a clean end all of them. Other nodes
// see by what is kept again that this one lives.
func (t *Tracker) save(ctx context.Context, ends bool) {
	if t.o.Store == nil {
		return
	}
	now := t.o.Now()
	var states []State
	for id, w := range t.all() {
		w.mu.Lock()
		for key, in := range w.open {
			quiet := t.o.Node == "" || now.Sub(in.savedAt) < goneAfter/2
			if !ends && in.total == in.saved && quiet {
				continue
			}
			body, err := in.encode(id, ends)
			if err == nil {
				states = append(states, State{Key: key, Node: t.o.Node, At: now, Body: body})
				in.saved, in.savedAt = in.total, now
			}
		}
		w.mu.Unlock()
	}
	if len(states) == 0 {
		return
	}
	slices.SortFunc(states, func(a, b State) int { return cmp.Compare(a.Key, b.Key) }) // all nodes lock in one order
	if err := t.o.Store.SaveImpact(ctx, states); err != nil {
		t.o.Logger.Warn("whom open incidents hurt was not kept; it is tried again", "error", err)
	}
}

// forget makes minutes of short pieces, drops what is too old, and incidents that nobody has asked for.
func (t *Tracker) forget(ctx context.Context, now time.Time) {
	var closed []string
	incidents, series, gone := 0, 0, 0
	for _, w := range t.all() {
		w.mu.Lock()
		for key, in := range w.open {
			if now.Sub(in.asked) > closedAfter {
				in.release(t.by.pool)
				delete(w.open, key)
				closed = append(closed, key)
			}
		}
		for key, g := range w.groups {
			if w.age(g, t.by, now.Unix()); len(g.fine)+len(g.coarse) == 0 {
				delete(w.groups, key)
				gone++
			}
		}
		incidents, series = incidents+len(w.open), series+len(w.groups)
		w.mu.Unlock()
	}
	t.metrics.followed.WithLabelValues("incidents").Set(float64(incidents))
	t.metrics.followed.WithLabelValues("series").Set(float64(series))
	t.mu.Lock()
	t.series -= gone
	t.mu.Unlock()
	if t.o.Store == nil || len(closed) == 0 {
		return
	}
	if err := t.o.Store.DropImpact(ctx, t.o.Node, closed); err != nil {
		t.o.Logger.Warn("whom closed incidents hurt was not forgotten", "error", err)
	}
}

// all are the SLOs that are watched, by ID.
func (t *Tracker) all() map[string]*watched {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return maps.Clone(t.slos)
}
