package alerting

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"burnline/slo"
)

// alertPage is how many alerts are judged in one transaction where all are.
const alertPage = 1000

// alertDesk is what a router knows of outside alerts between two batches. What is open
// is in the store alone, so that two nodes agree.
type alertDesk struct {
	// mu keeps batches of one node from racing each other for the same groups, and
	// sharing are those that wait for it.
	mu      deskLock
	sharing sharing
	// rejudge asks for another look at what keeps alerts quiet.
	rejudge atomic.Bool
	wake    chan struct{}
	// stepped is when Step last judged them all.
	stepped looks

	// state guards what follows.
	state sync.Mutex
	// since is from when on Burnline has listened without a break, and looked when it
	// last knew that it did.
	since, looked time.Time
	// quieted is whether something kept an alert quiet when it was last judged.
	quieted bool
	// ends are the ends that senders told within the last hour, by print.
	ends   toldEnds
	pruned time.Time
	// tellers are the servers that tell of the same alerts.
	tellers tellers
}

// deskLock is held over a store's transaction, which may wait for its turn by a clock. Unlike at a sync.Mutex
// the clock of a test goes on while others wait for it.
type deskLock chan struct{}

func newDeskLock() deskLock { return make(deskLock, 1) }

// Lock implements sync.Locker.
func (l deskLock) Lock() { l <- struct{}{} }

// Unlock implements sync.Locker.
func (l deskLock) Unlock() { <-l }

var errNoAlertStore = errors.New("alerting: this router has no store for outside alerts")

// Alerts takes alerts that fire (EndsAt is zero, or lies ahead) and alerts that have
// ended, in one transaction; they are durable after nil. One that fires joins the incident of
// its group at each receiver that the routes lead to, or opens it; once no alert of
// the group fires the incident closes. Telling the same again changes nothing, so a
// sender that is not sure may repeat everything. The severity is that of the label
// severity: page and critical page, everything else is a ticket.
//
// An alert that can't be taken is left out and the others are stored: the error then wraps
// ErrBadAlert. After any other error nothing is stored, and all have to be sent again.
func (r *Router) Alerts(ctx context.Context, alerts []slo.Alert) error {
	now := r.now()
	news, refused, bad := receive(alerts, now, r.resolveTimeout())
	r.metrics.add("refused", refused)
	if err := r.takeNews(ctx, news, now); err != nil {
		return err
	}
	return bad
}

// EndAbsent ends every alert of the origin that fires and is not present any more, by
// its labels: their rule was removed, or they ended while nobody looked. Call it only
// when it is certain that everything that fires is present.
func (r *Router) EndAbsent(ctx context.Context, origin string, present func(slo.Labels) bool) error {
	return r.eachPage(ctx, origin, func(alerts []*OutsideAlert) error {
		news := map[string]*incoming{}
		for _, a := range alerts {
			if !present(a.Labels) {
				news[a.Print] = &incoming{print: a.Print, ending: slo.EndingRemoved, reason: "nothing raises this alert any more"}
			}
		}
		return r.takeNews(ctx, news, r.now())
	})
}

// eachPage does something with all alerts of an origin that fire, some at a time.
func (r *Router) eachPage(ctx context.Context, origin string, do func([]*OutsideAlert) error) error {
	if r.alertStore == nil {
		return errNoAlertStore
	}
	for after := int64(0); ; {
		alerts, err := r.alertStore.FiringAlerts(ctx, origin, after, alertPage)
		if err != nil {
			return fmt.Errorf("read the alerts that fire: %w", err)
		}
		if len(alerts) == 0 {
			return nil
		}
		if err := do(alerts); err != nil {
			return err
		}
		if len(alerts) < alertPage {
			return nil
		}
		after = alerts[len(alerts)-1].ID
	}
}

// resolveTimeout is how long an alert without an end is believed.
func (r *Router) resolveTimeout() time.Duration {
	r.changing.RLock()
	defer r.changing.RUnlock()
	if r.config.ResolveTimeout <= 0 {
		return defaultResolveTimeout
	}
	return r.config.ResolveTimeout
}

// takeNews stores what the news change, if anything.
func (r *Router) takeNews(ctx context.Context, news map[string]*incoming, now time.Time) error {
	if len(news) == 0 {
		return nil
	}
	if r.alertStore == nil {
		return errNoAlertStore
	}
	// Most of what senders say is no news, and reading needs no lock.
	have, err := r.alertStore.StoredAlerts(ctx, slices.Collect(maps.Keys(news)))
	if err != nil {
		r.wasAway(ctx)
		return fmt.Errorf("read stored alerts: %w", err)
	}
	told, ends := len(news), toldIn(news)
	for print, in := range news {
		switch {
		case r.contested(in, have[print], now):
			delete(ends, print) // it may be told again when it is the last word
			delete(news, print)
		case in.against(have[print], now) == newsNone || r.toldBefore(print, ends):
			delete(news, print)
		}
	}
	r.metrics.add("repeated", told-len(news))
	if len(news) > 0 {
		if err := r.share(ctx, news, now); err != nil {
			return err
		}
	}
	r.rememberEnds(ends, now) // not before they are stored: what fails is told again
	return nil
}

// judge runs one transaction over alerts, and tells who has to know of what came of it.
func (r *Router) judge(ctx context.Context, now time.Time, do func(*alertBatch, AlertTx) error) error {
	r.alerts.mu.Lock()
	defer r.alerts.mu.Unlock()
	return r.judgeAlone(ctx, now, do)
}

// judgeAlone is judge for who holds the desk.
func (r *Router) judgeAlone(ctx context.Context, now time.Time, do func(*alertBatch, AlertTx) error) error {
	r.changing.RLock()
	defer r.changing.RUnlock()
	var b *alertBatch
	err := r.alertStore.AlertTx(ctx, now, func(tx AlertTx) error {
		b = r.newBatch(now)
		return do(b, tx)
	})
	if err != nil {
		r.wasAway(ctx)
		return fmt.Errorf("commit alerts: %w", err)
	}
	r.judged(b)
	return nil
}

// newBatch returns a batch by the configuration in force.
func (r *Router) newBatch(now time.Time) *alertBatch {
	return &alertBatch{view: &view{config: &r.config, text: r.text, world: r.world, now: now}, fires: r.source}
}

// judged follows up a batch that was committed.
func (r *Router) judged(b *alertBatch) {
	r.metrics.count(b)
	for _, a := range b.ended {
		if r.world.knows(a.Print) { // whatever the rules of inhibition are by now
			r.world.firing(a.Print, nil, false)
		}
	}
	for _, p := range b.committed {
		if p.t.Kind != "" { // else it was committed before
			r.note(p)
			r.transitions.WithLabelValues(string(p.t.Kind), string(p.t.Incident.Severity)).Inc()
		}
	}
	if len(b.committed) > 0 {
		r.wake()
		r.logger.Info("incidents of alerts committed", "transitions", len(b.committed), "began", len(b.began), "ended", len(b.ended))
	}
	r.alerts.state.Lock()
	defer r.alerts.state.Unlock()
	r.alerts.quieted = r.alerts.quieted || b.quieted > 0
}

// source notes that an alert fires, if that may keep others quiet. The caller holds
// changing.
func (r *Router) source(print string, ls slo.Labels) {
	if !r.world.knows(print) && r.inhibits(ls) {
		r.world.firing(print, ls, true)
	}
}

// inhibits reports whether a rule names such alerts as its source. The caller holds
// changing.
func (r *Router) inhibits(ls slo.Labels) bool {
	return slices.ContainsFunc(r.config.Inhibit, func(rule InhibitRule) bool { return matches(rule.Source, ls) })
}

// wasAway notes that Burnline could not take what senders said: their silence
// until now is no silence. A sender that hung up was not kept out, one for whom storing took
// too long was.
func (r *Router) wasAway(ctx context.Context) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	r.alerts.state.Lock()
	defer r.alerts.state.Unlock()
	r.alerts.since = r.now()
}
