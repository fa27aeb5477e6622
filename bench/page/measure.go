package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"burnline/bench/internal/rig"
	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
)

const (
	// steady is how long services export live before the first may break, and
	// spread the time in which all of them break.
	steady = 10 * time.Second
	spread = 10 * time.Second
	// patience is how long after its break a page may take before the run fails.
	patience = 3 * time.Minute
)

// key is the routing key of the stand-in.
const key = "0123456789abcdef0123456789abcdef"

// measure runs once and returns, for each service, the seconds from its first
// failing request to the 202.
func (o options) measure(ctx context.Context, rng *rand.Rand, stderr io.Writer) (seconds []float64, err error) {
	pages := newPages()
	stand := pagerduty.New(pagerduty.Options{Keys: []string{key}, OnAccept: pages.take})
	if err := stand.Start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stand.Close()) }()
	dir, err := os.MkdirTemp("", "burnline-page-")
	if err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	where, closeBackend, err := o.startBackend(ctx)
	if err != nil {
		return nil, err
	}
	defer closeBackend()

	now := time.Now()
	services := o.newServices(rng, now)
	b, err := rig.Prepare(ctx, o.burnline, dir, receivers(stand.URL())+where, definitions(services))
	if err != nil {
		return nil, err
	}
	if err := start(ctx, b); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Stop()) }()
	_, _ = fmt.Fprintf(stderr, "writing %s of history …\n", o.history)
	if err := o.writeHistory(ctx, b.HTTP, services, now); err != nil {
		return nil, err
	}
	if o.backend != "embedded" {
		// Polling takes what is new; what was there before is read at the start.
		if err := errors.Join(b.Stop(), start(ctx, b)); err != nil {
			return nil, err
		}
	}
	if err := o.waitCounted(ctx, b, services); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintln(stderr, "services break …")
	return o.breakAll(ctx, rng, b.HTTP, services, pages)
}

// start starts burnline and waits until it is ready.
func start(ctx context.Context, b *rig.Burnline) error {
	if err := b.Process.Start(); err != nil {
		return err
	}
	return b.Process.WaitReady(ctx)
}

// newServices returns services that have been counting for the whole history.
func (o options) newServices(rng *rand.Rand, now time.Time) []*service {
	services := make([]*service, o.services)
	for i := range services {
		services[i] = &service{
			name:    fmt.Sprintf("service-%02d", i+1),
			started: now.Add(-o.history - time.Duration(rng.Int64N(int64(o.interval)))),
			breaks:  now.Add(24 * time.Hour), // not yet
			rate:    o.rate,
		}
	}
	return services
}

// writeHistory writes what the services counted until now: at the export
// interval for the last hour and a bit, once a minute before.
func (o options) writeHistory(ctx context.Context, address string, services []*service, now time.Time) error {
	fine := now.Add(-70 * time.Minute)
	for at := now.Add(-o.history); at.Before(now); {
		md := pmetric.NewMetrics()
		var moments []time.Time
		for len(moments) < 60 && at.Before(now) {
			moments = append(moments, at)
			if at.Before(fine) {
				at = at.Add(time.Minute)
			} else {
				at = at.Add(o.interval)
			}
		}
		for _, s := range services {
			s.observe(md, moments...)
		}
		if err := export(ctx, address, md); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	return nil
}

// waitCounted waits until the engine has counted the history of the last hour.
func (o options) waitCounted(ctx context.Context, b *rig.Burnline, services []*service) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	want := min(o.history, time.Hour).Seconds() * o.rate * 0.98
	return harness.Poll(ctx, 200*time.Millisecond, func() (bool, error) {
		for _, s := range services {
			var answer struct {
				Statuses []struct {
					Burns []struct {
						Window string
						Total  float64
					}
				}
			}
			if err := b.GetJSON(ctx, "/api/v1/slos/"+s.name+"/availability", &answer); err != nil {
				return false, err
			}
			counted := false
			for _, st := range answer.Statuses {
				for _, burn := range st.Burns {
					counted = counted || (burn.Window == "1h" && burn.Total >= want)
				}
			}
			if !counted {
				return false, nil
			}
		}
		return true, nil
	})
}

// breakAll exports live, breaks every service at its own moment, and waits for
// all the pages.
func (o options) breakAll(ctx context.Context, rng *rand.Rand, address string, services []*service, pages *pages) ([]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, steady+spread+patience)
	defer cancel()
	begin := time.Now()
	var wg sync.WaitGroup
	defer wg.Wait()
	live, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, len(services))
	for _, s := range services {
		s.breaks = begin.Add(steady + time.Duration(rng.Int64N(int64(spread))))
		phase := time.Duration(rng.Int64N(int64(o.interval)))
		wg.Go(func() { failed <- o.exportLive(live, address, s, phase) })
	}
	for pages.count() < len(services) {
		select {
		case err := <-failed:
			return nil, err
		case <-pages.arrived:
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d pages came in time: %w", pages.count(), len(services), ctx.Err())
		}
	}
	seconds := make([]float64, len(services))
	for i, s := range services {
		at, ok := pages.at(s.name)
		if !ok || at.Before(s.breaks) {
			return nil, fmt.Errorf("a page of %s came at %s, before it broke", s.name, at)
		}
		seconds[i] = at.Sub(s.breaks).Seconds()
	}
	return seconds, nil
}

// exportLive exports one service at its interval until ctx ends.
func (o options) exportLive(ctx context.Context, address string, s *service, phase time.Duration) error {
	if rig.Wait(ctx, phase) != nil {
		return nil
	}
	tick := time.NewTicker(o.interval)
	defer tick.Stop()
	for {
		md := pmetric.NewMetrics()
		s.observe(md, time.Now())
		if err := export(ctx, address, md); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// pages remembers the first page of each service.
type pages struct {
	mu      sync.Mutex
	first   map[string]time.Time
	arrived chan struct{}
}

func newPages() *pages {
	return &pages{first: map[string]time.Time{}, arrived: make(chan struct{}, 1)}
}

// take takes an accepted event; tickets are not pages.
func (p *pages) take(a pagerduty.Accepted) {
	if a.Event.EventAction != "trigger" || a.Event.Payload.Severity != "critical" {
		return
	}
	p.mu.Lock()
	if _, ok := p.first[a.Event.Payload.Source]; !ok {
		p.first[a.Event.Payload.Source] = a.At
	}
	p.mu.Unlock()
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

func (p *pages) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.first)
}

func (p *pages) at(service string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.first[service]
	return at, ok
}

// receivers is the part of burnline.yaml that says who is paged.
func receivers(url string) string {
	return fmt.Sprintf("alerting:\n  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s, url: %q}]}]\n  route: {receiver: oncall}\n", key, url)
}

// definitions returns one SLO file per service.
func definitions(services []*service) map[string]string {
	files := map[string]string{}
	for _, s := range services {
		files[s.name+".yaml"] = fmt.Sprintf(`apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: %s
  objective: 99.9
  window: 30d
  sli:
    events:
      bad: 'bench_requests_total{job="%s",code=~"5.."}'
      total: 'bench_requests_total{job="%s"}'
`, s.name, s.name, s.name)
	}
	return files
}
