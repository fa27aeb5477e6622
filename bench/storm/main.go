// Command storm measures what Burnline's alert router makes of tens of thousands of alerts
// beside a real Alertmanager: the same alerts over the same API, with the same
// configuration file, into a webhook, in the same run. Then it kills each in the middle
// of a storm and counts what is lost and what is told twice. It prints one table in
// Markdown.
//
//	go build -o burnline ./cmd/burnline && go run ./bench/storm -burnline ./burnline
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"burnline/bench/internal/rig"
)

func main() { os.Exit(rig.Main("storm", run)) }

// options are what the command line says.
type options struct {
	burnline, alertmanager string
	// peer says which Alertmanager it is.
	peer                   string
	sizes                  []int
	groups, batch, senders int
	wait, interval         time.Duration
	most                   time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	var sizes string
	flags := flag.NewFlagSet("storm", flag.ContinueOnError)
	flags.StringVar(&o.burnline, "burnline", "", "the burnline binary (required)")
	flags.StringVar(&o.alertmanager, "alertmanager", "", "an alertmanager binary (default: alertmanager or Debian's prometheus-alertmanager of the PATH)")
	flags.StringVar(&sizes, "alerts", "10000,50000", "how many alerts, each a storm of its own")
	flags.IntVar(&o.groups, "groups", 500, "groups that the alerts belong to")
	flags.IntVar(&o.batch, "batch", 256, "alerts in a request, as Prometheus sends them")
	flags.IntVar(&o.senders, "senders", 4, "requests under way at a time")
	flags.DurationVar(&o.wait, "group-wait", 30*time.Second, "group_wait, which Burnline does not need")
	flags.DurationVar(&o.interval, "group-interval", 10*time.Second, "group_interval of both")
	flags.DurationVar(&o.most, "most", 2*time.Minute, "how long a storm is waited for")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := o.complete(ctx, sizes); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "burnline-storm-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return o.compare(ctx, dir, stdout, stderr)
}

// complete finds the programs and reads the sizes.
func (o *options) complete(ctx context.Context, sizes string) error {
	if o.burnline == "" {
		return errors.New("-burnline is required: go build -o burnline ./cmd/burnline")
	}
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < o.groups {
			return fmt.Errorf("-alerts: %q is no number of at least as many alerts as groups; write 10000,50000", text)
		}
		o.sizes = append(o.sizes, n)
	}
	var err error
	if o.burnline, err = filepath.Abs(o.burnline); err != nil {
		return err
	}
	for _, name := range []string{"alertmanager", "prometheus-alertmanager"} {
		if path, err := exec.LookPath(name); o.alertmanager == "" && err == nil {
			o.alertmanager = path
		}
	}
	if o.alertmanager == "" {
		return errors.New("there is no alertmanager: apt-get install prometheus-alertmanager, or name one with -alertmanager")
	}
	o.peer, err = version(ctx, o.alertmanager)
	return err
}

// compare runs each storm at both servers and prints the table.
func (o options) compare(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	var results []result
	for _, size := range o.sizes {
		r := result{alerts: size}
		for _, s := range []struct {
			server server
			to     *figures
		}{{burnline(o.burnline), &r.ours}, {alertmanager(o.alertmanager), &r.theirs}} {
			where := filepath.Join(dir, fmt.Sprintf("%s-%d", s.server.name, size))
			f, err := o.measure(ctx, s.server, where, size)
			if err != nil {
				return fmt.Errorf("a storm of %d alerts at %s: %w", size, s.server.name, err)
			}
			if f.kill, err = o.kill(ctx, s.server, where+"-killed", size); err != nil {
				return fmt.Errorf("kill %s in a storm of %d alerts: %w", s.server.name, size, err)
			}
			_, _ = fmt.Fprintf(stderr, "%d alerts: %s: %s\n", size, s.server.name, f)
			*s.to = f
		}
		results = append(results, r)
	}
	return write(stdout, o, results)
}
