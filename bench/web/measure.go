package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
)

// crowded is what one number of clients saw, and what it cost.
type crowded struct {
	name  string
	times times
	// cores is the CPU time used in each second, and asked how many requests were answered in one.
	cores, asked float64
	// own is the memory at the end without the pages of mapped files.
	own int64
}

// result is all that was measured.
type result struct {
	// alone is the engine with nobody asking.
	alone  crowded
	crowds []crowded
	peak   int64
}

func (o options) measure(ctx context.Context, stderr io.Writer) (r result, err error) {
	dir, err := os.MkdirTemp("", "burnline-web-")
	if err != nil {
		return r, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b, stop, err := o.start(ctx, stderr, dir)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if r.alone, err = o.during(b, "nobody asks", func() (times, error) { return nil, rig.Wait(ctx, o.settle) }); err != nil {
		return r, err
	}
	one, err := o.during(b, "1 client that never rests", func() (times, error) { return o.crowd(ctx, b, 1, 0) })
	if err != nil {
		return r, err
	}
	r.crowds = append(r.crowds, one)
	for _, n := range o.clients {
		c, err := o.during(b, fmt.Sprintf("%d clients, once a second", n), func() (times, error) { return o.crowd(ctx, b, n, time.Second) })
		if err != nil {
			return r, err
		}
		r.crowds = append(r.crowds, c)
	}
	r.peak, err = rig.PeakMemory(b.Process.PID())
	return r, err
}

// during measures what the server uses while something is done.
func (o options) during(b *rig.Burnline, name string, do func() (times, error)) (c crowded, err error) {
	c.name = name
	before, err := rig.CPU(b.Process.PID())
	if err != nil {
		return c, err
	}
	begun := time.Now()
	if c.times, err = do(); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	took := time.Since(begun).Seconds()
	after, err := rig.CPU(b.Process.PID())
	if err != nil {
		return c, err
	}
	c.cores = (after - before).Seconds() / took
	for _, all := range c.times {
		c.asked += float64(len(all)) / took
	}
	c.own, err = rig.Anonymous(b.Process.PID())
	return c, err
}

// table shows p50, p99 and the worst of each kind of request, and what the server used.
func (o options) table(r result) *table.Table {
	t := &table.Table{Title: "Pages at " + grouped(o.slos) + " SLOs", Header: []string{"milliseconds: p50 / p99 / worst"}}
	for _, c := range r.crowds {
		t.Header = append(t.Header, c.name)
	}
	for _, a := range o.asks() {
		row := []any{a.name}
		for _, c := range r.crowds {
			all := c.times[a.name]
			row = append(row, fmt.Sprintf("%s / %s / %s", ms(quantile(all, 0.5)), ms(quantile(all, 0.99)), ms(quantile(all, 1))))
		}
		t.Row(row...)
	}
	answered, cores, memory := []any{"answers a second"}, []any{"cores, with the engine"}, []any{"memory"}
	for _, c := range r.crowds {
		answered = append(answered, fmt.Sprintf("%.1f", c.asked))
		cores = append(cores, fmt.Sprintf("%.2f", c.cores))
		memory = append(memory, mib(c.own))
	}
	t.Row(answered...)
	t.Row(cores...)
	t.Row(memory...)
	t.Note("%s SLOs of 99.9 %% over 30d, %d series each, a sample every %s by remote write. The services fail 0.05 %% of their requests, so that every policy window holds bad events and Burnline judges each SLO every second.",
		grouped(o.slos), o.series, o.interval)
	t.Note("Nobody asks: %.2f cores and %s. Peak memory of the run: %s. Memory is without the pages of mapped files.", r.alone.cores, mib(r.alone.own), mib(r.peak))
	t.Note("Measured from the request to the last byte of the answer, on the machine of the server, where clients and feed take CPU too. Every client goes through all kinds in turn, each for %s. "+
		"Once a second is how often an open page renews itself at most.", o.measured)
	t.Note("Aim: the list's first page within 300 ms at p99.")
	return t
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0f", float64(d)/float64(time.Millisecond)) }

func mib(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }

// grouped writes a whole number with commas.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return strings.TrimSpace(s)
}
