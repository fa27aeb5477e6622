// Command start measures how soon an empty burnline is ready and how much
// memory it then takes, beside Debian's Prometheus and Alertmanager in the same
// run, and prints one table in Markdown:
//
//	go build -o burnline ./cmd/burnline && go run ./bench/start -burnline ./burnline
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"burnline/bench/internal/rig"
	"burnline/bench/table"
	"burnline/internal/harness"
	"burnline/internal/harness/backends"
)

func main() { os.Exit(rig.Main("start", run)) }

// options are what the command line says.
type options struct {
	burnline string
	runs     int
	settle   time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("start", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.runs, "runs", 5, "starts of each, in turns")
	flags.DurationVar(&o.settle, "settle", 15*time.Second, "how long a program idles before its memory is read")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	var ours, theirs []figures
	for i := range o.runs {
		_, _ = fmt.Fprintf(stderr, "round %d of %d …\n", i+1, o.runs)
		f, err := o.measureBurnline(ctx)
		if err != nil {
			return fmt.Errorf("start burnline: %w", err)
		}
		ours = append(ours, f)
		if f, err = o.measurePeers(ctx); err != nil {
			return err
		}
		theirs = append(theirs, f)
	}
	return report(o, ours, theirs).Write(stdout)
}

// figures are what one start showed.
type figures struct {
	ready time.Duration
	bytes int64
}

// measureBurnline starts burnline on an empty folder.
func (o options) measureBurnline(ctx context.Context) (f figures, err error) {
	dir, remove, err := folder()
	if err != nil {
		return f, err
	}
	defer remove()
	b, err := rig.Prepare(ctx, o.burnline, dir, "", nil)
	if err != nil {
		return f, err
	}
	start := time.Now()
	if err := b.Process.Start(); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, b.Stop()) }()
	if err := ready(ctx, b.Process); err != nil {
		return f, err
	}
	f.ready = time.Since(start)
	if err := rig.Wait(ctx, o.settle); err != nil {
		return f, err
	}
	f.bytes, err = rig.RSS(b.Process.PID())
	return f, err
}

// measurePeers starts Prometheus and Alertmanager at once, each on an empty
// folder; ready is when both are.
func (o options) measurePeers(ctx context.Context) (f figures, err error) {
	type started struct {
		backend *backends.Backend
		ready   time.Duration
		err     error
	}
	programs := []func(context.Context, string) (*backends.Backend, error){backends.Prometheus, backends.Alertmanager}
	results := make(chan started, len(programs))
	for _, launch := range programs {
		dir, remove, err := folder()
		if err != nil {
			return f, err
		}
		defer remove()
		go func() {
			start := time.Now()
			b, err := launch(ctx, dir)
			results <- started{b, time.Since(start), err}
		}()
	}
	var running []*harness.Process
	for range programs {
		r := <-results
		if r.err != nil {
			err = errors.Join(err, r.err)
			continue
		}
		running = append(running, r.backend.Process)
		defer r.backend.Process.Kill()
		f.ready = max(f.ready, r.ready)
	}
	if err != nil {
		return f, err
	}
	if err := rig.Wait(ctx, o.settle); err != nil {
		return f, err
	}
	for _, p := range running {
		bytes, err := rig.RSS(p.PID())
		if err != nil {
			return f, err
		}
		f.bytes += bytes
	}
	return f, nil
}

// ready waits until the program answers 200.
func ready(ctx context.Context, p *harness.Process) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return p.WaitReady(ctx)
}

// folder makes an empty folder and returns how to remove it.
func folder() (string, func(), error) {
	dir, err := os.MkdirTemp("", "burnline-start-")
	if err != nil {
		return "", nil, fmt.Errorf("make a data folder: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// report builds the table.
func report(o options, ours, theirs []figures) *table.Table {
	t := &table.Table{
		Title:  "Empty start and idle memory",
		Header: []string{"what", "ready, median", "ready, slowest", "idle memory, median", "idle memory, largest"},
	}
	t.Row(row("burnline serve", ours)...)
	t.Row(row("prometheus + prometheus-alertmanager", theirs)...)
	t.Note("%d starts of each, in turns, on empty folders. Ready is the time from starting the program to the first 200 of /-/ready, "+
		"asked every 20 ms; the peers are started at once and ready when both are.", o.runs)
	t.Note("Idle memory is the resident set %s after that; the peers' are added up.", o.settle)
	t.Note("Aim: ready within 0.5 s, at most 150 MB.")
	return t
}

func row(what string, all []figures) []any {
	var seconds, megabytes []float64
	for _, f := range all {
		seconds = append(seconds, f.ready.Seconds())
		megabytes = append(megabytes, float64(f.bytes)/1e6)
	}
	return []any{what,
		fmt.Sprintf("%.2f s", rig.Median(seconds)), fmt.Sprintf("%.2f s", slices.Max(seconds)),
		fmt.Sprintf("%.0f MB", rig.Median(megabytes)), fmt.Sprintf("%.0f MB", slices.Max(megabytes))}
}
