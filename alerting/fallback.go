package alerting

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// defaultFallbackAfter is for how long a receiver may fail before its fallback is told.
const defaultFallbackAfter = 2 * time.Minute

// Fallback names the receiver that is told where another one fails.
type Fallback struct{ From, To string }

// FailingLook says what counts as failing.
type FailingLook struct {
	Fallbacks []Fallback
	// Since is the moment since which, or longer, a receiver fails that took nothing of
	// what was due then; a refusal counts at once.
	Since time.Time
	// Fresh is the moment after which what was written may still be taken any moment.
	Fresh time.Time
}

// Failing are open incidents of which receivers could not be told, by key.
type Failing struct {
	// Stranded are those of which a receiver could not be told and its fallback knows nothing.
	Stranded []string
	// Untold are those of which some receiver could not be told, and that no other took or has been sent lately.
	Untold []string
}

// fallbacks lists the receivers that have one.
func (c *Config) fallbacks() []Fallback {
	var all []Fallback
	for _, r := range c.Receivers {
		if r.Fallback != "" {
			all = append(all, Fallback{r.Name, r.Fallback})
		}
	}
	return all
}

// fallBack tells fallback receivers of the open incidents of which their receivers could
// not be told, and learns of which nobody could be: those explain no others and keep none quiet. What was told
// stands among the rows, so that each is told once.
func (r *Router) fallBack(ctx context.Context) error {
	r.changing.RLock()
	look := FailingLook{Fallbacks: r.config.fallbacks(), Since: r.now().Add(-r.fallbackAfter), Fresh: r.now().Add(-mostHeld)}
	r.changing.RUnlock()
	if len(look.Fallbacks) == 0 && !r.world.leaning() {
		r.world.misses(nil)
		return nil
	}
	found, err := r.store.Failing(ctx, look)
	if err != nil {
		return err
	}
	if len(found.Stranded) > 0 {
		done, err := r.revise(ctx, Revision{Keys: found.Stranded}, circumstances{})
		if err != nil {
			return err
		}
		if done.rows > 0 {
			r.logger.Warn("fallback receivers are told of what others could not be", "incidents", len(found.Stranded), "rows", done.rows)
		}
	}
	// What a fallback is being told of is looked at again next time.
	untold := slices.DeleteFunc(found.Untold, func(key string) bool { return slices.Contains(found.Stranded, key) })
	r.world.misses(untold)
	return nil
}

// failing returns the row by which an integration was to be told of the incident as it is
// open now, if it was refused, or has failed since that moment or longer.
func failing(rows []Row, to target, since time.Time) (Row, bool) {
	open := sinceOpen(rows, to)
	if slices.ContainsFunc(open, func(r Row) bool { return r.State == RowDelivered }) {
		return Row{}, false
	}
	for _, r := range open {
		tried := r.State == RowPending && (r.Attempts > 0 || r.Down) && !r.CreatedAt.After(since)
		if r.Action == ActionTrigger && (r.State == RowRefused || tried) {
			return r, true
		}
	}
	return Row{}, false
}

// stranded returns the row for whose sake a receiver is told as a fallback.
func stranded(v *view, p *passage, receiver string) (Row, bool) {
	for _, f := range v.config.fallbacks() {
		if f.To != receiver || p.quietAt(f.From) {
			continue
		}
		for _, to := range targetsOf(p.have.Rows) {
			if to.receiver != f.From {
				continue
			}
			if row, is := failing(p.have.Rows, to, v.now.Add(-v.fallbackAfter)); is {
				return row, true
			}
		}
	}
	return Row{}, false
}

// quietAt reports whether something keeps the incident quiet at a receiver now.
func (p *passage) quietAt(receiver string) bool {
	return slices.ContainsFunc(p.forks, func(f fork) bool {
		return f.receiver == receiver && f.decision.Fate.quiet() && f.decision.Fate != FateHeld
	})
}

// fallingBack are the deeds at fallback receivers that know nothing of the incident yet.
func fallingBack(v *view, p *passage) []deed {
	var deeds []deed
	known := targetsOf(p.have.Rows)
	for _, f := range v.config.fallbacks() {
		for _, to := range v.targets(p, f.To) {
			led := slices.ContainsFunc(p.forks, func(f fork) bool { return f.receiver == to.receiver })
			if led || slices.Contains(known, to) || slices.ContainsFunc(deeds, func(d deed) bool { return d.to == to }) {
				continue
			}
			if _, is := stranded(v, p, f.To); is {
				deeds = append(deeds, deed{to, actFallBack, nil})
			}
		}
	}
	return deeds
}

// fallbackText says first why it comes this way.
func fallbackText(m Message, failed Row) Message {
	did := "could not be told"
	if failed.State == RowRefused {
		did = "refused this"
	}
	m.Summary = fmt.Sprintf("For %s, which %s (%s): %s", inline(failed.Receiver), did, orElse(inline(failed.Answer), "no answer"), m.Summary)
	return m
}
