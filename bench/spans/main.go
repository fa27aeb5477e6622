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
	flags.StringVar(&o.burnline, "burnline", "", "the burnline binary (required)")
	flags.StringVar(&o.peer, "peer", "", "a stock collector of bench/spans/peer (default: built)")
	flags.IntVar(&o.spans, "spans", 512, "spans in a request")
	flags.IntVar(&o.connections, "connections", 16, "requests under way at a time")
	flags.IntVar(&o.slos, "slos", services, "SLOs on spans, each of one of the 20 services and by four regions")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each is measured; the table has the medians")
	flags.DurationVar(&o.warm, "warm", 8*time.Second, "how long the load runs before it is measured")
	flags.DurationVar(&o.measured, "duration", 15*time.Second, "how long it is measured")
	flags.DurationVar(&o.flood, "flood", 60*time.Second, "how long the flood lasts; 0 leaves it out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.burnline == "" {
		return errors.New("-burnline is required: go build -o burnline ./cmd/burnline")
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
	var ours, theirs []figures
	for round := range o.rounds {
		for _, s := range []struct {
			name  string
			start func(context.Context, options, string) (*server, error)
			to    *[]figures
		}{{"burnline", startBurnline, &ours}, {"collector", startPeer, &theirs}} {
			f, err := o.measure(ctx, s.start, filepath.Join(dir, fmt.Sprintf("%s-%d", s.name, round)))
			if err != nil {
				return fmt.Errorf("measure %s: %w", s.name, err)
			}
			_, _ = fmt.Fprintf(stderr, "round %d: %s: %s\n", round+1, s.name, f)
			*s.to = append(*s.to, f)
		}
	}
	var flooded []int64
	if o.flood > 0 {
		if flooded, err = o.floods(ctx, filepath.Join(dir, "flood"), stderr); err != nil {
			return fmt.Errorf("flood: %w", err)
		}
	}
	return write(stdout, o, median(ours), median(theirs), flooded)
}

// figures are what one run showed.
type figures struct {
	// rate is spans a second, cpu seconds a million spans, memory the peak resident set in MiB.
	rate, cpu, memory float64
}

func (f figures) String() string {
	return fmt.Sprintf("%.0f spans/s, %.2f CPU-s a million (%.0f spans per CPU-second), %.0f MiB", f.rate, f.cpu, 1e6/f.cpu, f.memory)
}

// median is that of each figure by itself.
func median(all []figures) figures {
	of := func(get func(figures) float64) float64 {
		vs := make([]float64, len(all))
		for i, f := range all {
			vs[i] = get(f)
		}
		return rig.Median(vs)
	}
	return figures{
		rate:   of(func(f figures) float64 { return f.rate }),
		cpu:    of(func(f figures) float64 { return f.cpu }),
		memory: of(func(f figures) float64 { return f.memory }),
	}
}

// measure starts a server on an empty folder, loads it, and reads its figures. What is flushed later
// than the spans come, such as span metrics and sampled traces, is in it: the load lasts longer than that.
func (o options) measure(ctx context.Context, start func(context.Context, options, string) (*server, error), dir string) (f figures, err error) {
	s, err := start(ctx, o, dir)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, s.End()) }()
	var number atomic.Uint64
	if _, err := load(ctx, s.otlp, o, false, o.warm, &number); err != nil {
		return f, err
	}
	before, err := rig.CPU(s.PID())
	if err != nil {
		return f, err
	}
	got, err := load(ctx, s.otlp, o, false, o.measured, &number)
	if err != nil {
		return f, err
	}
	after, err := rig.CPU(s.PID())
	if err != nil {
		return f, err
	}
	peak, err := rig.PeakMemory(s.PID())
	f = figures{
		rate:   float64(got.spans) / got.elapsed.Seconds(),
		cpu:    (after - before).Seconds() / float64(got.spans) * 1e6,
		memory: float64(peak) / (1 << 20),
	}
	return f, err
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
