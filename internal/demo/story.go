package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"burnline/examples/shop"
)

// Shop is what the story does to a shop and asks of it.
type Shop interface {
	// Ready is closed when customers are served.
	Ready() <-chan struct{}
	// Deploy brings the next version of checkout to a region and returns it.
	Deploy(ctx context.Context, region string) (string, error)
	// Break makes payment fail in a region, Slow makes it slow; Heal ends both.
	Break(region string) error
	Slow(region string) error
	Heal()
	// Stats counts what customers met.
	Stats() shop.Stats
}

// Timing says when what happens. Every zero field has a default.
type Timing struct {
	// Calm is how long all is well before the first fault. Default 1m.
	Calm time.Duration
	// Rollout is the time between a deploy and the fault that it brings. Default 10s.
	Rollout time.Duration
	// Hurt is how long a fault lasts at least, and Linger how long it lasts after
	// its page arrived. Defaults 1m and 30s.
	Hurt, Linger time.Duration
	// Patience is after how long a fault heals although no page came. Default 5m.
	Patience time.Duration
	// Rest is the time between the end of one fault and the next. Default 8m.
	Rest time.Duration
	// Report is how often the customers' fortunes are told. Default 20s.
	Report time.Duration
}

func (t *Timing) complete() {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Calm, time.Minute}, {&t.Rollout, 10 * time.Second}, {&t.Hurt, time.Minute}, {&t.Linger, 30 * time.Second},
		{&t.Patience, 5 * time.Minute}, {&t.Rest, 8 * time.Minute}, {&t.Report, 20 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
}

// Options are what a Story needs.
type Options struct {
	Shop Shop
	// Events are what the stand-in accepted, in order.
	Events <-chan Event
	// Out is where the story is told; Coloured allows ANSI colours.
	Out      io.Writer
	Coloured bool
	// Mark tells Burnline of a deploy, as a pipeline does; nil tells nothing.
	Mark func(ctx context.Context, d Deploy) error
	// Look are the addresses to look at, told at the beginning.
	Look   []Fact
	Timing Timing
	// Once ends the story when the first fault's page and resolve have arrived.
	Once bool
}

// Deploy is a version of a service that came to a region.
type Deploy struct{ Service, Version, Region string }

// Story is one showing of the demo.
type Story struct {
	opts Options
	term *terminal
	last shop.Stats
	// reports says when the customers' fortunes are told.
	reports <-chan time.Time
	// shown holds the dedup keys of the events that were shown.
	shown map[string]bool

	broke, paged, healed, resolved time.Time
	key                            string
}

// ErrUnfinished is wrapped by what Missing returns.
var ErrUnfinished = errors.New("the story did not come to its end")

// New returns a story that has not begun.
func New(opts Options) *Story {
	opts.Timing.complete()
	return &Story{
		opts: opts,
		term: &terminal{out: opts.Out, coloured: opts.Coloured, now: time.Now},
		last: shop.Stats{}, shown: map[string]bool{},
	}
}

// act is one fault and how it is told.
type act struct {
	region string
	// deploys says that a new version of checkout comes shortly before.
	deploys      bool
	begin        func(Shop) error
	begins, ends string
}

func acts() []act {
	return []act{
		{
			region: "eu", deploys: true,
			begin:  func(s Shop) error { return s.Break("eu") },
			begins: "Payment in eu begins to fail, as the new version asks the bank wrongly: three of four card payments there get an error, and so does every second customer who wants to buy.",
			ends:   "Payment in eu is repaired.",
		},
		{
			region: "us",
			begin:  func(s Shop) error { return s.Slow("us") },
			begins: "Payment in us becomes slow: it takes more than half a second.",
			ends:   "Payment in us is fast again.",
		},
	}
}

// Run tells the story until ctx ends, or with Once until the first page and its
// resolve have arrived. It returns nil in both cases; Missing says whether the
// story came to its end.
func (s *Story) Run(ctx context.Context) error {
	select {
	case <-s.opts.Shop.Ready():
	case <-ctx.Done():
		return nil
	}
	s.prologue()
	reports := time.NewTicker(s.opts.Timing.Report)
	defer reports.Stop()
	s.reports = reports.C
	wait := s.opts.Timing.Calm
	for n := 0; ; n++ {
		if s.until(ctx, wait, nil) != nil {
			return nil
		}
		done, err := s.play(ctx, acts()[n%len(acts())])
		if err != nil || !done || s.opts.Once {
			return err
		}
		wait = s.opts.Timing.Rest
		s.term.say(plain, "The next fault comes in %s. Ctrl-C ends the demo.", short(wait))
	}
}

// Missing returns nil when a page and its resolve have arrived for the newest
// fault, otherwise an error that wraps ErrUnfinished and says what is missing.
func (s *Story) Missing() error {
	switch {
	case s.broke.IsZero():
		return fmt.Errorf("%w: it ended before payment failed", ErrUnfinished)
	case s.paged.IsZero():
		return fmt.Errorf("%w: no page arrived for the failure that began at %s", ErrUnfinished, s.broke.Format(time.TimeOnly))
	case s.healed.IsZero():
		return fmt.Errorf("%w: the page arrived, but the time was over before payment was repaired", ErrUnfinished)
	case s.resolved.IsZero():
		return fmt.Errorf("%w: the page arrived, but no resolve for %s since payment was repaired at %s", ErrUnfinished, s.key, s.healed.Format(time.TimeOnly))
	}
	return nil
}

// play lets one fault happen and heal. It is false when ctx ended first.
func (s *Story) play(ctx context.Context, a act) (bool, error) {
	if a.deploys {
		version, err := s.opts.Shop.Deploy(ctx, a.region)
		if err != nil {
			return false, fmt.Errorf("begin the fault: %w", err)
		}
		s.term.say(plain, "Somebody deploys checkout %s in %s, and the pipeline marks it.", version, a.region)
		if s.opts.Mark != nil {
			if err := s.opts.Mark(ctx, Deploy{shop.Checkout, version, a.region}); err != nil {
				return false, fmt.Errorf("mark the deploy: %w", err)
			}
		}
		if s.until(ctx, s.opts.Timing.Rollout, nil) != nil {
			return false, nil
		}
	}
	s.broke, s.paged, s.healed, s.resolved, s.key = time.Now(), time.Time{}, time.Time{}, time.Time{}, ""
	s.term.say(red, "%s", a.begins)
	if err := a.begin(s.opts.Shop); err != nil {
		return false, fmt.Errorf("begin the fault: %w", err)
	}
	t := s.opts.Timing
	if s.until(ctx, t.Patience, func() bool { return !s.paged.IsZero() }) != nil {
		return false, nil
	}
	rest := max(t.Linger, t.Hurt-time.Since(s.broke))
	if s.paged.IsZero() {
		s.term.say(amber, "No page has arrived in %s. That should not be; look at the system page.", short(t.Patience))
		rest = 0
	}
	if s.until(ctx, rest, nil) != nil {
		return false, nil
	}
	s.opts.Shop.Heal()
	s.healed = time.Now()
	s.term.say(green, "%s", a.ends)
	if s.paged.IsZero() {
		return true, nil
	}
	return s.until(ctx, 0, func() bool { return !s.resolved.IsZero() }) == nil, nil
}

// until tells what happens for a time (0: without end) or until the condition
// holds. It returns ctx's error when that ends first.
func (s *Story) until(ctx context.Context, d time.Duration, holds func() bool) error {
	var over <-chan time.Time
	if d > 0 || holds == nil {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	for holds == nil || !holds() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return nil
		case <-s.reports:
			s.report()
		case e := <-s.opts.Events:
			s.hear(e)
		}
	}
	return nil
}

// hear shows an event and remembers what it means for the fault of now.
func (s *Story) hear(e Event) {
	s.term.box(e, s.shown[e.DedupKey])
	s.shown[e.DedupKey] = true
	switch {
	case e.Action == Trigger && !e.ticket() && s.paged.IsZero() && !s.broke.IsZero() && s.healed.IsZero():
		s.paged, s.key = e.At, e.DedupKey
		s.term.say(plain, "The page arrived %s after the first failure.", short(e.At.Sub(s.broke)))
	case e.Action == Resolve && s.key != "" && e.DedupKey == s.key:
		s.resolved = e.At
		if !s.healed.IsZero() {
			s.term.say(plain, "The incident resolved by itself %s after the repair.", short(e.At.Sub(s.healed)))
		}
	}
}

// prologue says what runs and where to look.
func (s *Story) prologue() {
	s.term.say(bold, "The shop is open: storefront, checkout and payment, in %s.", strings.Join(shop.Regions(), " and "))
	s.term.say(plain, "All is well for %s; then payment will fail in one region.", short(s.opts.Timing.Calm))
	s.term.table("          ", s.opts.Look)
}

// report says what customers met since the last report.
func (s *Story) report() {
	now := s.opts.Shop.Stats()
	var parts []string
	for _, region := range shop.Regions() {
		a, b := s.last[region], now[region]
		part := fmt.Sprintf("%s %d bought", region, b.Bought-a.Bought)
		if failed := b.BuyFailed - a.BuyFailed; failed > 0 {
			part += fmt.Sprintf(", %d could not", failed)
		}
		parts = append(parts, part)
	}
	s.last = now
	s.term.say(dim, "customers: %s", strings.Join(parts, "; "))
}

// short writes a duration to the second: 9 s, 1 m 20 s, 8 m.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	minutes, seconds := int(d/time.Minute), int(d%time.Minute/time.Second)
	switch {
	case minutes == 0:
		return fmt.Sprintf("%d s", seconds)
	case seconds == 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d min %d s", minutes, seconds)
}
