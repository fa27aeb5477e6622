package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"burnline/bench/internal/fleet"
)

// size is one row of the scale table.
type size struct {
	slos   int
	window string
	past   time.Duration
}

// scaled is what Burnline showed at one size.
type scaled struct {
	size
	with, without used
	// first is the time in which the history was read at the first start.
	first time.Duration
	// ready and known are the times after kill -9 at which the server answered,
	// and at which all SLOs were counted again; bare is the time of a server without SLOs.
	ready, known, bare time.Duration
}

// scale measures Burnline alone at one size. The history is coarse but for the
// last hours, so that it can be written in minutes; the counts that it leaves
// in memory are as many as those of a fine one.
func (o options) scale(ctx context.Context, stderr io.Writer, at size) (r scaled, err error) {
	r.size = at
	dir, remove, err := o.folder(at)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	now := time.Now().Truncate(o.interval)
	f := fleet.Fleet{Services: at.slos, Series: o.series, Began: now.Add(-at.past - time.Hour)}
	history := filepath.Join(dir, "history")
	say(stderr, "%d SLOs over %s: writing history …", at.slos, at.window)
	if _, err := writeHistory(ctx, history, f, o.coarse(now, at.past)); err != nil {
		return r, err
	}
	with, err := newBurnline(ctx, o, filepath.Join(dir, "with"), "burnline", history, f.Definitions(at.window))
	if err != nil {
		return r, err
	}
	without, err := newBurnline(ctx, o, filepath.Join(dir, "without"), "burnline without SLOs", history, nil)
	if err != nil {
		return r, err
	}
	servers := []*server{with, without}
	if err := startAll(ctx, servers); err != nil {
		return r, err
	}
	defer stopAll(servers)
	begun := time.Now()
	all, err := observe(ctx, fleet.NewFeed(f, o.interval, now, with.write, without.write), servers, o.settle, o.measured, func(ctx context.Context) error {
		err := with.waitFilled(ctx)
		r.first = time.Since(begun)
		say(stderr, "history read after %s", r.first.Round(time.Second))
		return err
	})
	if err != nil {
		return r, err
	}
	r.with, r.without = all[0], all[1]
	return r, o.restart(ctx, with, without, &r)
}

// folder makes the folder of a scale run, and returns what removes it unless it is kept.
func (o options) folder(at size) (dir string, remove func() error, err error) {
	if o.keep == "" {
		dir, err = os.MkdirTemp("", "burnline-slo-")
		remove = func() error { return os.RemoveAll(dir) }
	} else {
		dir = filepath.Join(o.keep, fmt.Sprintf("%d-%s", at.slos, at.window))
		err = os.MkdirAll(dir, 0o750)
		remove = func() error { return nil }
	}
	if err != nil {
		return "", nil, fmt.Errorf("make a folder: %w", err)
	}
	return dir, remove, nil
}

// restart kills both servers, starts one after the other, and notes how long
// each takes.
func (o options) restart(ctx context.Context, with, without *server, r *scaled) error {
	with.process.Kill()
	without.process.Kill()
	begun := time.Now()
	if err := without.start(ctx); err != nil {
		return err
	}
	r.bare = time.Since(begun)
	without.process.Kill()
	begun = time.Now()
	if err := with.start(ctx); err != nil {
		return err
	}
	r.ready = time.Since(begun)
	if err := with.waitFilled(ctx); err != nil {
		return err
	}
	r.known = time.Since(begun)
	err := without.start(ctx)
	return err
}

// coarse is a history with one sample an hour, every five minutes for the last three days, and at
// the interval for the last hours.
func (o options) coarse(now time.Time, past time.Duration) []stretch {
	fine, middle := now.Add(-o.fine), now.Add(-min(past, 72*time.Hour))
	if fine.Before(middle) {
		fine = middle
	}
	return []stretch{
		{now.Add(-past).Truncate(time.Hour), middle.Truncate(time.Hour), time.Hour},
		{middle.Truncate(time.Hour), fine.Truncate(time.Hour), 5 * time.Minute},
		{fine.Truncate(time.Hour), now, o.interval},
	}
}
