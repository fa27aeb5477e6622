package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// DelivererOptions are what a Deliverer needs. Zero durations and counts take
// their defaults.
type DelivererOptions struct {
	// Store and Senders are required. Senders returns the sender of an
	// integration; false when the configuration has it no longer.
	Store   Queue
	Senders func(receiver, integration string) (Sender, bool)
	// Shadow returns who is not told for real; nil tells everybody.
	Shadow func() Shadow
	// Now is the clock; required.
	Now func() time.Time
	// Poll is how often the outbox is looked at without being woken. Default 1s.
	Poll time.Duration
	// SendTimeout ends one attempt, default 5s; Lease is after what time a
	// claimed row may be claimed again, default 8s, by which time another node takes over
	// what a dead one was sending. Lease must be the longer.
	SendTimeout, Lease time.Duration
	// MinBackoff and MaxBackoff bound the wait after a failed attempt, which
	// doubles from one to the other. Defaults 1s and 1m.
	MinBackoff, MaxBackoff time.Duration
	// Jitter returns a number in [0, 1) that takes up to half off a wait; nil
	// takes a random one.
	Jitter func() float64
	// Grace is how long sends under way may take to end when Run is stopped,
	// default 3s.
	Grace time.Duration
	// Concurrency is the most sends at once to one destination, and at most 16 where it has
	// a limit by the minute or answers within 100 ms. Default 64.
	Concurrency int
	// Backlog is told now and then what waits behind the limits of destinations, all
	// that have something to wait among it; may be nil.
	Backlog func(ctx context.Context, waiting []Backlog) error
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Deliverer drives each row of the outbox to its end: it claims rows that are
// due, sends them, and records the answers. Rows of one key, receiver and
// integration go one after another; all others side by side, and each destination by
// itself, so that one that hangs delays no other.
type Deliverer struct {
	o       DelivererOptions
	clock   steadyClock
	woken   chan struct{}
	metrics *deliveryMetrics
	lanes   lanes
	// claims has an entry for each claim under way.
	claims chan struct{}
	// away is true while the store can't be read, so that it is logged once.
	away bool
	// measured is when the store was last asked what waits.
	measured time.Time
}

// NewDeliverer returns a deliverer, or what is wrong with its options.
func NewDeliverer(o DelivererOptions) (*Deliverer, error) {
	if o.Store == nil || o.Senders == nil || o.Now == nil {
		return nil, errors.New("alerting: a deliverer needs a store, senders and a clock")
	}
	o = o.withDefaults()
	if o.Lease <= o.SendTimeout {
		return nil, fmt.Errorf("alerting: the lease of %s must be longer than the send time-out of %s, or rows are sent twice", o.Lease, o.SendTimeout)
	}
	d := &Deliverer{o: o, clock: steadyClock{wall: o.Now}, woken: make(chan struct{}, 1), metrics: newDeliveryMetrics(),
		claims: make(chan struct{}, mostClaims)}
	d.lanes.byName = map[string]*lane{}
	return d, register(o.Registerer, d.metrics.collectors()...)
}

// Wake makes Run look at the outbox now. It never blocks.
func (d *Deliverer) Wake() {
	select {
	case d.woken <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends, then waits for the sends under way, at most
// Grace and a moment longer, and returns nil.
func (d *Deliverer) Run(ctx context.Context) error {
	sends, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var group sync.WaitGroup
	tick := time.NewTicker(d.o.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		d.note(ctx, d.look(ctx, group.Go, func(l *lane, row Row) {
			group.Go(func() {
				d.deliver(sends, l, row)
				// The row after it may be due, or the slot may be waited for.
				d.Wake()
			})
		}))
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-d.woken:
		}
	}
	defer time.AfterFunc(d.o.Grace, stop).Stop()
	group.Wait()
	return nil
}

// note logs once that the store is away, and once that it is back.
func (d *Deliverer) note(ctx context.Context, err error) {
	switch {
	case err == nil && d.away:
		d.o.Logger.Info("the outbox can be read again")
	case err != nil && !d.away && ctx.Err() == nil:
		d.o.Logger.Error("the outbox can't be read; pages wait", "error", err)
	}
	if err != nil {
		d.metrics.storeErrors.Inc()
	}
	d.away = err != nil
}

// measure refreshes the gauges of what waits.
func (d *Deliverer) measure(ctx context.Context, now time.Time) error {
	depth, oldest, err := d.o.Store.OutboxDepth(ctx, now)
	if err != nil {
		return err
	}
	d.metrics.pending.Set(float64(depth))
	d.metrics.oldest.Set(oldest.Seconds())
	return nil
}

// deliver makes one attempt at a claimed row and records how it ended. If that
// can't be recorded, the lease runs out and the row is sent again.
func (d *Deliverer) deliver(ctx context.Context, l *lane, row Row) {
	began := d.clock.now()
	result, asked := d.send(ctx, row)
	now := d.clock.now()
	l.took(now.Sub(began))
	outcome := d.outcome(row, result, now)
	if asked {
		l.heard(result, &outcome, d.trouble(now))
	}
	// The slot is free only when the row is, or the look that follows would not see it.
	defer l.end()
	// An answer that came must be kept, even when the grace is over.
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.o.SendTimeout)
	defer cancel()
	if err := d.o.Store.Settle(keep, row, outcome, now); err != nil {
		d.metrics.storeErrors.Inc()
		d.o.Logger.Error("an answer can't be recorded; the row is sent again after its lease", "row", row.ID, "error", err)
		return
	}
	switch outcome.State {
	case RowDelivered:
		d.metrics.seconds.Observe(now.Sub(row.CreatedAt).Seconds())
	case RowRefused:
		d.o.Logger.Error("a receiver refused a page", "receiver", row.Receiver, "integration", row.Integration,
			"key", row.Key, "action", row.Action, "answer", outcome.Answer)
	}
}

// send makes the attempt within its time; false where there is nobody to ask.
func (d *Deliverer) send(ctx context.Context, row Row) (Result, bool) {
	sender, ok := d.sender(row.Receiver, row.Integration)
	if d.inShadow(row) {
		sender, ok = shadowSender{}, true
	}
	if !ok {
		d.metrics.attempts.WithLabelValues("unconfigured").Inc()
		return Result{Verdict: VerdictRetry, Answer: unconfigured(row)}, false
	}
	ctx, cancel := context.WithTimeout(ctx, d.o.SendTimeout)
	defer cancel()
	result := sender.Send(ctx, row)
	d.metrics.attempts.WithLabelValues(string(result.Verdict)).Inc()
	d.metrics.templateErrors.Add(float64(result.TemplateErrors))
	return result, result.Verdict != VerdictShadowed
}

// unconfigured says why a row waits for a configuration that knows its target.
func unconfigured(row Row) string {
	return fmt.Sprintf("receiver %s (%s) is no longer configured; sent when it is back", row.Receiver, row.Integration)
}

// outcome turns the end of an attempt into the state of its row.
func (d *Deliverer) outcome(row Row, r Result, now time.Time) Outcome {
	switch r.Verdict {
	case VerdictAccepted:
		return Outcome{State: RowDelivered, Answer: r.Answer, Receipt: r.Receipt}
	case VerdictShadowed:
		return shown(row, r.Answer)
	case VerdictRefused:
		return Outcome{State: RowRefused, Answer: r.Answer, Receipt: r.Receipt}
	}
	wait := backoff(row.Attempts, d.o.MinBackoff, d.o.MaxBackoff, d.o.Jitter())
	wait = max(wait, min(r.RetryAfter, maxRetryAfter))
	return Outcome{State: RowPending, NextAt: now.Add(wait), Answer: r.Answer, Receipt: r.Receipt}
}
