// Command slo measures what it costs to know SLOs, beside a Prometheus that
// runs rules of the shape that Sloth generates, on the same data in the same
// run, and prints two tables in Markdown:
//
//	go build -o burnline ./cmd/burnline && go run ./bench/slo -burnline ./burnline
//
// Each server runs twice, with SLOs and without, and takes the same samples by
// remote write; what the SLOs cost is the difference. The second table has
// Burnline alone at growing numbers of SLOs and lengths of window.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"burnline/bench/internal/rig"
)

func main() { os.Exit(rig.Main("slo", run)) }

// options are what the command line says.
type options struct {
	burnline, prometheus, peer string
	slos, series               int
	interval, history, fine    time.Duration
	warm, settle, measured     time.Duration
	sizes, keep                string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("slo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.prometheus, "prometheus", "", "a prometheus binary (default: built from the module)")
	flags.IntVar(&o.slos, "slos", 10, "SLOs in the comparison; 0 leaves it out")
	flags.IntVar(&o.series, "series", 50, "series of each SLO")
	flags.DurationVar(&o.interval, "interval", 15*time.Second, "time between samples, and between evaluations of Prometheus' rules")
	flags.DurationVar(&o.history, "history", 31*24*time.Hour, "history of the comparison, at the interval")
	flags.DurationVar(&o.fine, "fine", 6*time.Hour, "the part of the scale runs' history that is at the interval")
	flags.DurationVar(&o.warm, "warm", time.Minute, "time before the comparison is measured")
	flags.DurationVar(&o.settle, "settle", time.Minute, "time before a scale run is measured")
	flags.DurationVar(&o.measured, "duration", 3*time.Minute, "how long each run is measured")
	flags.StringVar(&o.sizes, "sizes", "100@30d,1000@30d,1000@1d,1000@90d", "SLOs@window of the scale runs; empty leaves them out")
	flags.StringVar(&o.keep, "keep", "", "a folder in which the scale runs' data stays, as kill -9 left it (default: it is removed)")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	sizes, err := parseSizes(o.sizes)
	if err != nil {
		return err
	}
	if o.burnline, err = filepath.Abs(o.burnline); err != nil {
		return fmt.Errorf("find the binary: %w", err)
	}
	if o.slos > 0 {
		if err := o.comparison(ctx, stdout, stderr); err != nil {
			return err
		}
	}
	var rows []scaled
	for _, at := range sizes {
		r, err := o.scale(ctx, stderr, at)
		if err != nil {
			return fmt.Errorf("%d SLOs over %s: %w", at.slos, at.window, err)
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil
	}
	return o.scaleTable(rows).Write(stdout)
}

// comparison measures beside Prometheus and prints the first table.
func (o options) comparison(ctx context.Context, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "burnline-slo-prometheus-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.prometheus == "" {
		say(stderr, "building prometheus …")
		if o.prometheus, err = rig.BuildPrometheus(ctx, dir); err != nil {
			return err
		}
	}
	if o.peer, err = rig.Version(ctx, "Prometheus", o.prometheus); err != nil {
		return err
	}
	c, err := o.compare(ctx, stderr)
	if err != nil {
		return err
	}
	if err := o.compareTable(c).Write(stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout)
	return err
}

// parseSizes reads 100@30d,1000@90d.
func parseSizes(text string) ([]size, error) {
	var sizes []size
	for one := range strings.SplitSeq(text, ",") {
		if one == "" {
			continue
		}
		n, window, ok := strings.Cut(one, "@")
		slos, err := strconv.Atoi(n)
		days, errDays := strconv.Atoi(strings.TrimSuffix(window, "d"))
		if !ok || err != nil || errDays != nil || slos < 1 || days < 1 {
			return nil, fmt.Errorf("-sizes %q: write SLOs@window such as 1000@30d", one)
		}
		sizes = append(sizes, size{slos, window, time.Duration(days+1) * 24 * time.Hour})
	}
	return sizes, nil
}
