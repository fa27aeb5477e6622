package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/alerting"
	senders "burnline/alerting/pagerduty"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/patience"
	"burnline/slo"
	"burnline/slo/engine"
	"burnline/storage/metrics/local"
	"burnline/storage/state"
)

// lostSource is a story of services of three jobs whose samples go into the
// embedded store, and of the way of a page from there to PagerDuty's stand-in. Only
// the engine's clock is not the wall's: the five minutes of patience pass in seconds.
type lostSource struct {
	t      *testing.T
	clock  atomic.Int64 // milliseconds
	store  *local.Store
	state  *state.Store
	engine *engine.Engine
	stand  *pagerduty.Server
	jobs   []string // of each SLO
	lost   map[string]bool
	count  float64
}

// TestALostSourceIsOnePageThatNamesIt loses the source of one SLO, then that of two
// hundred, and then has them back.
func TestALostSourceIsOnePageThatNamesIt(t *testing.T) {
	t.Parallel()
	s := newLostSource(t, "till")
	for range 200 {
		s.jobs = append(s.jobs, "checkout")
	}
	s.jobs = append(s.jobs, "search")
	s.start()

	s.lost["till"] = true
	s.passUntil("the page of one SLO", func() bool { return len(s.stand.Events()) == 1 })
	if got := s.stand.Events()[0].Event.Payload; !strings.HasPrefix(got.Summary, "No buying traffic arrives since ") ||
		!strings.Contains(got.Summary, "job till") || got.Severity != "critical" || got.Class != "no data" {
		t.Errorf("the page says %q, %s, %s", got.Summary, got.Severity, got.Class)
	}

	s.lost["checkout"] = true
	s.passUntil("the page of two hundred", func() bool { return len(s.stand.Events()) == 2 })
	s.pass(3 * time.Minute)
	if got := s.stand.Events()[1].Event.Payload; !strings.HasPrefix(got.Summary, "Burnline is blind to job checkout, instance checkout:8080 since ") ||
		!strings.Contains(got.Summary, "200 SLOs") || got.Severity != "critical" {
		t.Errorf("the page says %q, %s, %s", got.Summary, got.Severity, got.Class)
	}
	if n := len(s.stand.Events()); n != 2 {
		t.Fatalf("%d events arrived for two lost sources: %+v", n, s.stand.Events()[2:])
	}

	s.lost = map[string]bool{}
	s.passUntil("both resolves", func() bool { return len(s.stand.Events()) == 4 })
	resolved := map[string]bool{}
	for _, e := range s.stand.Events()[2:] {
		resolved[e.Event.DedupKey] = e.Event.EventAction == "resolve"
	}
	for _, e := range s.stand.Events()[:2] {
		if !resolved[e.Event.DedupKey] {
			t.Errorf("%q was not resolved", e.Event.Payload.Summary)
		}
	}
}

// newLostSource begins a story with one SLO a job.
func newLostSource(t *testing.T, jobs ...string) *lostSource {
	s := &lostSource{t: t, jobs: jobs, lost: map[string]bool{}, stand: pagerduty.New(pagerduty.Options{Keys: []string{routingKey}})}
	s.clock.Store(time.Now().Add(-3 * time.Hour).Truncate(time.Minute).UnixMilli())
	return s
}

func (s *lostSource) now() time.Time { return time.UnixMilli(s.clock.Load()).UTC() }

// start writes a day of samples, and then runs engine, router and deliverer.
func (s *lostSource) start() {
	t := s.t
	store, err := local.Open(local.Options{
		Dir: t.TempDir(), Retention: 30 * 24 * time.Hour, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	s.must(err)
	t.Cleanup(func() { s.must(store.Close()) })
	s.store = store
	for at := s.now().Add(-25 * time.Hour); !at.After(s.now()); at = at.Add(time.Minute) {
		s.write(at)
	}
	kept, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	s.must(err)
	t.Cleanup(func() { s.must(kept.Close()) })
	s.state = kept
	sender, err := senders.New(senders.Config{RoutingKey: routingKey, URL: listen(t, s.stand) + pagerduty.Path, Client: "Burnline"}, senders.Options{})
	s.must(err)
	deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{
		Store: kept, Now: time.Now, Senders: func(string, string) (alerting.Sender, bool) { return sender, true },
	})
	s.must(err)
	router, err := alerting.NewRouter(alerting.Options{
		Store: kept, Now: time.Now, Wake: deliverer.Wake,
		Config: alerting.Config{Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}}, Route: alerting.Route{Receiver: "oncall"}},
	})
	s.must(err)
	s.engine, err = engine.New(engine.Options{Reader: store, Commit: router.Commit, Now: s.now})
	s.must(err)
	s.must(s.engine.Update(s.definitions()))
	store.Tap(s.engine)

	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{s.engine.Run, deliverer.Run} {
		running.Go(func() {
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() { cancel(); running.Wait() })
	s.judged()
}

func (s *lostSource) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *lostSource) definitions() []slo.Definition {
	var all []slo.Definition
	for i, job := range s.jobs {
		total := slo.Selector{Name: fmt.Sprintf("requests_%d_total", i)}
		bad := total
		bad.Matchers = []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "500"}}
		all = append(all, slo.Definition{
			ID: fmt.Sprintf("%s/slo-%d", job, i), Name: fmt.Sprintf("slo-%d", i), Service: job, Journey: "buy", Objective: 99.9,
			Window: slo.Window{Rolling: 24 * time.Hour}, NoData: slo.NoDataAuto, ResolveAfter: time.Minute, MinBad: 2,
			Policies: slo.DefaultPolicies(24 * time.Hour),
			SLI:      slo.SLI{Events: &slo.EventsSLI{Total: slo.Sum{{Selector: total}}, Bad: slo.Sum{{Selector: bad}}}},
		})
	}
	return all
}

// write stores one sample of every series whose source isn't lost.
func (s *lostSource) write(at time.Time) {
	s.t.Helper()
	s.count += 100
	app := s.store.AppenderV2(s.t.Context())
	for i, job := range s.jobs {
		if s.lost[job] {
			continue
		}
		series := labels.FromStrings("__name__", fmt.Sprintf("requests_%d_total", i), "job", job, "instance", job+":8080", "code", "200")
		_, err := app.Append(0, series, 0, at.UnixMilli(), s.count, nil, nil, storage.AOptions{})
		s.must(err)
	}
	s.must(app.Commit())
}

// pass lets time go by, ten seconds a step, and has everything judged at each.
func (s *lostSource) pass(d time.Duration) {
	s.t.Helper()
	for end := s.now().Add(d); s.now().Before(end); {
		s.clock.Add(10_000)
		s.write(s.now())
		s.judged()
	}
}

// passUntil lets time go by until something holds, at most half an hour.
func (s *lostSource) passUntil(what string, holds func() bool) {
	s.t.Helper()
	for end := s.now().Add(30 * time.Minute); !holds(); s.pass(10 * time.Second) {
		if s.now().After(end) {
			s.t.Fatalf("half an hour passes without %s; arrived are %+v", what, s.stand.Events())
		}
	}
}

// judged waits until every SLO was judged lately, and what came of it is sent.
func (s *lostSource) judged() {
	s.t.Helper()
	patience.Until(s.t, "every SLO is judged", func() bool {
		lately := 0
		for _, st := range s.engine.Statuses() {
			if !st.Filling && s.now().Sub(st.At) < 20*time.Second {
				lately++
			}
		}
		return lately == len(s.jobs)
	})
	patience.Until(s.t, "nothing is left to be sent", func() bool {
		left, _, err := s.state.OutboxDepth(s.t.Context(), time.Now())
		s.must(err)
		return left == 0
	})
}
