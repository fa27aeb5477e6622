// Command spans measures what spans cost in Burnline's whole binary, with SLOs counted from them,
// span metrics, tail sampling and the trace store all on, beside a stock OpenTelemetry Collector
// with the span metrics connector: the same load over HTTP, in the same run, in turns. A second
// part floods Burnline with names and values that are new each time, and shows the memory. It prints a
// table in Markdown.
//
//	go build -o burnline ./cmd/burnline && go run ./bench/spans -burnline ./burnline
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"burnline/bench/internal/rig"
)

func main() { os.Exit(rig.Main("spans", run)) }

// options are what the command line says.
type options struct {
	burnline, peer           string
	spans, connections, slos int
	rounds                   int
	warm, measured, flood    time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("spans", flag.ContinueOnError)
	flags.StringVar(&o.peer, "peer", "", "a stock collector of bench/spans/peer (default: built)")
	flags.IntVar(&o.spans, "spans", 512, "spans in a request")
	flags.IntVar(&o.connections, "connections", 16, "requests under way at a time")
	flags.IntVar(&o.slos, "slos", services, "SLOs on spans, each of one of the 20 services and by four regions")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each is measured; the table has the medians")
	flags.DurationVar(&o.warm, "warm", 8*time.Second, "how long the load runs before it is measured")
	flags.DurationVar(&o.measured, "duration", 15*time.Second, "how long it is measured")
	flags.DurationVar(&o.flood, "flood", 60*time.Second, "how long the flood lasts; 0 leaves it out")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "burnline-spans-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.peer == "" {
		_, _ = fmt.Fprintln(stderr, "building the stock collector …")
		if o.peer, err = buildPeer(ctx, dir); err != nil {
			return err
		}
	}
	contender := func(name string, start starter) rig.Contender {
		return rig.Contender{Name: name, Measure: func(ctx context.Context, dir string) (rig.Figures, error) { return o.measure(ctx, start, dir) }}
	}
	medians, err := rig.InTurns(ctx, o.rounds, dir, "spans", stderr, contender("burnline", startBurnline), contender("collector", startPeer))
	if err != nil {
		return err
	}
	var flooded []int64
	if o.flood > 0 {
		if flooded, err = o.floods(ctx, filepath.Join(dir, "flood"), stderr); err != nil {
			return fmt.Errorf("flood: %w", err)
		}
	}
	return write(stdout, o, medians[0], medians[1], flooded)
}

// starter starts a server on an empty folder.
type starter func(ctx context.Context, o options, dir string) (*server, error)

// measure starts a server on an empty folder, loads it, and reads its figures. What is flushed later
// than the spans come, such as span metrics and sampled traces, is in it: the load lasts longer than that.
func (o options) measure(ctx context.Context, start starter, dir string) (f rig.Figures, err error) {
	s, err := start(ctx, o, dir)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, s.End()) }()
	var number atomic.Uint64
	if _, err := load(ctx, s.otlp, o, false, o.warm, &number); err != nil {
		return f, err
	}
	return rig.Under(s.PID(), func() (int64, time.Duration, error) {
		got, err := load(ctx, s.otlp, o, false, o.measured, &number)
		return int64(got.spans), got.elapsed, err
	})
}

// floods sends spans whose names are new each time, and returns the resident memory in MiB
// after each sixth of the time.
func (o options) floods(ctx context.Context, dir string, stderr io.Writer) (at []int64, err error) {
	s, err := startBurnline(ctx, o, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.End()) }()
	var number atomic.Uint64
	for range 6 {
		got, err := load(ctx, s.otlp, o, true, o.flood/6, &number)
		if err != nil {
			return at, err
		}
		rss, err := rig.RSS(s.PID())
		if err != nil {
			return at, err
		}
		at = append(at, rss>>20)
		_, _ = fmt.Fprintf(stderr, "flood: %d spans, %d MiB\n", got.spans, rss>>20)
	}
	return at, nil
}
