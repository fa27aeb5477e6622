package alerting

import (
	"context"
	"errors"
	"time"
)

const (
	// mostWaited is how long a look waits for claims. One that takes longer waits for a lock that another node holds, perhaps
	// one that is frozen; it goes on beside what is claimed for others.
	mostWaited = 250 * time.Millisecond
	// mostClaims is how many claims may be under way, so that those that wait leave room for what has to be written.
	mostClaims = 6
)

// look claims what each destination may be sent now and begins to send it. What waits is measured before, whatever
// claims wait for.
func (d *Deliverer) look(ctx context.Context, beside func(func()), begin func(*lane, Row)) error {
	now := d.clock.now()
	due, err := d.o.Store.Due(ctx, now)
	if err != nil {
		return err
	}
	measures := now.Sub(d.measured) >= d.o.Poll || d.measured.IsZero()
	if measures {
		if err := d.measure(ctx, now); err != nil {
			return err
		}
	}
	if err := d.claimAll(ctx, d.lanes.of(due, d.sender), now, beside, begin); err != nil || !measures {
		return err
	}
	d.measured = now
	return d.tellBacklog(ctx)
}

// claimAll claims for one lane after another, and side by side from when one takes long. It does not wait for what takes longer than
// that; a lane has one claim at a time, and how one failed that was not waited for is told by the next look.
func (d *Deliverer) claimAll(ctx context.Context, lanes []*lane, now time.Time, beside func(func()), begin func(*lane, Row)) (err error) {
	patient, end := context.WithTimeout(ctx, mostWaited)
	defer end()
	for _, l := range lanes {
		err = errors.Join(err, l.failure())
		if l.claims() {
			continue
		}
		select {
		case d.claims <- struct{}{}:
		default:
			continue // it comes when one of those has ended
		}
		l.claim()
		ended := make(chan struct{})
		beside(func() {
			defer close(ended)
			rows, e := d.claim(ctx, l, now)
			for _, row := range rows {
				begin(l, row)
			}
			l.claimed(e)
			<-d.claims
		})
		select {
		case <-ended:
			err = errors.Join(err, l.failure())
		case <-patient.Done():
		}
	}
	return err
}

// claim returns rows of one destination to send now, and notes why others wait.
func (d *Deliverer) claim(ctx context.Context, l *lane, now time.Time) ([]Row, error) {
	room, targets := l.room(now, d.o.Concurrency), l.due()
	if room == 0 {
		return nil, d.deferRows(ctx, l, targets, Claimed{}, now)
	}
	claimed, err := d.o.Store.Claim(ctx, Claim{Destination: l.destination, Targets: targets, Limit: room, Lease: d.o.Lease}, now)
	if err != nil {
		return nil, err
	}
	l.begin(len(claimed.Rows))
	if len(claimed.Rows) < room && claimed.Wait == 0 {
		l.wait(Backlog{}) // that was all
	}
	return claimed.Rows, d.deferRows(ctx, l, targets, claimed, now)
}
