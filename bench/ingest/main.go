// Command ingest measures how Burnline takes in OTLP metrics beside a real
// Prometheus with its OTLP receiver: the same load over HTTP, in the same run,
// in turns, each time on an empty data folder. It prints one table in
// Markdown.
//
//	go build -o burnline ./cmd/burnline && go run ./bench/ingest -burnline ./burnline
//
// Prometheus is built from the module that Burnline is built with, so both run
// the same storage engine; -prometheus measures another binary (3.0 or later).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"burnline/bench/internal/rig"
	"burnline/bench/loadgen"
)

func main() { os.Exit(rig.Main("ingest", run)) }

// options are what the command line says.
type options struct {
	burnline, prometheus string
	// peer says which Prometheus it is.
	peer                string
	kind                string
	series, points      int
	connections, rounds int
	gzip                bool
	warm, measured      time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("ingest", flag.ContinueOnError)
	flags.StringVar(&o.prometheus, "prometheus", "", "a prometheus binary with an OTLP receiver (default: built from the module)")
	flags.StringVar(&o.kind, "kind", string(loadgen.Mix), "gauge, sum, hist or mix (ten sums to one 12-bucket histogram)")
	flags.IntVar(&o.series, "series", 11_000, "OTLP series; a histogram counts as one")
	flags.IntVar(&o.points, "points", 2_750, "points in a request")
	flags.IntVar(&o.connections, "connections", 4, "requests under way at a time")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each server is measured; the table has the medians")
	flags.BoolVar(&o.gzip, "gzip", false, "compress bodies")
	flags.DurationVar(&o.warm, "warm", 3*time.Second, "how long the load runs before it is measured")
	flags.DurationVar(&o.measured, "duration", 10*time.Second, "how long it is measured")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "burnline-ingest-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.burnline, err = filepath.Abs(o.burnline); err != nil {
		return err
	}
	if o.prometheus == "" {
		_, _ = fmt.Fprintln(stderr, "building prometheus …")
		if o.prometheus, err = rig.BuildPrometheus(ctx, dir); err != nil {
			return err
		}
	}
	if o.peer, err = rig.Version(ctx, "Prometheus", o.prometheus); err != nil {
		return err
	}
	return o.compare(ctx, dir, stdout, stderr)
}

// compare measures both servers in turns and prints the table.
func (o options) compare(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	contender := func(s server) rig.Contender {
		return rig.Contender{Name: s.name, Measure: func(ctx context.Context, dir string) (rig.Figures, error) { return o.measure(ctx, s, dir) }}
	}
	medians, err := rig.InTurns(ctx, o.rounds, dir, "points", stderr, contender(burnline(o.burnline)), contender(prometheus(o.prometheus)), contender(guarded(o.burnline)))
	if err != nil {
		return err
	}
	return write(stdout, o, medians[0], medians[1], medians[2])
}

// measure starts a server on an empty folder, loads it, and reads its figures.
func (o options) measure(ctx context.Context, s server, dir string) (f rig.Figures, err error) {
	p, err := s.start(ctx, dir)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.End()) }()
	from := time.Now().Add(-90 * time.Minute)
	load, err := loadgen.Build(loadgen.Spec{Kind: loadgen.Kind(o.kind), Series: o.series, PerRequest: o.points, Start: from})
	if err != nil {
		return f, err
	}
	to := loadgen.NewHTTP(p.otlp, o.gzip, o.connections)
	to.Token = p.token
	run := loadgen.Options{Connections: o.connections, Duration: o.warm, From: from, Step: time.Second}
	res, err := load.Run(ctx, to, run)
	if err = errors.Join(err, res.Err); err != nil {
		return f, err
	}
	return rig.Under(p.PID(), func() (int64, time.Duration, error) {
		run.Done, run.Duration = res.Rounds, o.measured
		res, err := load.Run(ctx, to, run)
		return int64(res.Points), res.Elapsed, errors.Join(err, res.Err)
	})
}
