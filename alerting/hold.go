package alerting

import (
	"context"
	"fmt"
	"time"
)

// noteEvery is how often it is looked which rows are new among those that wait.
const noteEvery = time.Second

// deferRows notes with the rows of a lane that are due why they are not sent.
func (d *Deliverer) deferRows(ctx context.Context, l *lane, targets []Target, c Claimed, now time.Time) error {
	why := Deferral{Targets: targets, Wait: c.Wait}
	limited := false
	switch trouble := l.trouble(); {
	case c.Held:
		why.Why = fmt.Sprintf("waits, because its receiver asked to be left alone for %s more", Duration(c.Wait))
	case c.Wait > 0:
		limited = true
		why.PerMinute = l.destination.PerMinute
		why.Why = fmt.Sprintf("%s takes %d messages a minute, and more important ones go first", names(targets), l.destination.PerMinute)
	case trouble != "":
		why.Why = trouble
	default:
		return nil
	}
	if now.Sub(l.noted) < noteEvery {
		return nil
	}
	deferred, err := d.o.Store.Defer(ctx, why, now)
	if err != nil {
		return err
	}
	l.noted = now
	l.wait(Backlog{Target: targets[0], Destination: l.destination, Limited: limited, Incidents: deferred.Incidents, Titles: deferred.Titles})
	reason := "down"
	if limited {
		reason = "limit"
	}
	d.metrics.deferred.WithLabelValues(reason).Add(float64(deferred.Rows))
	return nil
}

// trouble returns until when a destination that failed so often is left alone.
func (d *Deliverer) trouble(now time.Time) func(failures int) time.Time {
	return func(failures int) time.Time {
		return now.Add(backoff(failures, d.o.MinBackoff, min(d.o.MaxBackoff, mostTrouble), d.o.Jitter()))
	}
}

// tellBacklog tells what waits behind limits.
func (d *Deliverer) tellBacklog(ctx context.Context) error {
	if d.o.Backlog == nil {
		return nil
	}
	var all []Backlog
	for _, l := range d.lanes.byName {
		if b := l.waiting(); b.Incidents > 0 {
			all = append(all, b)
		}
	}
	return d.o.Backlog(ctx, all)
}
