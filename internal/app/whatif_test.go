package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/engine"
	"burnline/slo/spec"
	"burnline/web"
)

// pastShop is the stored past of a shop: ten requests a second, of which one in a hundred fails
// from a moment on.
type pastShop struct {
	begun, breaks, end time.Time
	// wait holds reading up until it is closed; nil does not.
	wait chan struct{}
}

func (p *pastShop) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	if p.wait != nil {
		select {
		case <-p.wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	bad := sel.Matchers[len(sel.Matchers)-1].Value == "500"
	for _, code := range []string{"200", "500"} {
		if bad && code == "200" {
			continue
		}
		s := slo.SeriesSamples{Series: slo.NewSeries(slo.NewLabels("__name__", "requests_total", "job", "shop", "code", code))}
		for at := p.begun; !at.After(p.end); at = at.Add(15 * time.Second) {
			if t := at.UnixMilli(); t >= from && t <= to {
				failed := 0.1 * max(0, at.Sub(p.breaks).Seconds())
				v := 10*at.Sub(p.begun).Seconds() - failed
				if code == "500" {
					v = failed
				}
				s.Samples = append(s.Samples, slo.Sample{T: t, V: v})
			}
		}
		if len(s.Samples) == 0 {
			continue
		}
		if err := yield(s); err != nil {
			return err
		}
	}
	return nil
}

func (p *pastShop) Before(context.Context, slo.Labels, int64) (slo.Sample, bool, error) {
	return slo.Sample{}, false, nil
}

const shopSLO = `apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: shop
  objective: 99.9
  window: 30d
  sli: {events: {bad: 'requests_total{job="shop",code="500"}', total: 'requests_total{job="shop"}'}}
`

func newPast(t *testing.T) (*pastShop, *whatIf, slo.Definition) {
	t.Helper()
	set, findings := spec.Parse("shop.yaml", []byte(shopSLO))
	if errs := findings.Errors(); len(errs) > 0 {
		t.Fatal(errs)
	}
	end := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := &pastShop{begun: end.Add(-9 * time.Hour), breaks: end.Add(-2 * time.Hour), end: end}
	w := &whatIf{
		reader: p, definitions: func() []slo.Definition { return set.Definitions }, corrections: func() []slo.Correction { return nil },
		turn: make(chan struct{}, 1),
	}
	return p, w, set.Definitions[0]
}

func TestTheStoredPastIsReplayedAsItIsAndAsItWouldBe(t *testing.T) {
	t.Parallel()
	p, w, d := newPast(t)
	for _, c := range []struct {
		name, objective, policies string
		pages, tickets            int
	}{
		// One in a hundred fails: burn 10 of 99.9 %. The page at 6 over 6h needs 3.6 h of that; the tickets come earlier.
		{"what is not changed tells the same", "", "", 0, 1},
		{"a page at burn 5 over 1h pages", "", "- {severity: page, long: 1h, short: 5m, factor: 5}", 1, 0},
		{"a lower objective tells nothing", "95", "", 0, 0},
		{"a higher one pages", "99.99", "", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			changed, findings := spec.Change(d, c.objective, c.policies)
			if len(findings.Errors()) > 0 {
				t.Fatal(findings)
			}
			w := &whatIf{reader: p, definitions: w.definitions, corrections: w.corrections, turn: make(chan struct{}, 1)}
			now, then, err := w.compare(t.Context(), changed, p.end.Add(-6*time.Hour), p.end)
			if err != nil {
				t.Fatal(err)
			}
			count := func(l web.Lived, severity slo.Severity) (n int) {
				for _, in := range l.Incidents {
					if in.Severity == severity && in.Cause != slo.CauseNoData {
						n++
					}
				}
				return n
			}
			if got := count(then, slo.Page); got != c.pages {
				t.Errorf("%d pages, want %d: %+v", got, c.pages, then.Incidents)
			}
			if c.pages == 0 && count(then, slo.Ticket) != c.tickets {
				t.Errorf("%d tickets, want %d", count(then, slo.Ticket), c.tickets)
			}
			if count(now, slo.Page) != 0 || count(now, slo.Ticket) != 1 {
				t.Errorf("the definition of now tells %d pages and %d tickets", count(now, slo.Page), count(now, slo.Ticket))
			}
			// check --data counts by the same replay.
			by, err := engine.Replay(t.Context(), engine.ReplayOptions{Definitions: []slo.Definition{changed}, Reader: p, From: p.end.Add(-6 * time.Hour), To: p.end})
			if err != nil || by.Count(d.ID, slo.Page) != c.pages {
				t.Errorf("check counts %d pages, %v", by.Count(d.ID, slo.Page), err)
			}
		})
	}
}

func TestOneReplayAtATime(t *testing.T) {
	t.Parallel()
	p, w, d := newPast(t)
	p.wait = make(chan struct{})
	first := make(chan error, 1)
	w.turn <- struct{}{} // somebody has the turn
	if _, _, err := w.compare(t.Context(), d, p.begun, p.end); !errors.Is(err, web.ErrBusy) {
		t.Errorf("a second one: %v", err)
	}
	<-w.turn
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, _, err := w.compare(ctx, d, p.begun, p.end); first <- err }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("one that was given up: %v", err)
	}
	close(p.wait)
	if _, _, err := w.compare(t.Context(), d, p.end.Add(-time.Hour), p.end); err != nil {
		t.Errorf("the next one: %v", err)
	}
}
