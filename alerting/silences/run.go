package silences

import (
	"context"
	"time"

	"burnline/alerting"
	"burnline/internal/repeat"
)

// Run follows the silences until ctx ends: what another node changed, and those that end once
// what they matched is resolved.
func (k *Keeper) Run(ctx context.Context) error {
	return repeat.Every(ctx, pollEvery, k.Step, func(err error) {
		k.o.Logger.Warn("silences can't be read; those known stay in force until they end", "error", err)
	})
}

// Step is one look at the silences, as Run makes them again and again. It must not run beside Run.
func (k *Keeper) Step(ctx context.Context) error {
	all, err := k.reread(ctx)
	if err != nil {
		return err
	}
	now := k.o.Now()
	lasting, since := k.untilResolved(all, now)
	if len(lasting) > 0 && now.Sub(k.looked).Abs() >= idle*k.took {
		w, err := k.o.World(ctx, since)
		if err != nil {
			return err
		}
		w.At = now
		for _, s := range lasting {
			if !k.resolved(s, w) {
				continue
			}
			if _, err := k.Expire(ctx, s.ID, ByResolution); err != nil {
				return err
			}
		}
		k.looked, k.took = now, k.o.Now().Sub(now)
	}
	k.forget(all)
	return nil
}

// idle is how many times as long as the last look at what is open took there is none: with many
// alerts each reads them all.
const idle = 10

// untilResolved are the silences in force that end with what they matched, and from when on
// has to be known what that was.
func (k *Keeper) untilResolved(all []alerting.Silence, now time.Time) (lasting []*alerting.Silence, since time.Time) {
	since = now
	for i := range all {
		s := &all[i]
		if !s.UntilResolved || s.State(now) != alerting.SilenceActive {
			continue
		}
		lasting = append(lasting, s)
		from, known := k.since[s.ID]
		if !known {
			from = s.StartsAt
		}
		if from.Before(since) {
			since = from
		}
	}
	return lasting, since
}

// resolved reports whether something that the silence matched was open while it was active,
// and nothing is any more.
func (k *Keeper) resolved(s *alerting.Silence, w World) bool {
	open, matched := matches(s, w)
	k.matched[s.ID] = k.matched[s.ID] || matched
	k.since[s.ID] = w.At.Add(-time.Minute) // clocks of other nodes may be a little behind
	return k.matched[s.ID] && !open
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
