package web

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

const day = 24 * time.Hour

// shop is a small engine view and ledger in memory: SLOs in every state, with
// incidents behind them.
type shop struct {
	mu        sync.Mutex
	now       time.Time
	defs      []*slo.Definition
	statuses  []slo.Status
	records   []alerting.Record
	ledgerErr error
	version   uint64
	health    Health
}

var (
	_ Engine          = (*shop)(nil)
	_ alerting.Ledger = (*shop)(nil)
	_ System          = (*shop)(nil)
)

func (s *shop) Definitions() []*slo.Definition {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*slo.Definition(nil), s.defs...)
}

func (s *shop) Statuses() []slo.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]slo.Status(nil), s.statuses...)
}

func (s *shop) Status(id string) []slo.Status {
	var found []slo.Status
	for _, st := range s.Statuses() {
		if st.ID == id {
			found = append(found, st)
		}
	}
	return found
}

func (s *shop) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// change edits the shop and raises its version.
func (s *shop) change(edit func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	edit()
	s.version++
}

func (s *shop) Health(context.Context) Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health
}

func (s *shop) Incidents(_ context.Context, f alerting.Filter) ([]alerting.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []alerting.Record
	for _, r := range s.records {
		in := r.Incident
		switch {
		case f.SLO != "" && in.SLO != f.SLO, f.Severity != "" && in.Severity != f.Severity, f.OnlyOpen && !in.Closed.IsZero(), !f.To.IsZero() && !in.Started.Before(f.To):
		default:
			found = append(found, r)
		}
	}
	if f.Limit > 0 && len(found) > f.Limit {
		found = found[:f.Limit]
	}
	return found, s.ledgerErr
}

func (s *shop) Incident(_ context.Context, key string) (alerting.Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		if r.Incident.Key == key {
			return r, true, s.ledgerErr
		}
	}
	return alerting.Record{}, false, s.ledgerErr
}

func (s *shop) OpenCount(context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.records {
		if r.Incident.Closed.IsZero() {
			n++
		}
	}
	return n, s.ledgerErr
}

func (s *shop) OutboxDepth(context.Context, time.Time) (int, time.Duration, error) {
	return 1, 40 * time.Second, s.ledgerErr
}

// traffic is the shape of one budget's history: events a second and the error
// ratio at any moment before now.
type traffic struct{ rate, base, burst, burstAt, burstFor float64 }

func (s *shop) traffic(id string, group slo.Labels) traffic {
	switch {
	case id == "checkout/availability" && group.Get("region") == "eu":
		return traffic{42, 0.00028, 0.25, 14, 15}
	case id == "search/latency":
		return traffic{180, 0.0088, 0.1, 8 * 1440, 700}
	case id == "payment/authorisation":
		return traffic{18, 0.0004, 0.006, 1440, 1440}
	}
	return traffic{60, 0.0003, 0.004, 11 * 1440, 200}
}

// rateAt returns the events a second at a moment.
func (t traffic) rateAt(at time.Time) float64 {
	return t.rate * (1 + 0.45*math.Sin(float64(at.Unix())/86400*2*math.Pi) + 0.05*math.Sin(float64(at.Unix())/731))
}

// mean is the error ratio over the window that ends at at: the base, and the
// burst where it lies in the window.
func (t traffic) mean(at, now time.Time, w time.Duration) float64 {
	begin := now.Add(-time.Duration(t.burstAt * float64(time.Minute)))
	end := begin.Add(time.Duration(t.burstFor * float64(time.Minute)))
	from := at.Add(-w)
	if from.Before(begin) {
		from = begin
	}
	if at.Before(end) {
		end = at
	}
	share := max(end.Sub(from), 0).Seconds() / w.Seconds()
	return t.base + share*(t.burst-t.base)
}

func (s *shop) Chart(id string, group slo.Labels, from, to time.Time, points int) (slo.Chart, error) {
	var def *slo.Definition
	for _, d := range s.Definitions() {
		if d.ID == id {
			def = d
		}
	}
	if def == nil || len(s.Status(id)) == 0 {
		return slo.Chart{}, errors.New("no such group")
	}
	ch := slo.Chart{ID: id, Group: group, From: from, To: to, Step: to.Sub(from) / time.Duration(points)}
	for _, b := range s.Status(id)[0].Burns {
		ch.Windows = append(ch.Windows, b.Window)
	}
	flow, spent := s.traffic(id, group), 0.0
	whole := flow.rate * def.Window.Nominal().Seconds() * def.Budget()
	for i := range points {
		at := from.Add(time.Duration(i+1) * ch.Step)
		rate, ratio := flow.rateAt(at), flow.mean(at, s.now, ch.Step)*(1+0.15*math.Sin(float64(at.Unix())/193))
		spent += rate * ratio * ch.Step.Seconds()
		left := 1 - spent/whole
		total := rate * ch.Step.Seconds()
		p := slo.ChartPoint{T: at, Counts: slo.Counts{Good: total * (1 - ratio), Total: total}, Rate: rate, Ratio: &ratio,
			Remaining: &left, Ideal: 1 - float64(i+1)/float64(points)*min(1, to.Sub(from).Hours()/def.Window.Nominal().Hours())}
		for _, w := range ch.Windows {
			burn := flow.mean(at, s.now, w) / def.Budget()
			p.Burns = append(p.Burns, &burn)
		}
		if id == "loyalty/points" {
			p.Ratio, p.Remaining, p.Rate, p.Counts, p.Burns = nil, nil, 0, slo.Counts{}, nil
		}
		ch.Points = append(ch.Points, p)
	}
	return ch, nil
}
