package app

import (
	"context"
	"time"
)

// forgetEvery is how often what is old is deleted from the state; the first time is after
// mostPatience.
const forgetEvery = time.Hour

// forget deletes incidents and alerts that are older than they are kept, until ctx ends.
func (p *parts) forget(ctx context.Context) error {
	timer := time.NewTimer(mostPatience)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		p.forgetOld(ctx, time.Now())
		timer.Reset(forgetEvery)
	}
}

// forgetOld deletes what is old now. What can't be deleted is the next time.
func (p *parts) forgetOld(ctx context.Context, now time.Time) {
	c, log := p.set.Load().Config.State, p.log("state")
	gone, err := p.state.Forget(ctx, before(now, c.Retention), before(now, c.AlertRetention))
	if err != nil && ctx.Err() == nil {
		log.Warn("old incidents and alerts could not be deleted; it is tried again in an hour", "error", err)
	}
	if gone.Incidents+gone.Alerts > 0 {
		log.Info("old incidents and alerts are deleted", "incidents", gone.Incidents, "alerts", gone.Alerts)
	}
}

// before is the moment up to which what is kept for so long is old; zero for good.
func before(now time.Time, kept time.Duration) time.Time {
	if kept <= 0 {
		return time.Time{}
	}
	return now.Add(-kept)
}
