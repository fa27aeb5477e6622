package engine

import (
	"context"
	"math"
	"time"

	"burnline/slo"
)

// The names of the recorded series. (design, "Recorded series")
const (
	recordEvents    = "slo_events_total"
	recordObjective = "slo_objective_ratio"
	recordErrors    = "slo_error_ratio"
	recordBurn      = "slo_burn_rate"
	recordRemaining = "slo_error_budget_remaining_ratio"
	recordStatus    = "slo_status"
	recordInfo      = "slo_info"
	recordIncidents = "slo_incidents_open"
)

// cumulative turns a group's counts into a counter that goes on where the
// last process left it: its last recorded value plus the events since. Only
// events of samples that come later than the SLO's window are missed.
type cumulative struct {
	offset slo.Counts // added to everything ever counted
	last   slo.Counts // as recorded; it never falls
}

// recordTimeout is how long one write of recorded series may take.
const recordTimeout = 15 * time.Second

// recordLoop records some SLOs every second, so that each has its turn within recordEvery and
// the rows of all are never in memory at once, and those with a transition at once.
// It is the only place that does: a store that hangs holds up no judging.
func (e *Engine) recordLoop(ctx context.Context) {
	if e.opt.Recorder == nil {
		return
	}
	ticker := time.NewTicker(recordTick)
	defer ticker.Stop()
	var turn rotation
	tick := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if tick%int(recordEvery/recordTick) == 0 {
				e.recordBeside(ctx)
			}
			tick++
			e.record(ctx, turn.next(e.list(), float64(recordTick)/float64(recordEvery)))
		case t := <-e.changed:
			e.record(ctx, []*tracked{t})
		}
	}
}

// recordSoon has an SLO recorded out of turn; where too many are waiting, it is
// recorded in its turn.
func (e *Engine) recordSoon(t *tracked) {
	if e.opt.Recorder == nil {
		return
	}
	select {
	case e.changed <- t:
	default:
	}
}

// record writes the recorded series of some SLOs as they are now.
func (e *Engine) record(ctx context.Context, some []*tracked) {
	if e.opt.Recorder == nil {
		return
	}
	now := e.opt.Now()
	var rows []slo.Recorded
	for _, t := range some {
		e.prime(ctx, t, now)
		rows = append(rows, t.rows(now)...)
	}
	e.write(ctx, rows)
}

// recordBeside writes what others have recorded with the engine's results.
func (e *Engine) recordBeside(ctx context.Context) {
	if e.opt.Beside != nil {
		e.write(ctx, e.opt.Beside(e.opt.Now()))
	}
}

// write hands rows to the recorder; what can't be written is written in its next turn.
func (e *Engine) write(ctx context.Context, rows []slo.Recorded) {
	if len(rows) == 0 {
		return
	}
	within, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	if err := e.opt.Recorder.Record(within, rows); err != nil && ctx.Err() == nil {
		e.metrics.recordFailures.Inc()
		e.opt.Logger.Warn("the recorded series could not be written", "rows", len(rows), "error", err)
	}
}

// prime finds, once per group, where the recorded counter stood.
func (e *Engine) prime(ctx context.Context, t *tracked, now time.Time) {
	labels := t.table.groupLabels()
	for number, group := range labels {
		t.mu.Lock()
		skip := !t.complete() || t.cumulative[number] != nil || number >= len(t.acc.groups) || t.acc.groups[number] == nil
		t.mu.Unlock()
		if skip {
			continue
		}
		good, okGood, err := e.opt.Reader.Before(ctx, eventLabels(t.id, group, "good"), now.UnixMilli()+1)
		if err != nil {
			continue
		}
		bad, okBad, err := e.opt.Reader.Before(ctx, eventLabels(t.id, group, "bad"), now.UnixMilli()+1)
		if err != nil {
			continue
		}
		t.mu.Lock()
		still, _ := t.table.groupNumber(group)
		if g := t.groupOf(group); g != nil && still == number {
			c := &cumulative{}
			counted := g.counted(now)
			since := g.finished(now)
			if okGood && okBad {
				c.last = slo.Counts{Good: good.V, Total: good.V + bad.V}
				since = slo.Counts{}
				for _, r := range g.both() {
					c := after(r, time.UnixMilli(good.T), now)
					since.Good, since.Total = since.Good+c.Good, since.Total+c.Total
				}
			}
			c.offset = slo.Counts{
				Total: c.last.Total + since.Total - counted.Total,
				Good:  c.last.Good + since.Good - counted.Good,
			}
			t.cumulative[number] = c
		}
		t.mu.Unlock()
	}
}

func eventLabels(id string, group slo.Labels, outcome string) slo.Labels {
	return with(id, group, recordEvents, "outcome", outcome)
}

// with returns the labels of a recorded series.
func with(id string, group slo.Labels, name string, pairs ...string) slo.Labels {
	pairs = append(pairs, slo.MetricName, name, "slo", id)
	for _, l := range group {
		pairs = append(pairs, l.Name, l.Value)
	}
	return slo.NewLabels(pairs...)
}

// rows returns the recorded series of one SLO. What is unknown is left out.
func (t *tracked) rows(now time.Time) []slo.Recorded {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := now.UnixMilli()
	var rows []slo.Recorded
	add := func(v float64, labels slo.Labels) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			rows = append(rows, slo.Recorded{Labels: labels, T: at, V: v})
		}
	}
	add(t.def.Objective/100, with(t.id, nil, recordObjective))
	add(1, infoLabels(t.def))
	statuses := t.statuses()
	for severity, open := range openIncidents(statuses) {
		add(float64(open), with(t.id, nil, recordIncidents, "severity", string(severity)))
	}
	for _, s := range statuses {
		for _, state := range allStates() {
			v := 0.0
			if s.State == state {
				v = 1
			}
			add(v, with(t.id, s.Group, recordStatus, "status", string(state)))
		}
		for _, b := range s.Burns {
			if b.Known {
				add(b.Ratio, with(t.id, s.Group, recordErrors, "window", b.Name))
				add(b.Rate, with(t.id, s.Group, recordBurn, "window", b.Name))
			}
		}
		if s.Budget.Known {
			add(s.Budget.Remaining, with(t.id, s.Group, recordRemaining))
		}
		if c, ok := t.counter(s.Group, now); ok {
			add(c.Good, eventLabels(t.id, s.Group, "good"))
			add(c.Bad(), eventLabels(t.id, s.Group, "bad"))
		}
	}
	return rows
}

// openIncidents counts the open incidents of an SLO by severity; one that several groups are
// part of is one.
func openIncidents(statuses []slo.Status) map[slo.Severity]int {
	open := map[slo.Severity]int{slo.Page: 0, slo.Ticket: 0}
	seen := map[string]bool{}
	for i := range statuses {
		for _, inc := range statuses[i].Open {
			if !seen[inc.Key] {
				seen[inc.Key] = true
				open[inc.Severity]++
			}
		}
	}
	return open
}

// counter returns all events ever counted of a group; it never falls. The
// caller holds mu.
func (t *tracked) counter(labels slo.Labels, now time.Time) (slo.Counts, bool) {
	number, ok := t.table.groupNumber(labels)
	c := t.cumulative[number]
	g := t.groupOf(labels)
	if !ok || c == nil || g == nil {
		return slo.Counts{}, false
	}
	counted := g.counted(now)
	good := max(c.last.Good, snap(c.offset.Good+counted.Good))
	bad := max(c.last.Bad(), snap(c.offset.Bad()+counted.Bad()))
	c.last = slo.Counts{Good: good, Total: good + bad}
	return c.last, true
}

// infoLabels carry what may change about an SLO.
func infoLabels(d *slo.Definition) slo.Labels {
	pairs := []string{
		slo.MetricName, recordInfo, "slo", d.ID, "name", d.Name, "service", d.Service, "team", d.Team,
		"journey", d.Journey, "window", d.Window.Name(),
	}
	for name, value := range d.Labels {
		taken := false
		for i := 0; i < len(pairs); i += 2 {
			taken = taken || pairs[i] == name
		}
		if !taken {
			pairs = append(pairs, name, value)
		}
	}
	return slo.NewLabels(pairs...)
}
