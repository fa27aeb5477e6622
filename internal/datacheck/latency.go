package datacheck

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
)

// latency compares a histogram with the threshold.
func (c *checker) latency(ctx context.Context) error {
	const path = "spec.sli.latency"
	l := c.d.SLI.Latency
	part := func(suffix string) slo.Selector {
		return slo.Selector{Name: l.Histogram.Name + suffix, Matchers: l.Histogram.Matchers}
	}
	native, err := c.recent(ctx, l.Histogram)
	if err != nil {
		return err
	}
	buckets, err := c.recent(ctx, part("_bucket"))
	if err != nil {
		return err
	}
	if kept := withHistograms(native); len(kept) > 0 {
		c.groups(path+".histogram", kept)
		c.intervals(kept)
		return nil
	}
	if len(buckets) == 0 {
		return c.unmatched(ctx, term{Term: slo.Term{Selector: part("_count"), Role: slo.RoleTotal}, path: path + ".histogram"})
	}
	c.threshold(path+".threshold", buckets)
	total, err := c.read(ctx, part("_count"), period)
	if err != nil {
		return err
	}
	c.groups(path+".histogram", total)
	c.intervals(total)
	return nil
}

func withHistograms(series []slo.SeriesSamples) []slo.SeriesSamples {
	return slices.DeleteFunc(series, func(s slo.SeriesSamples) bool { return s.Samples[0].H == nil })
}

// threshold says when no bucket ends at the threshold, with the nearest that do.
func (c *checker) threshold(path string, buckets []slo.SeriesSamples) {
	l := c.d.SLI.Latency
	bound := l.Bound()
	below, above := math.Inf(-1), math.Inf(1)
	for _, s := range buckets {
		le, err := strconv.ParseFloat(s.Series.Labels().Get("le"), 64)
		switch {
		case err != nil:
		case math.Abs(le-bound) <= 1e-9*bound:
			return
		case le < bound:
			below = max(below, le)
		default:
			above = min(above, le)
		}
	}
	unit := slo.HistogramUnit(l.Histogram.Name)
	var near []string
	for _, le := range []float64{below, above} {
		if !math.IsInf(le, 0) {
			near = append(near, slo.FormatDuration(time.Duration(math.Round(le*float64(unit)))))
		}
	}
	instead := "give the histogram a bucket that ends there"
	if len(near) > 0 {
		instead = "write threshold: " + strings.Join(near, " or ") + ", or " + instead
	}
	c.add(slo.LevelError, path, instead, "the histogram %s has no bucket that ends at %s, so good can't be told from bad", l.Histogram.Name, slo.FormatDuration(l.Threshold))
}

func policyPath(i int) string { return fmt.Sprintf("spec.alerting.policies[%d]", i) }
