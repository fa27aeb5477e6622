package impact

import (
	"context"
	"maps"
	"slices"
	"time"
)

// goneAfter is after what time without news a node is taken for gone, so that what it counted last
// may be missing.
const goneAfter = time.Minute

// other is what another node kept of an incident.
type other struct {
	*incident
	// at is the time that it wrote, by its own clock, and heard when that was new here.
	at, heard time.Time
}

// whole is what all nodes counted of an incident together.
type whole struct {
	*totals
	// partial is true where it counts less than all.
	partial bool
	// merged is true where the totals are a copy that has to be given back.
	merged bool
}

// together adds up what this node and the others counted. The caller holds the SLO's mu, and
// frees it.
func (in *incident) together(by tally, now time.Time) whole {
	if len(in.others) == 0 {
		return whole{totals: &in.totals, partial: in.partial()}
	}
	all := whole{totals: &totals{}, partial: in.partial(), merged: true}
	all.merge(&in.totals, by)
	for _, node := range slices.Sorted(maps.Keys(in.others)) {
		o := in.others[node]
		all.merge(&o.totals, by)
		all.partial = all.partial || o.partial() || o.cut && now.Sub(o.heard) >= goneAfter
	}
	all.partial = all.partial || all.hurt.full || all.seen.full
	return all
}

// free gives back what only this answer needed.
func (w whole) free(pool *sketchPool) {
	if w.merged {
		w.totals.free(pool)
	}
}

// release gives back all sketches of an incident that is no longer followed.
func (in *incident) release(pool *sketchPool) {
	in.free(pool)
	for _, o := range in.others {
		o.free(pool)
	}
}

// listen takes over what other nodes have kept since it listened last. Whatever is kept is of an
// incident that is open, so it is followed here too, also where nobody has asked for it.
func (t *Tracker) listen(ctx context.Context) {
	heard, now := t.heard(), t.o.Now()
	states, err := t.o.Store.LoadImpact(ctx, func(s State) bool {
		return s.Node == t.o.Node || heard[s.name()].Equal(s.At)
	})
	if err != nil {
		if ctx.Err() == nil {
			t.o.Logger.Warn("whom incidents hurt at other nodes was not read; it is tried again", "error", err)
		}
		return
	}
	open := map[string]bool{}
	for _, s := range states {
		open[s.Key] = true
		if len(s.Body) > 0 {
			t.hear(s)
		}
	}
	for _, w := range t.all() {
		w.mu.Lock()
		for key, in := range w.open {
			if open[key] {
				in.asked = now
			}
		}
		w.mu.Unlock()
	}
}

// name tells the states of all incidents and nodes apart.
func (s State) name() [2]string { return [2]string{s.Key, s.Node} }

// heard is when other nodes wrote what is known of them here.
func (t *Tracker) heard() map[[2]string]time.Time {
	all := map[[2]string]time.Time{}
	for _, w := range t.all() {
		w.mu.Lock()
		for key, in := range w.open {
			for node, o := range in.others {
				all[[2]string{key, node}] = o.at
			}
		}
		w.mu.Unlock()
	}
	return all
}

// hear takes over what another node kept of an incident.
func (t *Tracker) hear(s State) {
	id, read, err := decode(s.Body, t.by)
	if err != nil {
		t.o.Logger.Warn("whom an incident hurts at another node can't be read", "key", s.Key, "node", s.Node, "error", err)
		return
	}
	w, now := t.watch(id), t.o.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	in := w.follow(t, s.Key, time.Unix(read.from, 0), slices.Sorted(maps.Keys(read.groups)), now)
	if in.others == nil {
		in.others = map[string]*other{}
	}
	if before := in.others[s.Node]; before != nil {
		before.free(t.by.pool)
	}
	in.others[s.Node] = &other{incident: read, at: s.At, heard: now}
}
