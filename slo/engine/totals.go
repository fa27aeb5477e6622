package engine

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// totalsDays is how many closed days are written, and written again while late
// samples or corrections change them.
const totalsDays = 3

const (
	quarter = int64(15 * time.Minute / time.Millisecond)
	fullDay = slo.Quarters * quarter
)

// Totals keeps the events of every day for good.
type Totals interface {
	// SaveTotals stores days, each in place of what was stored of it.
	SaveTotals(ctx context.Context, some []slo.DayTotals) error
	// Totals yields the days of an SLO and all its groups that begin within [from, to).
	Totals(ctx context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error
}

// dayKey names a group's day.
type dayKey struct {
	group string
	day   int64 // milliseconds
}

// totalsLoop writes closed days: each SLO's are looked at within checkpointEvery.
func (e *Engine) totalsLoop(ctx context.Context) {
	if e.opt.Totals == nil {
		return
	}
	var turn rotation
	repeat(ctx, checkpointTick, func() {
		for _, t := range turn.next(e.list(), checkpointShare) {
			e.saveTotals(ctx, t)
		}
	})
}

// saveTotals writes the closed days of an SLO that are not stored as they are.
func (e *Engine) saveTotals(ctx context.Context, t *tracked) {
	within, cancel := context.WithTimeout(ctx, checkpointTimeout)
	defer cancel()
	days := t.closedDays(e.opt.Now().UnixMilli())
	if len(days) == 0 {
		return
	}
	err := e.mergeTotals(within, t.id, days)
	if err == nil {
		some := make([]slo.DayTotals, len(days))
		for i := range days {
			some[i] = days[i].DayTotals
		}
		err = e.opt.Totals.SaveTotals(within, some)
	}
	if err != nil {
		if ctx.Err() == nil {
			e.metrics.totals.WithLabelValues("failed").Add(float64(len(days)))
			e.opt.Logger.Warn("the totals of closed days could not be written", "slo", t.id, "error", err)
		}
		return
	}
	e.metrics.totals.WithLabelValues("written").Add(float64(len(days)))
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range days {
		t.stored[d.key] = d.hash
	}
}

// closedDay is a day that is to be written. What lies before known was not counted.
type closedDay struct {
	slo.DayTotals

	key   dayKey
	hash  uint64
	known int64
}

// closedDays returns the days that are over, are still held in quarters of an hour, and
// differ from what was written of them.
func (t *tracked) closedDays(now int64) []closedDay {
	t.mu.Lock()
	defer t.mu.Unlock()
	today := floorDiv(now-1, fullDay) * fullDay
	if t.catchingUp() {
		return nil
	}
	var days []closedDay
	for _, d := range t.heldDays(today-totalsDays*fullDay, today, now) {
		d.hash = hashOf(&d.DayTotals)
		if have, ok := t.stored[d.key]; !ok || have != d.hash {
			days = append(days, d)
		}
	}
	for k := range t.stored {
		if k.day < today-totalsDays*fullDay {
			delete(t.stored, k)
		}
	}
	return days
}

// heldDays returns the days that begin in [from, to) and that are held in quarters of an hour. The
// caller holds mu.
func (t *tracked) heldDays(from, to, now int64) []closedDay {
	if t.def.SLI.Composite != nil {
		return nil
	}
	labels := t.table.groupLabels()
	var days []closedDay
	for i, g := range t.acc.groups {
		for day := from; g != nil && day < to; day += fullDay {
			if g.rings.quarters(now-day) == nil || g.covered >= day+fullDay {
				continue
			}
			d := closedDay{key: dayKey{labels[i].String(), day}, known: g.covered}
			d.SLO, d.Group, d.Day = t.id, labels[i], time.UnixMilli(day).UTC()
			g.rings.fillDay(day, now, &d.Good, &d.Total)
			if g.out != nil {
				g.out.fillDay(day, now, &d.OutGood, &d.OutTotal)
			}
			days = append(days, d)
		}
	}
	return days
}

// fillDay writes the quarters of a day.
func (r *rings) fillDay(day, now int64, good, all *[slo.Quarters]float64) {
	tr := r.quarters(now - day)
	for q := range all {
		from := day + int64(q)*quarter
		total, bad := tr.total(from/tr.step, (from+quarter)/tr.step)
		all[q], good[q] = snap(total), snap(total-bad)
	}
}

// Held returns the days of an SLO that the engine still holds in quarters of an hour and that
// begin at from or later, today with what it has up to now; none for an SLO of SLOs, an unknown
// one, and while its history is being read. Of the oldest day only the end may be known.
func (e *Engine) Held(id string, from time.Time) []slo.DayTotals {
	t := e.tracked(id)
	if t == nil {
		return nil
	}
	now := e.opt.Now().UnixMilli()
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.complete() {
		return nil
	}
	today := floorDiv(now-1, fullDay) * fullDay
	first := max(today-totalsDays*fullDay, floorDiv(from.UnixMilli(), fullDay)*fullDay)
	held := t.heldDays(first, today+fullDay, now)
	days := make([]slo.DayTotals, len(held))
	for i := range held {
		days[i] = held[i].DayTotals
	}
	return days
}

// quarters returns the finest tier that reaches so far back and whose buckets make up
// quarters of an hour; nil where none is left.
func (r *rings) quarters(back int64) *tier {
	for i := range r.tiers {
		if tr := &r.tiers[i]; back <= tr.keep-tr.step && quarter%tr.step == 0 {
			return tr
		}
	}
	return nil
}

func hashOf(d *slo.DayTotals) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, all := range []*[slo.Quarters]float64{&d.Good, &d.Total, &d.OutGood, &d.OutTotal} {
		for _, v := range all {
			bits := math.Float64bits(v)
			for i := range b {
				b[i] = byte(bits >> (8 * i))
			}
			h.Write(b[:])
		}
	}
	return h.Sum64()
}

// mergeTotals completes days of which the engine only knows the end: what was stored
// of their beginning stays.
func (e *Engine) mergeTotals(ctx context.Context, id string, days []closedDay) error {
	for i := range days {
		d := &days[i]
		if d.known <= d.key.day {
			continue
		}
		err := e.opt.Totals.Totals(ctx, id, d.Day, d.Day.Add(24*time.Hour), func(old slo.DayTotals) error {
			if old.Group.String() != d.key.group || !old.Day.Equal(d.Day) {
				return nil
			}
			for q := range d.Total {
				if d.key.day+int64(q)*quarter < d.known {
					d.Complete(q, &old)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addTotals completes counts that were read from storage with the days before storage
// begins, for windows that reach farther back.
func (e *Engine) addTotals(ctx context.Context, t *tracked, b *accumulator) error {
	now := e.opt.Now()
	begin := b.keep.begin(now.UnixMilli())
	if e.opt.Totals == nil || t.def.SLI.Composite != nil {
		return nil
	}
	var all []slo.DayTotals
	err := e.opt.Totals.Totals(ctx, t.id, time.UnixMilli(begin).Add(-24*time.Hour), now, func(d slo.DayTotals) error {
		all = append(all, d)
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b slo.DayTotals) int { return strings.Compare(a.Group.String(), b.Group.String()) })
	covered := map[int]int64{}
	for i := range all {
		d := &all[i]
		number, ok := t.table.groupNumber(d.Group)
		if !ok || number >= len(b.groups) || b.groups[number] == nil {
			continue // a group without series is not shown
		}
		g := b.groups[number]
		if _, ok := covered[number]; !ok {
			covered[number] = floorDiv(g.covered, quarter) * quarter
		}
		g.addDay(d, begin, covered[number], now.UnixMilli())
	}
	return nil
}

// addDay adds the quarters of a day that lie after begin and before until.
func (g *group) addDay(d *slo.DayTotals, begin, until, now int64) {
	for q, total := range d.Total {
		from := d.Day.UnixMilli() + int64(q)*quarter
		if from < begin || from+quarter > until || total == 0 {
			continue
		}
		g.rings.put(from+quarter, from+quarter, total, total-d.Good[q], false, now)
		g.total, g.bad = g.total+total, g.bad+total-d.Good[q]
		g.covered = min(g.covered, from)
	}
}
