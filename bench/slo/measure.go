package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"burnline/bench/internal/fleet"
	"burnline/bench/internal/rig"
)

// used is what a server used while it was measured.
type used struct {
	cpu time.Duration
	// own is without the pages of mapped files, rss with them.
	own, rss, peak int64
}

// observe feeds the servers for warm, and then measures them for as long as asked.
func observe(ctx context.Context, fd *fleet.Feed, servers []*server, warm, measured time.Duration, ready func(context.Context) error) ([]used, error) {
	if _, err := fd.CatchUp(ctx); err != nil {
		return nil, err
	}
	live, stop := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() { failed <- fd.Run(live) }()
	all, err := func() ([]used, error) {
		if err := ready(ctx); err != nil {
			return nil, err
		}
		if err := rig.Wait(ctx, warm); err != nil {
			return nil, err
		}
		before := make([]figures, len(servers))
		var err error
		for i, s := range servers {
			if before[i], err = s.use(); err != nil {
				return nil, err
			}
		}
		if err := rig.Wait(ctx, measured); err != nil {
			return nil, err
		}
		all := make([]used, len(servers))
		for i, s := range servers {
			after, err := s.use()
			if err != nil {
				return nil, err
			}
			all[i] = used{cpu: after.cpu - before[i].cpu, own: after.own, rss: after.rss, peak: after.peak}
		}
		return all, nil
	}()
	stop()
	return all, errors.Join(err, <-failed)
}

// startAll starts servers, all or none.
func startAll(ctx context.Context, servers []*server) error {
	for i, s := range servers {
		if err := s.start(ctx); err != nil {
			stopAll(servers[:i])
			return err
		}
	}
	return nil
}

// stopAll ends servers that run.
func stopAll(servers []*server) {
	for _, s := range servers {
		s.process.Kill()
	}
}

// perSLO returns the CPU time of one SLO in one minute: of the server with SLOs
// less that of the same server without.
func (o options) perSLO(with, without used, slos int, measured time.Duration) time.Duration {
	return time.Duration(float64(with.cpu-without.cpu) / float64(slos) / measured.Minutes())
}

// compared is the outcome of the run beside Prometheus.
type compared struct {
	burnline, prometheus         used
	burnlineIdle, prometheusIdle used
	// judged is Burnline's time to judge all SLOs once, and evaluated
	// Prometheus' time to evaluate all rules once.
	judged, evaluated time.Duration
	samples           int64
}

// compare runs Burnline and Prometheus, each with SLOs and without, on the same
// data at the same time.
func (o options) compare(ctx context.Context, stderr io.Writer) (c compared, err error) {
	dir, err := os.MkdirTemp("", "burnline-slo-")
	if err != nil {
		return c, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	now := time.Now().Truncate(o.interval)
	f := fleet.Fleet{Services: o.slos, Series: o.series, Began: now.Add(-o.history - time.Hour)}
	history := filepath.Join(dir, "history")
	say(stderr, "writing %s of history of %d SLOs …", o.history, o.slos)
	if c.samples, err = writeHistory(ctx, history, f, []stretch{{now.Add(-o.history), now, o.interval}}); err != nil {
		return c, err
	}
	var servers []*server
	for _, make := range []func(string) (*server, error){
		func(d string) (*server, error) {
			return newBurnline(ctx, o, d, "burnline", history, f.Definitions("30d"))
		},
		func(d string) (*server, error) {
			return newBurnline(ctx, o, d, "burnline without SLOs", history, nil)
		},
		func(d string) (*server, error) {
			return newPrometheus(ctx, o, d, "prometheus", history, slothRules(f, o.interval))
		},
		func(d string) (*server, error) {
			return newPrometheus(ctx, o, d, "prometheus without rules", history, "")
		},
	} {
		d := filepath.Join(dir, fmt.Sprintf("server-%d", len(servers)))
		s, err := make(d)
		if err != nil {
			return c, err
		}
		servers = append(servers, s)
	}
	if err := startAll(ctx, servers); err != nil {
		return c, err
	}
	defer stopAll(servers)
	var urls []string
	for _, s := range servers {
		urls = append(urls, s.write)
	}
	say(stderr, "reading history, then measuring for %s …", o.measured)
	begun := time.Now()
	all, err := observe(ctx, fleet.NewFeed(f, o.interval, now, urls...), servers, o.warm, o.measured, servers[0].waitFilled)
	if err != nil {
		return c, err
	}
	say(stderr, "measured after %s", time.Since(begun).Round(time.Second))
	c.burnline, c.burnlineIdle, c.prometheus, c.prometheusIdle = all[0], all[1], all[2], all[3]
	if n, err := servers[0].known(ctx); err != nil || n != o.slos {
		return c, errors.Join(err, fmt.Errorf("burnline knows the state of %d of %d SLOs", n, o.slos))
	}
	return c, c.rounds(ctx, servers[0], servers[2], o.slos)
}

// rounds reads how long one round over all SLOs takes, from the servers' own metrics.
func (c *compared) rounds(ctx context.Context, burnline, prometheus *server, slos int) error {
	sum, err := burnline.sum(ctx, "burnline_engine_judge_duration_seconds")
	if err != nil {
		return err
	}
	count, err := burnline.count(ctx, "burnline_engine_judge_duration_seconds")
	if err != nil {
		return err
	}
	c.judged = time.Duration(sum / max(1, count) * float64(slos) * float64(time.Second))
	last, err := prometheus.sum(ctx, "prometheus_rule_group_last_duration_seconds")
	c.evaluated = time.Duration(last * float64(time.Second))
	return err
}

func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
