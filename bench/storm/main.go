// Command storm measures what Burnline's alert router makes of tens of thousands of alerts
// beside a real Alertmanager: the same alerts over the same API, with the same
// configuration file, into a webhook, in the same run. Then it kills each in the middle
// of a storm and counts what is lost and what is told twice. At last the storm goes into PagerDuty
// keys, which take 120 events a minute each: in what order is it told, and what is late. It prints
// tables in Markdown.
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
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/bench/internal/rig"
)

func main() { os.Exit(rig.Main("storm", run)) }

// The parts of the benchmark.
const (
	partWebhook = "webhook"
	partKill    = "kill"
	partPages   = "pagerduty"
)

// options are what the command line says.
type options struct {
	burnline, alertmanager string
	// peer says which Alertmanager it is; "" where none is measured.
	peer                   string
	parts                  []string
	sizes                  []int
	groups, batch, senders int
	// keys are the PagerDuty keys of the part pagerduty.
	keys           int
	wait, interval time.Duration
	most           time.Duration
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	var sizes, parts string
	flags := flag.NewFlagSet("storm", flag.ContinueOnError)
	flags.StringVar(&o.alertmanager, "alertmanager", "", "an alertmanager binary, or none to measure Burnline alone (default: alertmanager or Debian's prometheus-alertmanager of the PATH)")
	flags.StringVar(&parts, "parts", "webhook,kill,pagerduty", "what is measured: webhook, kill (the webhook's storm is killed in its middle), pagerduty (the largest storm into PagerDuty keys)")
	flags.StringVar(&sizes, "alerts", "10000,50000", "how many alerts, each a storm of its own")
	flags.IntVar(&o.groups, "groups", 500, "groups that the alerts belong to")
	flags.IntVar(&o.keys, "keys", 2, "PagerDuty keys that the groups are told at")
	flags.IntVar(&o.batch, "batch", 256, "alerts in a request, as Prometheus sends them")
	flags.IntVar(&o.senders, "senders", 4, "requests under way at a time")
	flags.DurationVar(&o.wait, "group-wait", 30*time.Second, "group_wait, which Burnline does not need")
	flags.DurationVar(&o.interval, "group-interval", 10*time.Second, "group_interval of both")
	flags.DurationVar(&o.most, "most", 2*time.Minute, "how long a storm is waited for")
	if err := rig.Parse(flags, args, &o.burnline); err != nil {
		return err
	}
	if err := o.complete(ctx, sizes, parts); err != nil {
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
func (o *options) complete(ctx context.Context, sizes, parts string) error {
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < o.groups {
			return fmt.Errorf("-alerts: %q is no number of at least as many alerts as groups; write 10000,50000", text)
		}
		o.sizes = append(o.sizes, n)
	}
	for part := range strings.SplitSeq(parts, ",") {
		if part = strings.TrimSpace(part); !slices.Contains([]string{partWebhook, partKill, partPages}, part) {
			return fmt.Errorf("-parts: there is no %q; write webhook,kill,pagerduty", part)
		}
		o.parts = append(o.parts, part)
	}
	var err error
	if o.burnline, err = filepath.Abs(o.burnline); err != nil {
		return err
	}
	if o.alertmanager == "none" {
		return nil
	}
	for _, name := range []string{"alertmanager", "prometheus-alertmanager"} {
		if path, err := exec.LookPath(name); o.alertmanager == "" && err == nil {
			o.alertmanager = path
		}
	}
	if o.alertmanager == "" {
		return errors.New("there is no alertmanager: apt-get install prometheus-alertmanager, or name one with -alertmanager")
	}
	o.peer, err = rig.Version(ctx, "Alertmanager", o.alertmanager)
	return err
}

// servers are those that are measured.
func (o options) servers() []server {
	all := []server{burnline(o.burnline)}
	if o.peer != "" {
		all = append(all, alertmanager(o.alertmanager))
	}
	return all
}

// does reports whether a part is measured.
func (o options) does(part string) bool { return slices.Contains(o.parts, part) }

// compare runs each storm at the servers and prints the table.
func (o options) compare(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	var results []result
	for _, size := range o.sizes {
		r := result{alerts: size}
		for _, s := range o.servers() {
			f, err := o.storm(ctx, s, filepath.Join(dir, fmt.Sprintf("%s-%d", s.name, size)), size)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(stderr, "%d alerts: %s: %s\n", size, s.name, f)
			r.of = append(r.of, f)
		}
		results = append(results, r)
	}
	if o.does(partWebhook) || o.does(partKill) {
		if err := write(stdout, o, results); err != nil {
			return err
		}
	}
	if !o.does(partPages) {
		return nil
	}
	return o.comparePages(ctx, dir, stdout, stderr)
}

// comparePages runs the largest storm into PagerDuty keys at the servers and prints the table.
func (o options) comparePages(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	size := slices.Max(o.sizes)
	var all []pageFigures
	for _, s := range o.servers() {
		f, err := o.pages(ctx, s, filepath.Join(dir, s.name+"-pages"), size)
		if err != nil {
			return fmt.Errorf("a storm of %d alerts into PagerDuty keys at %s: %w", size, s.name, err)
		}
		_, _ = fmt.Fprintf(stderr, "%d alerts into PagerDuty keys: %s: %s\n", size, s.name, f)
		all = append(all, f)
	}
	if o.does(partWebhook) || o.does(partKill) {
		_, _ = fmt.Fprintln(stdout)
	}
	return writePages(stdout, o, size, all)
}

// storm measures a storm at one server, and a kill in the middle of another.
func (o options) storm(ctx context.Context, s server, dir string, size int) (f figures, err error) {
	if o.does(partWebhook) {
		if f, err = o.measure(ctx, s, dir, size); err != nil {
			return f, fmt.Errorf("a storm of %d alerts at %s: %w", size, s.name, err)
		}
	}
	if o.does(partKill) {
		if f.kill, err = o.kill(ctx, s, dir+"-killed", size); err != nil {
			return f, fmt.Errorf("kill %s in a storm of %d alerts: %w", s.name, size, err)
		}
	}
	return f, nil
}
