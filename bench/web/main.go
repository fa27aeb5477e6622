// Command web measures how the pages and the JSON API answer while the engine judges thousands of
// SLOs, and prints a table in Markdown:
//
//	go build -o burnline ./cmd/burnline && go run ./bench/web -burnline ./burnline
//
// The real binary reads real files with so many SLOs and takes their samples by remote write. Then
// clients ask: one that never rests, and numbers of people whose open page renews itself every second.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"burnline/bench/internal/fleet"
	"burnline/bench/internal/rig"
)

func main() { os.Exit(rig.Main("web", run)) }

// options are what the command line says.
type options struct {
	burnline         string
	slos, series     int
	interval, past   time.Duration
	settle, measured time.Duration
	clients          []int
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	var clients string
	flags := flag.NewFlagSet("web", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.slos, "slos", 10_000, "SLOs")
	flags.IntVar(&o.series, "series", 5, "series of each SLO")
	flags.DurationVar(&o.interval, "interval", 15*time.Second, "time between samples")
	flags.DurationVar(&o.past, "past", 2*time.Minute, "how much of the past is written first")
	flags.DurationVar(&o.settle, "settle", 20*time.Second, "how long the engine is measured alone")
	flags.DurationVar(&o.measured, "duration", 25*time.Second, "how long each number of clients is measured")
	flags.StringVar(&clients, "clients", "10,40", "numbers of clients that ask once a second, each measured apart")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	for text := range strings.SplitSeq(clients, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("-clients: %q is no number of clients; write 10,40", text)
		}
		o.clients = append(o.clients, n)
	}
	r, err := o.measure(ctx, stderr)
	if err != nil {
		return err
	}
	return o.table(r).Write(stdout)
}

// start starts Burnline with the fleet's SLOs, feeds it, and waits until each was judged.
func (o options) start(ctx context.Context, stderr io.Writer, dir string) (b *rig.Burnline, stop func() error, err error) {
	now := time.Now().Truncate(o.interval)
	f := fleet.Fleet{Services: o.slos, Series: o.series, Began: now.Add(-24 * time.Hour)}
	extra := fmt.Sprintf("data: %q\nslos: [%q]\n", filepath.Join(dir, "data"), filepath.Join(dir, "slos"))
	if b, err = rig.Prepare(ctx, o.burnline, dir, extra, f.Definitions("30d")); err != nil {
		return nil, nil, err
	}
	begun := time.Now()
	if err := b.Process.Start(); err != nil {
		return nil, nil, err
	}
	if err := b.Process.WaitReady(ctx); err != nil {
		b.Process.Kill()
		return nil, nil, err
	}
	say(stderr, "ready after %s; writing the past …", time.Since(begun).Round(100*time.Millisecond))
	live, cancel := context.WithCancel(ctx)
	feed := fleet.NewFeed(f, o.interval, now.Add(-o.past), "http://"+b.Web+"/prometheus/api/v1/write")
	fed := make(chan error, 1)
	if _, err := feed.CatchUp(ctx); err != nil {
		cancel()
		b.Process.Kill()
		return nil, nil, err
	}
	go func() { fed <- feed.Run(live) }()
	stop = func() error {
		cancel()
		err := <-fed
		b.Process.Kill()
		return err
	}
	if err := o.judged(ctx, b); err != nil {
		return nil, nil, errors.Join(err, stop())
	}
	say(stderr, "all SLOs are judged after %s", time.Since(begun).Round(100*time.Millisecond))
	return b, stop, nil
}

// judged waits until no SLO reads its past or waits for data any more.
func (o options) judged(ctx context.Context, b *rig.Burnline) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		var list struct {
			Budgets int            `json:"budgets"`
			States  map[string]int `json:"states"`
		}
		if err := b.GetJSON(ctx, "/api/v1/slos?limit=1", &list); err != nil {
			return err
		}
		if list.Budgets == o.slos && list.States["unseen"]+list.States["filling"] == 0 {
			return nil
		}
		if err := rig.Wait(ctx, 500*time.Millisecond); err != nil {
			return fmt.Errorf("wait until all of %d SLOs are judged, of which %v: %w", o.slos, list.States, err)
		}
	}
}

func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
