package engine

import (
	"fmt"
	"time"

	"burnline/slo"
)

// maxPoints bounds a chart.
const maxPoints = 2000

// Chart returns the history of one group over [from, to] in about so many
// points, from the finest counts that reach back to from. It fails for an
// unknown SLO or group and for an empty range.
func (e *Engine) Chart(id string, labels slo.Labels, from, to time.Time, points int) (slo.Chart, error) {
	t := e.tracked(id)
	if t == nil {
		return slo.Chart{}, fmt.Errorf("chart the SLO %s: there is none of this ID", id)
	}
	now := e.opt.Now()
	if to.After(now) {
		to = now
	}
	if !from.Before(to) {
		return slo.Chart{}, fmt.Errorf("chart the SLO %s: the range from %s to %s is empty", id,
			from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lockParts()
	defer t.unlockParts()
	c := &charting{def: t.def, now: now, every: (time.Duration(t.acc.interval) * time.Millisecond).Round(time.Second)}
	g := t.groupOf(labels)
	if g == nil && len(labels) > 0 {
		return slo.Chart{}, fmt.Errorf("chart the SLO %s: there is no group %s", id, labels)
	}
	switch {
	case t.composite():
		c.from = t.mixed()
	case g != nil:
		c.from = g.source()
	default:
		c.from = source{history: newRings(t.acc.keep), covered: uncovered}
	}
	return c.draw(labels, from, to, min(max(points, 1), maxPoints)), nil
}

// charting draws one chart.
type charting struct {
	def  *slo.Definition
	from source
	now  time.Time
	// every is the time between samples, in whole seconds; 0 when not known.
	every time.Duration
}

// step returns the length of one step: a multiple of the tier's buckets. Counts come
// once per sample, so a short step holds at least two samples, and whole ones:
// otherwise a steady rate would be drawn as a saw.
func (c *charting) step(tier, span time.Duration, points int) time.Duration {
	step := span / time.Duration(points)
	if c.every > 0 && step < 10*c.every {
		step = max(2*c.every, (step + c.every - 1).Truncate(c.every))
	}
	return max(tier, (step + tier - 1).Truncate(tier))
}

func (c *charting) draw(labels slo.Labels, from, to time.Time, points int) slo.Chart {
	tier := c.from.finest(c.now.Sub(from))
	step := c.step(tier, to.Sub(from), points)
	chart := slo.Chart{ID: c.def.ID, Group: labels, From: from, To: to, Step: step}
	for _, w := range c.def.Windows() {
		for _, p := range c.def.Policies {
			if p.Long == w || p.Short == w {
				chart.Windows = append(chart.Windows, w)
				break
			}
		}
	}
	line := c.budget(from, to)
	for at := from.Truncate(step); at.Before(to); {
		end := at.Add(step)
		if to.Sub(end) < step {
			end = to // what is left is too short for a point of its own
		}
		p := slo.ChartPoint{T: end, Counts: c.from.sum(tier, at.UnixMilli(), end.UnixMilli())}
		p.Rate = p.Counts.Total / end.Sub(at).Seconds()
		if b := slo.NewBurn(step, p.Counts, c.def.Budget()); b.Known {
			p.Ratio = &b.Ratio
		}
		p.Ideal = min(1, 1-end.Sub(line.begin).Seconds()/line.length.Seconds())
		if !end.Before(line.begin) && line.allowed > 0 {
			line.spend(c, tier, at, &p)
		}
		for _, w := range chart.Windows {
			p.Burns = append(p.Burns, c.burn(end, w))
		}
		chart.Points = append(chart.Points, p)
		at = end
	}
	return chart
}

// budgetLine is the budget of the SLO's window that holds a chart's end.
type budgetLine struct {
	// begin is where the window begins, and length how long it is in all.
	begin  time.Time
	length time.Duration
	// allowed are the bad events of the whole window at the traffic seen, 0 when
	// unknown; spent are those so far.
	allowed, spent float64
}

// budget returns the line with what was spent before from. It agrees with
// slo.NewBudget at to.
func (c *charting) budget(from, to time.Time) budgetLine {
	w := c.def.Window
	in := c.from.budgetInput(c.def, to, slo.Burn{})
	line := budgetLine{begin: to.Add(-in.Window), length: in.Window}
	start, _ := w.Bounds(to)
	if w.Calendar != nil {
		line.begin = start
	}
	if in.Counts.Total > 0 {
		line.allowed = in.Allowed()
	}
	if start.Before(from) {
		line.spent = c.from.sum(w.Step(), start.UnixMilli(), from.UnixMilli()).Bad()
	}
	return line
}

// spend takes the bad events of a point that began at from the budget.
func (l *budgetLine) spend(c *charting, tier time.Duration, at time.Time, p *slo.ChartPoint) {
	counts := p.Counts
	if c.def.Window.Calendar != nil && at.Before(l.begin) {
		counts = c.from.sum(tier, l.begin.UnixMilli(), p.T.UnixMilli())
	}
	l.spent += counts.Bad()
	if c.def.SLI.Composite != nil {
		// The bad events of a composite can't be added up: each window mixes anew.
		start := l.begin
		if c.def.Window.Calendar == nil {
			start = start.Truncate(c.def.Window.Step())
		}
		l.spent = c.from.sum(c.def.Window.Step(), start.UnixMilli(), p.T.UnixMilli()).Bad()
	}
	if p.T.UnixMilli() <= c.from.covered {
		return // unknown is not whole
	}
	remaining := 1 - l.spent/l.allowed
	p.Remaining = &remaining
}

// burn returns the burn rate over the window that ended at, nil where it had
// no events or its resolution is no longer kept.
func (c *charting) burn(at time.Time, w time.Duration) *float64 {
	step := max(slo.Step(w), c.from.finest(c.now.Sub(at.Add(-w))))
	if step > w {
		return nil
	}
	counts := c.from.sum(step, at.Add(-w).Truncate(step).UnixMilli(), at.UnixMilli())
	b := slo.NewBurn(w, counts, c.def.Budget())
	if !b.Known {
		return nil
	}
	return &b.Rate
}
