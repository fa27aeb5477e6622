package alerting

import "context"

// Step makes an attempt at every row that is due now, and at those that are due after it, one
// after another, and returns once none is. It is for those who keep the time
// themselves, such as users' tests of a virtual day; it must not run beside Run.
func (d *Deliverer) Step(ctx context.Context) error {
	for {
		var begun []func()
		err := d.look(ctx, func(claim func()) { claim() }, func(l *lane, row Row) { begun = append(begun, func() { d.deliver(ctx, l, row) }) })
		for _, deliver := range begun {
			deliver()
		}
		if err != nil || len(begun) == 0 {
			return err
		}
	}
}
