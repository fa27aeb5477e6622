// Package datacheck compares SLO definitions with stored samples: matchers that
// match nothing, totals that are no counters, thresholds between buckets, and
// whatever else only data can tell.
package datacheck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"burnline/slo"
)

// period is how far back the checks look: a day has night and noon.
const period = 24 * time.Hour

// lately is how far back is enough to see which labels a metric has that still comes.
const lately = 15 * time.Minute

// Data answers what the checks ask of a metric store.
type Data interface {
	// Select yields the series that a selector matches with their raw samples of
	// [from, to], in milliseconds.
	Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error
	// Values evaluates PromQL at one moment; empty where it gives nothing.
	Values(ctx context.Context, expr string, at time.Time) ([]float64, error)
	// Types returns the types of metric families, such as counter and gauge, as
	// far as they are known.
	Types(ctx context.Context) (map[string]string, error)
}

// Check compares the definitions with the data of the day before at. The error is
// that of the store, with which nothing can be said.
func Check(ctx context.Context, data Data, at time.Time, defs []slo.Definition) (slo.Findings, error) {
	types, err := data.Types(ctx)
	if err != nil {
		return nil, err
	}
	var findings slo.Findings
	for i := range defs {
		c := &checker{data: data, at: at, types: types, d: &defs[i]}
		if err := c.check(ctx); err != nil {
			return nil, fmt.Errorf("compare the SLO %s with data: %w", defs[i].ID, err)
		}
		findings = append(findings, c.findings...)
	}
	return findings, nil
}

// checker compares one definition.
type checker struct {
	data     Data
	at       time.Time
	types    map[string]string
	d        *slo.Definition
	findings slo.Findings
}

func (c *checker) add(level slo.Level, path, instead, format string, args ...any) {
	f := c.d.Finding(level, path, fmt.Sprintf(format, args...), instead)
	for _, said := range c.findings {
		if said == f {
			return
		}
	}
	c.findings = append(c.findings, f)
}

func (c *checker) check(ctx context.Context) error {
	switch {
	case c.d.SLI.Events != nil:
		return c.events(ctx)
	case c.d.SLI.Spans != nil:
		return c.spans(ctx)
	case c.d.SLI.Latency != nil:
		return c.latency(ctx)
	case c.d.SLI.Samples != nil && c.d.SLI.Samples.Selector != nil:
		return c.gauge(ctx)
	case c.d.SLI.Samples != nil:
		return c.query(ctx, "spec.sli.slices.query", c.d.SLI.Samples.Query)
	case c.d.SLI.Ratio != nil:
		return c.query(ctx, "spec.sli.ratio.query", c.d.SLI.Ratio.Expr())
	}
	return nil
}

// term is what one selector of an SLI matched within the period.
type term struct {
	slo.Term
	path   string
	series []slo.SeriesSamples
}

// events compares the counters of the SLI kind events.
func (c *checker) events(ctx context.Context) error {
	var terms []term
	for _, t := range c.d.Terms() {
		one := term{Term: t, path: "spec.sli.events." + t.Role.String()}
		series, err := c.read(ctx, t.Selector, period)
		if err != nil {
			return err
		}
		one.series = series
		if len(series) == 0 {
			if err := c.unmatched(ctx, one); err != nil {
				return err
			}
		}
		c.counter(one)
		terms = append(terms, one)
	}
	c.subset(terms)
	var total []slo.SeriesSamples
	for _, t := range terms {
		if t.Role == slo.RoleTotal && !t.Minus {
			total = append(total, t.series...)
		}
	}
	c.groups("spec.sli.events.total", total)
	c.intervals(total)
	return nil
}

// gauge compares the raw samples that the SLI kind slices looks at.
func (c *checker) gauge(ctx context.Context) error {
	t := term{Term: slo.Term{Selector: *c.d.SLI.Samples.Selector, Role: slo.RoleSample}, path: "spec.sli.slices.query"}
	series, err := c.read(ctx, t.Selector, period)
	if err != nil {
		return err
	}
	t.series = series
	if len(series) == 0 {
		return c.unmatched(ctx, t)
	}
	c.groups(t.path, series)
	c.intervals(series)
	return nil
}

// read returns the series of a selector with their samples of the last while.
func (c *checker) read(ctx context.Context, sel slo.Selector, last time.Duration) ([]slo.SeriesSamples, error) {
	var all []slo.SeriesSamples
	err := c.data.Select(ctx, sel, c.at.Add(-last).UnixMilli(), c.at.UnixMilli(), func(s slo.SeriesSamples) error {
		all = append(all, s)
		return nil
	})
	return all, err
}

// recent returns the series of a selector of the last minutes, or of the period
// where there are none.
func (c *checker) recent(ctx context.Context, sel slo.Selector) ([]slo.SeriesSamples, error) {
	series, err := c.read(ctx, sel, lately)
	if err != nil || len(series) > 0 {
		return series, err
	}
	return c.read(ctx, sel, period)
}

// groups warns of a label of group_by that no series has.
func (c *checker) groups(path string, series []slo.SeriesSamples) {
	for _, label := range c.d.GroupBy {
		have := map[string]bool{}
		found := len(series) == 0
		for _, s := range series {
			found = found || s.Series.Labels().Get(label) != ""
			names(s.Series.Labels(), have)
		}
		if !found {
			c.add(slo.LevelWarning, "spec.group_by", "group by one of "+list(have), "no series of %s has the label %s", path[len("spec.sli."):], label)
		}
	}
}

// query warns of PromQL that gives nothing, or what can't be meant.
func (c *checker) query(ctx context.Context, path, expr string) error {
	values, err := c.data.Values(ctx, expr, c.at)
	if ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if err != nil {
		c.add(slo.LevelError, path, "try it where you can run queries", "the query fails: %s", strings.TrimSpace(err.Error()))
		return nil
	}
	if len(values) == 0 {
		c.add(slo.LevelWarning, path, "check the names of its metrics and labels", "the query gives nothing now")
		return nil
	}
	if c.d.SLI.Ratio == nil {
		c.compared(path, values)
		return nil
	}
	for _, v := range values {
		switch {
		case v > 1+1e-9 && v <= 100:
			c.add(slo.LevelError, path, "divide by 100 if it is a percentage", "the query gives %.4g, and an error ratio is from 0 to 1", v)
		case v > 1+1e-9 || v < -1e-9:
			c.add(slo.LevelError, path, "divide bad events by all events", "the query gives %.4g, and an error ratio is from 0 to 1", v)
		case v > 0.5:
			c.add(slo.LevelWarning, path, "write 1 - (…) if it is the share of good events", "the error ratio is %.3g now", v)
		}
	}
	return nil
}

// compared warns when every sample is bad now.
func (c *checker) compared(path string, values []float64) {
	s := c.d.SLI.Samples
	for _, v := range values {
		if s.Op.Holds(v, s.Value) {
			return
		}
	}
	c.add(slo.LevelWarning, path, "check op: a sample is good when query op value holds", "the query gives %.4g now, and that counts as bad", values[0])
}
