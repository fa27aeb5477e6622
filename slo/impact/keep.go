package impact

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// Store keeps what is known of open incidents.
type Store interface {
	// SaveImpact keeps it under each incident's key, in place of what was kept before.
	SaveImpact(ctx context.Context, states []State) error
	// LoadImpact returns what is kept of incidents that are open.
	LoadImpact(ctx context.Context) ([]State, error)
	// DropImpact forgets incidents.
	DropImpact(ctx context.Context, keys []string) error
}

// State is what is kept of one open incident.
type State struct {
	// Key is the incident's.
	Key string
	// At is up to when spans were seen.
	At time.Time
	// Body is for this package only.
	Body []byte
}

// How often what is known is kept, and after what time without a question an incident is
// taken for closed.
const (
	saveEvery   = 10 * time.Second
	closedAfter = 10 * time.Minute
)

// Resume takes over what was kept of open incidents. Call it before the first span.
func (t *Tracker) Resume(ctx context.Context) error {
	if t.o.Store == nil {
		return nil
	}
	states, err := t.o.Store.LoadImpact(ctx)
	if err != nil {
		return fmt.Errorf("read whom open incidents hurt: %w", err)
	}
	for _, s := range states {
		id, in, err := decode(s.Body, t.by)
		if err != nil {
			t.o.Logger.Warn("what an incident did before the start can't be read; it is counted anew", "key", s.Key, "error", err)
			continue
		}
		in.asked = t.o.Now()
		t.watch(id).open[s.Key] = in
	}
	return nil
}

// Run keeps what is known of open incidents and forgets what is old, until ctx ends.
func (t *Tracker) Run(ctx context.Context) error {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveEvery/5)
			defer cancel()
			t.save(last, true)
			return nil
		case <-tick.C:
			t.forget(ctx, t.o.Now())
			t.save(ctx, false)
		}
	}
}

// save keeps every open incident that has new events; of a clean end all of them.
func (t *Tracker) save(ctx context.Context, ends bool) {
	if t.o.Store == nil {
		return
	}
	now := t.o.Now()
	var states []State
	for id, w := range t.all() {
		w.mu.Lock()
		for key, in := range w.open {
			if !ends && in.total == in.saved {
				continue
			}
			body, err := in.encode(id, ends)
			if err == nil {
				states = append(states, State{Key: key, At: now, Body: body})
				in.saved = in.total
			}
		}
		w.mu.Unlock()
	}
	if len(states) == 0 {
		return
	}
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
				in.free(t.by.pool)
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
	if err := t.o.Store.DropImpact(ctx, closed); err != nil {
		t.o.Logger.Warn("whom closed incidents hurt was not forgotten", "error", err)
	}
}

// all are the SLOs that are watched, by ID.
func (t *Tracker) all() map[string]*watched {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return maps.Clone(t.slos)
}
