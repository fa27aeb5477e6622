// Command page measures how long it takes from the first failing request to
// PagerDuty's 202, and prints one table in Markdown:
//
//	go build -o burnline ./cmd/burnline && go run ./bench/page -burnline ./burnline
//
// The real program runs as a child, with one 99.9 % SLO per service and the default
// policies. Each service has hours of steady history behind it and exports by
// OTLP every 5 seconds, at a phase of its own; at a random moment all of its
// requests begin to fail. Services break independently, so one run of about two
// minutes measures them all.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
)

// floor is the shortest time, in seconds, after which a total outage of a 99.9 %
// SLO burns faster than 14.4 over an hour: 14.4 × 0.001 × 3600 (Google SRE Workbook, chapter 5).
const floor = 14.4 * 0.001 * 3600

func main() { os.Exit(rig.Main("page", run)) }

// options are what the command line says.
type options struct {
	burnline       string
	backend        string
	runs, services int
	interval       time.Duration
	history        time.Duration
	rate           float64
	seed           uint64
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("page", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.backend, "backend", "embedded", "where metrics are kept: embedded, prometheus or victoria-metrics (Debian's, started here)")
	flags.IntVar(&o.runs, "runs", 2, "runs, each with a burnline of its own on an empty data folder")
	flags.IntVar(&o.services, "services", 12, "services that break in one run, each at its own moment")
	flags.DurationVar(&o.interval, "interval", 5*time.Second, "export interval of each service")
	flags.DurationVar(&o.history, "history", 7*time.Hour, "steady history; under 6h the six-hour policy pages sooner than the floor")
	flags.Float64Var(&o.rate, "rate", 50, "requests per second of each service")
	flags.Uint64Var(&o.seed, "seed", rand.Uint64(), "seed of the random phases and moments")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	if _, ok := o.remote(); !ok {
		return fmt.Errorf("-backend %q: write embedded, prometheus or victoria-metrics", o.backend)
	}
	rng := rand.New(rand.NewPCG(o.seed, 0))
	var all [][]float64
	for i := range o.runs {
		seconds, err := o.measure(ctx, rng, stderr)
		if err != nil {
			return fmt.Errorf("run %d (seed %d): %w", i+1, o.seed, err)
		}
		all = append(all, seconds)
	}
	return report(o, all).Write(stdout)
}

// report builds the table.
func report(o options, runs [][]float64) *table.Table {
	t := &table.Table{
		Title:  "Error start → PagerDuty 202",
		Header: []string{"what", "seconds, each page", "median", "worst", "median − floor", "worst − floor"},
	}
	t.Row("the floor: 14.4 × 0.1 % × 1 h", "", fmt.Sprintf("%.2f", floor), "", "", "")
	var all []float64
	for i, seconds := range runs {
		t.Row(row(fmt.Sprintf("burnline, run %d", i+1), seconds)...)
		all = append(all, seconds...)
	}
	if len(runs) > 1 {
		cells := row("burnline, all runs", all)
		cells[1] = fmt.Sprintf("%d pages", len(all))
		t.Row(cells...)
	}
	for _, p := range []struct {
		what, each string
		median     float64
		worst      float64
	}{
		{"Prometheus + Alertmanager, tuned: scrape 5, evaluation 5, group_wait 0", "54.4 … 58.6", 55.5, 58.6},
		{"the same, scrape 15, evaluation 15, group_wait 30", "93.6 … 100.5", 95.6, 100.5},
		{"the same, scrape 15, evaluation 30, group_wait 30", "103.3 … 129.9", 115.7, 129.9},
	} {
		t.Row(p.what, p.each, fmt.Sprintf("%.1f", p.median), fmt.Sprintf("%.1f", p.worst), plus(p.median-floor), plus(p.worst-floor))
	}
	t.Note("One 99.9 %% SLO per service, window 30d, default policies; %d services in a run, each exports by OTLP every %s at a random phase "+
		"and breaks at a random moment: then all of its requests fail. %.0f requests per second, %s of steady history without errors.",
		o.services, o.interval, o.rate, o.history)
	if o.backend != "embedded" {
		t.Note("Burnline keeps its metrics in %s, and reads what is new by polling.", o.backend)
	}
	t.Note("Time runs from the first failing request to the moment at which the PagerDuty stand-in answered 202 to a trigger of severity critical.")
	t.Note("The rows of Prometheus and Alertmanager (3.15 and 0.34.2, rules by Sloth) were measured elsewhere: six runs each on a quiet machine with 2 cores, 24 h of history.")
	t.Note("Seed %d.", o.seed)
	return t
}

func row(what string, seconds []float64) []any {
	sorted := slices.Sorted(slices.Values(seconds))
	each := ""
	for i, s := range sorted {
		if i > 0 {
			each += " "
		}
		each += fmt.Sprintf("%.1f", s)
	}
	median, worst := rig.Median(seconds), sorted[len(sorted)-1]
	return []any{what, each, fmt.Sprintf("%.1f", median), fmt.Sprintf("%.1f", worst), plus(median - floor), plus(worst - floor)}
}

func plus(seconds float64) string { return fmt.Sprintf("%+.1f", seconds) }
