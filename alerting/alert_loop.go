package alerting

import (
	"context"
	"time"

	"burnline/slo"
)

const (
	// alertPoll is how often what is due is looked for.
	alertPoll = time.Second
	// maxBreak is how long Burnline may not have looked without that being a break:
	// senders may have found nobody.
	maxBreak = 30 * time.Second
	// quietPoll is how often it is asked whether alerts are still kept quiet when
	// nothing says that it changed: intervals end by the clock.
	quietPoll = 30 * time.Second
	// ClockSkew is by how much the clocks of two nodes may differ without that being a clock which was set back.
	ClockSkew = 30 * time.Second
	// mostDue is how many alerts expire, and groups are told, in one transaction.
	mostDue = 500
)

// RunAlerts tells groups of alerts what happened since they were last told, ends alerts
// that nobody sends any more, and tells what was kept quiet once it is not, until ctx
// ends.
func (r *Router) RunAlerts(ctx context.Context) error {
	if r.alertStore == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(alertPoll)
	defer tick.Stop()
	failed, last := false, looks{}
	for {
		err := r.tendAlerts(ctx, &last)
		if err != nil && ctx.Err() == nil && !failed {
			r.logger.Error("alerts that are due can't be told; they are when the state can be written again", "error", err)
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-r.alerts.wake:
		}
	}
}

// rejudgeAlerts asks for another look at what keeps outside alerts quiet. It never blocks.
func (r *Router) rejudgeAlerts() {
	r.alerts.rejudge.Store(true)
	select {
	case r.alerts.wake <- struct{}{}:
	default:
	}
}

// looks is when all outside alerts were last judged, and how long that took.
type looks struct {
	at   time.Time
	took time.Duration
}

// tendAlerts does what is due.
func (r *Router) tendAlerts(ctx context.Context, last *looks) error {
	now := r.now()
	mayExpire, quieted := r.listening(now)
	quieted = quieted || r.world.inhibits()
	if r.lookAgain(now, *last, quieted) {
		r.alerts.rejudge.Store(false)
		if err := r.judgeAgain(ctx, now); err != nil {
			r.alerts.rejudge.Store(true)
			return err
		}
		*last = looks{now, r.now().Sub(now)}
	}
	judged := quieted || r.mayQuieten()
	for {
		expired, flush, err := r.alertStore.DueAlerts(ctx, now, mostDue)
		if err != nil {
			return err
		}
		if len(expired) > 0 && mayExpire {
			if err := r.expire(ctx, expired, now); err != nil {
				return err
			}
		}
		if len(flush) > 0 {
			if err := r.judge(ctx, now, func(b *alertBatch, tx AlertTx) error { return b.flush(tx, flush, judged) }); err != nil {
				return err
			}
		}
		if (!mayExpire || len(expired) < mostDue) && len(flush) < mostDue {
			return nil
		}
	}
}

// lookAgain reports whether all outside alerts are to be judged again: something changed that
// may keep them quiet, or a moment passed at which that ends. A storm of changes costs a
// tenth of the time.
func (r *Router) lookAgain(now time.Time, last looks, quieted bool) bool {
	matters := quieted || r.mayQuieten()
	switch since := now.Sub(last.at); {
	case !matters || since < 10*last.took:
		return false
	case r.alerts.rejudge.Load() || quieted && since >= quietPoll:
		return true
	}
	moment := r.due(last.at)
	return !moment.IsZero() && !moment.After(now)
}

// mayQuieten reports whether there is anything that keeps alerts quiet at times.
func (r *Router) mayQuieten() bool {
	r.changing.RLock()
	defer r.changing.RUnlock()
	return r.world.quietens() || len(r.config.Intervals) > 0
}

// listening notes that Burnline listens now, and reports whether it has for so long
// that a sender's silence means something.
func (r *Router) listening(now time.Time) (mayExpire, quieted bool) {
	timeout := r.resolveTimeout()
	s := &r.alerts
	s.state.Lock()
	defer s.state.Unlock()
	if s.looked.IsZero() || now.Sub(s.looked) > maxBreak || now.Before(s.looked) {
		s.since = now
	}
	s.looked = now
	return now.Sub(s.since) >= timeout, s.quieted
}

// expire ends alerts whose time has come.
func (r *Router) expire(ctx context.Context, prints []string, now time.Time) error {
	news := make(map[string]*incoming, len(prints))
	for _, print := range prints {
		news[print] = &incoming{print: print, ending: slo.EndingIdle, reason: "nobody sent it again, which proves no recovery"}
	}
	return r.judge(ctx, now, func(b *alertBatch, tx AlertTx) error { return b.run(tx, news) })
}

// judgeAgain judges all alerts that fire anew. What fires is noted before, so that each is
// judged by all the others.
func (r *Router) judgeAgain(ctx context.Context, now time.Time) error {
	if err := r.noteSources(ctx); err != nil {
		return err
	}
	quieted := false
	err := r.eachPage(ctx, "", func(alerts []*OutsideAlert) error {
		prints := make([]string, len(alerts))
		for i, a := range alerts {
			prints[i] = a.Print
		}
		return r.judge(ctx, now, func(b *alertBatch, tx AlertTx) error {
			err := b.again(tx, prints)
			quieted = quieted || b.quieted > 0
			return err
		})
	})
	if err != nil {
		return err
	}
	r.alerts.state.Lock()
	defer r.alerts.state.Unlock()
	r.alerts.quieted = quieted
	return nil
}

// noteSources notes every alert that may keep others quiet, and forgets what fires no longer:
// another node may have heard its end, or it was noted in a batch that could not be stored. No
// batch runs meanwhile, so that none that ends is noted after its end.
func (r *Router) noteSources(ctx context.Context) error {
	r.alerts.mu.Lock()
	defer r.alerts.mu.Unlock()
	r.changing.RLock()
	defer r.changing.RUnlock()
	if len(r.config.Inhibit) == 0 {
		return nil
	}
	firing := map[string]bool{}
	err := r.eachPage(ctx, "", func(alerts []*OutsideAlert) error {
		for _, a := range alerts {
			r.source(a.Print, a.Labels)
			if r.world.knows(a.Print) {
				firing[a.Print] = true
			}
		}
		return nil
	})
	if err == nil {
		r.world.retain(firing)
	}
	return err
}

// flush tells groups whose time has come what happened since they were last told. Where
// nothing keeps any alert quiet there is nothing to judge.
func (b *alertBatch) flush(tx AlertTx, ids []int64, judged bool) error {
	if err := b.load(tx, ids, nil); err != nil {
		return err
	}
	for _, g := range b.stored {
		if g.Flush.IsZero() || g.Flush.After(b.now) && !ahead(g.Told, b.now) {
			continue // another node told it
		}
		if !judged {
			g.route, g.loud, g.Told = &b.config.Route, true, time.Time{}
			continue
		}
		members, err := tx.Members(g.ID, 0)
		if err != nil {
			return err
		}
		g.route = &b.config.Route
		for _, m := range members {
			if m.Ended.IsZero() {
				b.judge(g, m)
			}
			g.loud = g.loud || m.loud() && (m.Ended.IsZero() || !m.Ended.Before(g.Told))
		}
		if !g.loud {
			g.Flush = time.Time{} // told when something stops keeping them quiet
			continue
		}
		g.Told = time.Time{} // it is due, whatever the route says now
	}
	return b.settle(tx)
}

// ahead reports whether a group was told so long after now that the clock must have been set back. By how much is
// not known, so what it collected is told.
func ahead(told, now time.Time) bool { return told.After(now.Add(ClockSkew)) }

// again judges alerts that fire anew, by what is true now.
func (b *alertBatch) again(tx AlertTx, prints []string) error {
	have, err := tx.Alerts(prints)
	if err != nil {
		return err
	}
	var ids []int64
	for _, a := range have {
		for _, m := range a.Members {
			ids = append(ids, m.Group)
		}
	}
	if err := b.load(tx, ids, nil); err != nil {
		return err
	}
	for _, print := range prints {
		a := have[print]
		if a == nil || !a.Fires() {
			continue
		}
		for _, m := range a.Members {
			if g := b.stored[m.Group]; g != nil && m.Ended.IsZero() {
				b.judge(g, m)
			}
		}
	}
	return b.settle(tx)
}

// judge decides again what becomes of an alert that fires. What is no longer kept quiet is
// to be told.
func (b *alertBatch) judge(g *groupNews, m *AlertMember) {
	was := m.Decision
	route := b.config.routeTo(g.Receiver, m.Alert.Labels)
	now := b.decide(m.Alert.Labels, g.Receiver, route)
	if now.Fate != FateSend {
		b.quieted++
	}
	if now.Fate == was.Fate && now.By == was.By {
		return
	}
	m.Decision, m.in = now, g.AlertGroup
	b.members = append(b.members, m)
	g.route = route
	g.hushed = g.hushed || was.Fate == FateSend && !m.loud()
	if m.loud() {
		g.freed, g.loud = &was, true
		g.News++
	}
}
