// Command restore measures what backups cost a running burnline, and what is lost with a machine: a server is filled, backed up,
// killed under load, restored and started again, and one table in Markdown is printed:
//
//	go build -o burnline ./cmd/burnline && go run ./bench/restore -burnline ./burnline
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"burnline/bench/internal/rig"
)

func main() { os.Exit(rig.Main("restore", run)) }

// options are what the command line says.
type options struct {
	burnline string
	// load is how long the server is loaded for its CPU time, and rate how many alerts a second it takes then.
	load time.Duration
	rate int
	// kills is how often the server is killed and restored.
	kills int
	small bool
	log   io.Writer
}

// size is how much a store holds.
type size struct {
	name string
	// incidents are all but leftOpen over, and series have a sample every 15 seconds of a day.
	incidents, series int
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := options{log: stderr}
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.DurationVar(&o.load, "load", 20*time.Second, "how long the server is loaded for its CPU time")
	flags.IntVar(&o.rate, "rate", 20, "alerts a second, each of which becomes an incident with its message")
	flags.IntVar(&o.kills, "kills", 5, "how often it is killed and restored")
	flags.BoolVar(&o.small, "small", false, "only the small store")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	sizes := []size{{"small", 1_000, 1_000}, {"large", 20_000, 5_000}}
	if o.small {
		sizes = sizes[:1]
	}
	var all []figures
	for _, s := range sizes {
		f, err := o.measure(ctx, s)
		if err != nil {
			return fmt.Errorf("measure the %s store: %w", s.name, err)
		}
		all = append(all, f)
	}
	return report(o, all).Write(stdout)
}
