package alerting

import (
	"context"
	"errors"
)

// Step makes an attempt at every row that is due now, and at those that are due after it, one
// after another, and returns once none is. It is for those who keep the time
// themselves, such as users' tests of a virtual day; it must not run beside Run.
func (d *Deliverer) Step(ctx context.Context) error {
	for {
		rows := d.claim(ctx, d.o.Concurrency)
		if d.away {
			return errors.New("the outbox can't be read")
		}
		for _, row := range rows {
			d.deliver(ctx, row)
		}
		if len(rows) == 0 {
			return ctx.Err()
		}
	}
}
