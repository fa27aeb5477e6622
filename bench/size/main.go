// Command size measures what an active series takes in memory and what its samples take in the write-ahead log, of Burnline
// and of Debian's Prometheus, fed with the same requests in the same run, and prints one table in Markdown:
//
//	go build -o burnline ./cmd/burnline && go run ./bench/size -burnline ./burnline
//
// What samples, SLOs, incidents and spans take is measured by benchmarks beside the code: go test -run XXX -bench Sizes
// -benchtime 1x ./storage/... ./slo/engine. docs/sizing.md has the figures, and tests hold them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"burnline/bench/internal/fleet"
	"burnline/bench/internal/rig"
	"burnline/bench/table"
	"burnline/internal/harness/backends"
)

func main() { os.Exit(rig.Main("size", run)) }

// options are what the command line says.
type options struct {
	burnline string
	series   int
	past     time.Duration
	interval time.Duration
	settle   time.Duration
}

// perService is how many series a service of the load has.
const perService = 50

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("size", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.series, "series", 100_000, "active series")
	flags.DurationVar(&o.past, "past", 10*time.Minute, "how far back their samples begin")
	flags.DurationVar(&o.interval, "interval", 15*time.Second, "between two samples of a series")
	flags.DurationVar(&o.settle, "settle", time.Minute, "how long the servers rest each time before their memory is read")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "burnline-size-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	t, err := o.measure(ctx, dir, stderr)
	if err != nil {
		return err
	}
	return t.Write(stdout)
}

// measured is a server, and what it took.
type measured struct {
	name, write, wal string
	pid              int
	before, after    int64
	log              int64
}

// measure starts both servers, feeds them, and reads what they take.
func (o options) measure(ctx context.Context, dir string, stderr io.Writer) (*table.Table, error) {
	ours, theirs := filepath.Join(dir, "burnline"), filepath.Join(dir, "prometheus")
	if err := errors.Join(os.Mkdir(ours, 0o750), os.Mkdir(theirs, 0o750)); err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	b, err := rig.Prepare(ctx, o.burnline, ours, fmt.Sprintf("data: %q\n", filepath.Join(ours, "data")), nil)
	if err != nil {
		return nil, err
	}
	if err := b.Process.Start(); err != nil {
		return nil, err
	}
	defer b.Process.Kill()
	if err := b.Process.WaitReady(ctx); err != nil {
		return nil, err
	}
	p, err := backends.Prometheus(ctx, theirs)
	if err != nil {
		return nil, err
	}
	defer p.Process.Kill()
	both := []*measured{
		{name: "Burnline", write: "http://" + b.Web + "/prometheus/api/v1/write", wal: filepath.Join(ours, "data", "metrics", "wal"), pid: b.Process.PID()},
		{name: "Prometheus 2.42 of Debian", write: p.WriteURL, wal: filepath.Join(theirs, "data", "wal"), pid: p.Process.PID()},
	}
	if err := rig.Wait(ctx, o.settle); err != nil {
		return nil, err
	}
	for _, m := range both {
		if m.before, err = rig.Anonymous(m.pid); err != nil {
			return nil, err
		}
	}
	samples, err := o.feed(ctx, stderr, both)
	if err != nil {
		return nil, err
	}
	for _, m := range both {
		if m.after, err = rig.Anonymous(m.pid); err != nil {
			return nil, err
		}
		if m.log, err = sizeOf(m.wal); err != nil {
			return nil, err
		}
	}
	return o.report(both, samples), nil
}

// feed writes the same samples to all, up to now, lets them rest, and returns how many of them there are.
func (o options) feed(ctx context.Context, stderr io.Writer, all []*measured) (int64, error) {
	now := time.Now().Truncate(o.interval)
	from := now.Add(-o.past)
	f := fleet.Fleet{Services: o.series / perService, Series: perService, Began: from.Add(-time.Hour)}
	var urls []string
	for _, m := range all {
		urls = append(urls, m.write)
	}
	_, _ = fmt.Fprintf(stderr, "writing %s of %d series …\n", o.past, f.Services*f.Series)
	fd := fleet.NewFeed(f, o.interval, from, urls...)
	rounds, err := fd.CatchUp(ctx)
	if err != nil {
		return 0, err
	}
	_, _ = fmt.Fprintf(stderr, "resting for %s …\n", o.settle)
	return int64(rounds * f.Services * f.Series), rig.Wait(ctx, o.settle)
}

// sizeOf adds up the files of a folder.
func sizeOf(dir string) (total int64, _ error) {
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// report builds the table.
func (o options) report(all []*measured, samples int64) *table.Table {
	t := &table.Table{Title: "Memory of a series", Header: []string{"what", "idle, MiB", "with the series, MiB", "KiB a series", "bytes a sample in the log"}}
	for _, m := range all {
		t.Row(m.name, fmt.Sprintf("%.0f", float64(m.before)/(1<<20)), fmt.Sprintf("%.0f", float64(m.after)/(1<<20)),
			fmt.Sprintf("%.2f", float64(m.after-m.before)/float64(o.series)/1024), fmt.Sprintf("%.1f", float64(m.log)/float64(samples)))
	}
	t.Note("%d active series of six labels with a sample every %s for %s, by remote write, the same requests for both; resident memory without mapped files, %s after the last sample.",
		o.series, o.interval, o.past, o.settle)
	t.Note("What lives is less: the rest is room that the garbage collector leaves. docs/sizing.md says how to reckon with it.")
	return t
}
