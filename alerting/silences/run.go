package silences

import (
	"context"
	"time"

	"burnline/alerting"
)

// Run follows the silences until ctx ends: what another node changed, and those that end once
// what they matched is resolved.
func (k *Keeper) Run(ctx context.Context) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := k.Step(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			k.o.Logger.Warn("silences can't be read; those known stay in force until they end", "error", err)
		}
		failing = err != nil
	}
}

// Step is one look at the silences, as Run makes them again and again. It must not run beside Run.
func (k *Keeper) Step(ctx context.Context) error {
	all, err := k.reread(ctx)
	if err != nil {
		return err
	}
	now := k.o.Now()
	for i := range all {
		s := &all[i]
		if !s.UntilResolved || s.State(now) != alerting.SilenceActive {
			continue
		}
		over, err := k.resolved(ctx, s, now)
		if err != nil {
			return err
		}
		if !over {
			continue
		}
		if _, err := k.Expire(ctx, s.ID, ByResolution); err != nil {
			return err
		}
	}
	k.forget(all)
	return nil
}

// resolved reports whether something that the silence matched was open while it was active,
// and nothing is any more.
func (k *Keeper) resolved(ctx context.Context, s *alerting.Silence, now time.Time) (bool, error) {
	since, ok := k.since[s.ID]
	if !ok {
		since = s.StartsAt
	}
	w, err := k.o.World(ctx, since)
	if err != nil {
		return false, err
	}
	w.At = now
	open, matched := matches(s, w)
	k.matched[s.ID] = k.matched[s.ID] || matched
	k.since[s.ID] = now.Add(-time.Minute) // clocks of other nodes may be a little behind
	return k.matched[s.ID] && !open, nil
}

// forget drops what is known of silences that are over.
func (k *Keeper) forget(all []alerting.Silence) {
	there := map[string]bool{}
	for i := range all {
		there[all[i].ID] = true
	}
	for id := range k.since {
		if !there[id] {
			delete(k.since, id)
			delete(k.matched, id)
		}
	}
}
