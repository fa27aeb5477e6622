package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"burnline/bench/internal/rig"
	"burnline/internal/harness"
)

// figures are what one server showed in one storm.
type figures struct {
	// taken is when all alerts were taken, since the first was sent. typical and worst are
	// the median and the longest time from a group's first alert to its first
	// notification, groups and all until every group, and every alert, was told of.
	taken, typical, worst, groups, all time.Duration
	cpu                                time.Duration
	memory                             int64
	// latency is the longest that the API took to answer meanwhile.
	latency time.Duration
	kill    killed
}

// killed is what a kill in the middle of a storm did.
type killed struct {
	// before is how many groups had been told of.
	before int
	// lost are groups that nobody was told of after the restart until the senders
	// sent everything again, and repeated the notifications of nothing new in all.
	lost, repeated int
	// missing are groups that were never told of.
	missing int
}

func (f figures) String() string {
	return fmt.Sprintf("taken %s, first notification %s (worst %s), all groups %s, all alerts %s, %.1f CPU-s, %d MiB, API %s; killed at %d groups: %d lost, %d repeated, %d missing",
		f.taken.Round(time.Millisecond), f.typical.Round(time.Millisecond), f.worst.Round(time.Millisecond), f.groups.Round(time.Millisecond), f.all.Round(time.Millisecond),
		f.cpu.Seconds(), f.memory>>20, f.latency.Round(time.Millisecond), f.kill.before, f.kill.lost, f.kill.repeated, f.kill.missing)
}

// measure sends one storm to a server and reads its figures.
func (o options) measure(ctx context.Context, s server, dir string, size int) (f figures, err error) {
	hook, err := newHook(ctx)
	if err != nil {
		return f, err
	}
	defer hook.close()
	p, err := o.start(ctx, s, dir, o.configuration(hook.URL))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.End()) }()
	idle, err := rig.CPU(p.PID())
	if err != nil {
		return f, err
	}
	asking, stop := context.WithCancel(ctx)
	worst := make(chan time.Duration, 1)
	go func() { worst <- ask(asking, p.api) }()
	began := time.Now()
	l := &load{sent: map[string]time.Time{}}
	err = l.send(ctx, o, p.api, storm(size, o.groups, began))
	f.taken = time.Since(began)
	if err == nil {
		err = o.await(ctx, func() bool { _, alerts, _ := hook.counts(); return alerts == size })
	}
	stop()
	f.latency = <-worst
	if err != nil {
		groups, alerts, _ := hook.counts()
		return f, fmt.Errorf("%d groups and %d alerts were told of: %w\n%s", groups, alerts, err, p.Output())
	}
	delays := hook.delays(l.sent)
	f.typical, f.worst = delays[len(delays)/2], delays[len(delays)-1]
	group, last := hook.ends()
	f.groups, f.all = group.Sub(began), last.Sub(began)
	busy, err := rig.CPU(p.PID())
	if err != nil {
		return f, err
	}
	f.cpu = busy - idle
	f.memory, err = rig.PeakMemory(p.PID())
	return f, err
}

// await waits until something is true, at most as long as a storm may take.
func (o options) await(ctx context.Context, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, o.most)
	defer cancel()
	return harness.Poll(ctx, 50*time.Millisecond, func() (bool, error) { return done(), nil })
}

// kill sends a storm, kills the server once half of the groups were told of, and starts
// it again.
func (o options) kill(ctx context.Context, s server, dir string, size int) (k killed, err error) {
	hook, err := newHook(ctx)
	if err != nil {
		return k, err
	}
	defer hook.close()
	p, err := o.start(ctx, s, dir, o.configuration(hook.URL))
	if err != nil {
		return k, err
	}
	defer func() { err = errors.Join(err, p.End()) }()
	alerts := storm(size, o.groups, time.Now())
	l := &load{sent: map[string]time.Time{}}
	sent := make(chan error, 1)
	go func() { sent <- l.send(ctx, o, p.api, alerts) }()
	groups := func() int { n, _, _ := hook.counts(); return n }
	if err := o.await(ctx, func() bool { return groups() >= o.groups/2 }); err != nil {
		return k, fmt.Errorf("wait for half of the groups: %w", err)
	}
	p.Kill()
	<-sent //nolint:errcheck // what was not taken is sent again below
	k.before = groups()
	if err := p.up(ctx); err != nil {
		return k, err
	}
	// Long enough for whoever remembers: group_wait and two intervals.
	if err := rig.Wait(ctx, o.wait+2*o.interval); err != nil {
		return k, err
	}
	k.lost = o.groups - groups()
	if err := l.send(ctx, o, p.api, alerts); err != nil {
		return k, err
	}
	if err := rig.Wait(ctx, o.wait+2*o.interval); err != nil {
		return k, err
	}
	_, _, k.repeated = hook.counts()
	k.missing = o.groups - groups()
	return k, nil
}
