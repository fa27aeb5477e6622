// Command record records the metrics with which packs are tested whose programs Debian doesn't package. It starts programs that
// its user built or was given, makes requests to them, failures among them, and writes what their exporters say:
//
//	go run ./internal/harness/record -kube-apiserver PATH -kube-state-metrics PATH kubernetes
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"burnline/internal/harness"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	// to is the folder of the recordings.
	to string
	// limit bounds the whole recording.
	limit time.Duration
	// programs are the paths of programs by their names.
	programs map[string]*string
}

// recordings are what can be recorded, by name, with the programs that each needs.
func recordings() map[string]struct {
	record func(ctx context.Context, s *stage) error
	needs  []string
} {
	return map[string]struct {
		record func(ctx context.Context, s *stage) error
		needs  []string
	}{
		"kubernetes":    {recordKubernetes, []string{"etcd", "kube-apiserver", "kube-state-metrics"}},
		"ingress-nginx": {recordIngress, []string{"etcd", "kube-apiserver", "nginx-ingress-controller", "ingress-lua"}},
		"aws":           {recordAWS, []string{"yace"}},
	}
}

func run(ctx context.Context, args []string, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	flags.SetOutput(stderr)
	o := options{programs: map[string]*string{}}
	flags.StringVar(&o.to, "to", "cmd/burnline/testdata/packs", "folder of the recordings")
	flags.DurationVar(&o.limit, "limit", 10*time.Minute, "how long a recording may take")
	var names []string
	for name, r := range recordings() {
		names = append(names, name)
		for _, program := range r.needs {
			if o.programs[program] == nil {
				o.programs[program] = flags.String(program, program, "path of "+program)
			}
		}
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return fmt.Errorf("say what to record: %s", strings.Join(names, ", "))
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	for _, name := range flags.Args() {
		r, ok := recordings()[name]
		if !ok {
			return fmt.Errorf("nothing is recorded of %q: write one of %s", name, strings.Join(names, ", "))
		}
		if err := o.record(ctx, name, r.record); err != nil {
			return err
		}
	}
	return nil
}

// record makes one recording on a stage of its own.
func (o options) record(ctx context.Context, name string, record func(context.Context, *stage) error) (err error) {
	s := &stage{options: o}
	if s.dir, err = os.MkdirTemp("", "record-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	defer s.end()
	if err := record(ctx, s); err != nil {
		return fmt.Errorf("record %s: %w", name, err)
	}
	return nil
}

// stage is where programs run while they are recorded.
type stage struct {
	options options
	// dir is a folder that is gone afterwards.
	dir       string
	processes []*harness.Process
}

// end ends the programs, the newest first.
func (s *stage) end() {
	for i := len(s.processes) - 1; i >= 0; i-- {
		s.processes[i].Kill()
	}
}

// start starts a program and waits until ready answers 200, or doesn't wait where ready is empty.
func (s *stage) start(ctx context.Context, program, ready string, env []string, args ...string) (*harness.Process, error) {
	p := &harness.Process{Command: append([]string{*s.options.programs[program]}, args...), Env: env, Ready: ready}
	if err := p.Start(); err != nil {
		return nil, err
	}
	s.processes = append(s.processes, p)
	if ready == "" {
		return p, nil
	}
	if err := p.WaitReady(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return p, nil
}

// addresses returns loopback addresses that are free now.
func addresses(ctx context.Context, n int) ([]string, error) {
	all := make([]string, n)
	for i := range all {
		var err error
		if all[i], err = harness.FreeAddress(ctx); err != nil {
			return nil, err
		}
	}
	return all, nil
}
