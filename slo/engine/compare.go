package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"burnline/slo"
	"burnline/slo/explain"
)

const (
	// maxCompared bounds the series that are read to compare the events of an SLO.
	maxCompared = 5000
	// longestCompared is how much of a breach is compared, its newest part, and the most of
	// the time before it; shortestBefore is the least of that.
	longestCompared = 6 * time.Hour
	shortestBefore  = time.Hour
	// compareChunk is how much is held in memory at once.
	compareChunk = int64(30 * time.Minute / time.Millisecond)
)

// Compare counts the events of an SLO in (from, to] apart by every label by which its series
// differ, as rows for explain.Find, with those of the time before as the baseline: as long as
// the breach, at least an hour and at most six, and ending five minutes before from. Of a
// breach that is longer the newest six hours are compared. Only the given groups count; none
// are all.
//
// The events are counted from stored samples as those of the SLO itself are. A table without
// attributes says that there is nothing to compare: one series, or an SLO whose events come
// from a query or from other SLOs. It fails for an unknown SLO, for more than 5,000 series, and
// where the store can't be read. It changes nothing, and may take seconds.
func (e *Engine) Compare(ctx context.Context, id string, groups []slo.Labels, from, to time.Time) (explain.Table, error) {
	t := e.tracked(id)
	if t == nil {
		return explain.Table{}, fmt.Errorf("compare the events of the SLO %s: there is none of this ID", id)
	}
	if now := e.opt.Now(); to.After(now) {
		to = now
	}
	if !from.Before(to) {
		return explain.Table{}, fmt.Errorf("compare the events of the SLO %s: the time from %s to %s is empty", id,
			from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	if t.ask != nil || !t.whole {
		return explain.Table{}, nil
	}
	members := slices.DeleteFunc(t.table.all(), func(m *member) bool { return !among(groups, m.labels(), t.table.groupBy) })
	if len(members) > maxCompared {
		return explain.Table{}, fmt.Errorf("compare the events of the SLO %s: it has %d series, and at most %d are read", id, len(members), maxCompared)
	}
	names := distinguishing(members)
	if len(names) == 0 {
		return explain.Table{}, nil
	}
	c, err := e.newComparison(t.definition(), groups, names, from, to)
	if err == nil {
		err = c.read(ctx)
	}
	if err != nil {
		return explain.Table{}, fmt.Errorf("compare the events of the SLO %s: %w", id, err)
	}
	return c.table(), nil
}

// among reports whether a series belongs to one of the groups; to none means to all.
func among(groups []slo.Labels, series slo.Labels, groupBy []string) bool {
	of := series.Keep(groupBy)
	return len(groups) == 0 || slices.ContainsFunc(groups, func(g slo.Labels) bool { return slices.Equal(g, of) })
}

// comparison counts an SLO with one group for each combination of label values, apart from
// the SLO that pages, and up to to only.
type comparison struct {
	engine  *Engine
	tracked *tracked
	names   []string
	groups  []slo.Labels
	groupBy []string
	// The time before is (begin, end], and the breach (from, to].
	begin, end, from, to time.Time
}

func (e *Engine) newComparison(d *slo.Definition, groups []slo.Labels, names []string, from, to time.Time) (*comparison, error) {
	c := &comparison{names: names, groups: groups, groupBy: d.GroupBy, to: to}
	c.end = from.Add(-time.Duration(spreadSpan) * time.Millisecond)
	c.begin = c.end.Add(-min(max(to.Sub(from), shortestBefore), longestCompared))
	c.from = from
	if to.Sub(from) > longestCompared {
		c.from = to.Add(-longestCompared)
	}
	apart := *d
	apart.Policies, apart.Budgeting = nil, slo.Budgeting{}
	apart.Window = slo.Window{Rolling: to.Sub(c.begin) + time.Hour}
	apart.GroupBy = slices.Compact(slices.Sorted(slices.Values(slices.Concat(d.GroupBy, names))))
	narrow(&apart, groups)
	c.engine = &Engine{metrics: e.metrics, opt: Options{
		Reader: upTo{e.opt.Reader, to.UnixMilli()}, Now: func() time.Time { return to }, Lateness: e.opt.Lateness,
	}}
	var err error
	if c.tracked, err = newTracked(&apart, keepOf(&apart), e.opt.Lateness); err != nil {
		return nil, err
	}
	return c, nil
}

// narrow has only the series of the group read, where it is one.
func narrow(d *slo.Definition, groups []slo.Labels) {
	if len(groups) != 1 {
		return
	}
	narrowed := func(s slo.Selector) slo.Selector {
		s.Matchers = slices.Clone(s.Matchers)
		for _, l := range groups[0] {
			s.Matchers = append(s.Matchers, slo.Matcher{Label: l.Name, Op: slo.MatchEqual, Value: l.Value})
		}
		return s
	}
	each := func(sum slo.Sum) slo.Sum {
		sum = slices.Clone(sum)
		for i := range sum {
			sum[i].Selector = narrowed(sum[i].Selector)
		}
		return sum
	}
	switch s := d.SLI; {
	case s.Events != nil:
		d.SLI.Events = &slo.EventsSLI{Bad: each(s.Events.Bad), Good: each(s.Events.Good), Total: each(s.Events.Total)}
	case s.Latency != nil:
		d.SLI.Latency = &slo.LatencySLI{Histogram: narrowed(s.Latency.Histogram), Threshold: s.Latency.Threshold}
	case s.Samples != nil && s.Samples.Selector != nil:
		samples, selector := *s.Samples, narrowed(*s.Samples.Selector)
		samples.Selector = &selector
		d.SLI.Samples = &samples
	}
}

// read counts what is stored of both times.
func (c *comparison) read(ctx context.Context) error {
	acc := c.tracked.acc
	acc.clip, acc.watch[0] = c.begin.UnixMilli(), math.MaxInt64
	acc.floor = acc.clip - lookback
	next := int64(math.MinInt64)
	for _, stretch := range []span{{c.begin.UnixMilli() - lookback, c.end.UnixMilli()}, {c.from.UnixMilli() - lookback, c.to.UnixMilli()}} {
		for next = max(next, stretch.from); next <= stretch.to; {
			to := min(next+compareChunk, stretch.to)
			n, err := c.engine.readChunk(ctx, c.tracked, acc, next, to)
			if err != nil {
				return err
			}
			c.engine.metrics.filled.Add(float64(n))
			next = to + 1
		}
	}
	return nil
}

// table returns the counts of both times, a row for each combination.
func (c *comparison) table() explain.Table {
	all := explain.Table{Attributes: c.names}
	for number, labels := range c.tracked.table.groupLabels() {
		if number >= len(c.tracked.acc.groups) || c.tracked.acc.groups[number] == nil || !among(c.groups, labels, c.groupBy) {
			continue
		}
		h := c.tracked.acc.groups[number].source()
		now, before := since(h, c.from, c.to), since(h, c.begin, c.to)
		later := since(h, c.end, c.to)
		row := explain.Row{
			Bad: now.Bad(), Total: now.Total,
			BaselineBad: before.Bad() - later.Bad(), BaselineTotal: before.Total - later.Total,
		}
		for _, name := range c.names {
			row.Values = append(row.Values, labels.Get(name))
		}
		all.Rows = append(all.Rows, row)
	}
	return all
}

// upTo is a store as it was at a moment.
type upTo struct {
	Reader
	at int64
}

// Select implements Reader.
func (u upTo) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	if to = min(to, u.at); from > to {
		return nil
	}
	return u.Reader.Select(ctx, sel, from, to, yield)
}
