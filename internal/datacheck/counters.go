package datacheck

import (
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// A counter falls only when its process starts anew, and then nearly to zero. A
// series that fell gauges times to more than a tenth is a gauge.
const (
	gaugeFalls = 3
	restart    = 0.1
)

// counter says when what is counted is no counter.
func (c *checker) counter(t term) {
	name := t.Selector.Name
	if kind := c.typeOf(name); kind == "gauge" || kind == "info" || kind == "stateset" {
		c.add(slo.LevelError, t.path, "write a counter, whose name usually ends in _total, or use slices for a gauge", "%s is a %s, not a counter", name, kind)
		return
	}
	for _, s := range t.series {
		falls := 0
		for i := 1; i < len(s.Samples); i++ {
			before, after := s.Samples[i-1], s.Samples[i]
			if before.H == nil && after.H == nil && after.V < before.V && after.V > restart*before.V {
				falls++
			}
		}
		if falls >= gaugeFalls {
			c.add(slo.LevelError, t.path, "write a counter, whose name usually ends in _total, or use slices for a gauge",
				"%s rises and falls (%d times within a day) without starting anew, as a gauge does", shown(s.Series.Labels()), falls)
			return
		}
	}
}

// typeOf returns the type of a metric's family; "" when unknown. A histogram's
// series carry suffixes, and OpenMetrics names counters without theirs.
func (c *checker) typeOf(name string) string {
	if kind := c.types[name]; kind != "" {
		return kind
	}
	for _, suffix := range []string{"_total", "_count", "_bucket"} {
		if family, ok := strings.CutSuffix(name, suffix); ok && c.types[family] != "gauge" && c.types[family] != "" {
			return c.types[family]
		}
	}
	return ""
}

// intervals warns of windows that hold less than two samples.
func (c *checker) intervals(series []slo.SeriesSamples) {
	interval := usual(series)
	if interval <= 0 {
		return
	}
	for i, p := range c.d.Policies {
		if p.Short < 2*interval {
			c.add(slo.LevelWarning, policyPath(i), "write a short window of at least "+slo.FormatDuration(2*interval)+", or scrape more often",
				"the %s over %s looks at the last %s, and samples come every %s", p.Severity, slo.FormatDuration(p.Long), slo.FormatDuration(p.Short), slo.FormatDuration(interval))
		}
	}
	if slice := c.d.Budgeting.Slice; slice > 0 && slice < interval {
		c.add(slo.LevelWarning, "spec", "write slices of at least "+slo.FormatDuration(interval), "slices of %s often hold no sample: samples come every %s",
			slo.FormatDuration(slice), slo.FormatDuration(interval))
	}
}

// usual is the median time between two samples of a series, in whole seconds; 0
// where none has two.
func usual(series []slo.SeriesSamples) time.Duration {
	var gaps []int64
	for _, s := range series {
		for i := 1; i < len(s.Samples); i++ {
			gaps = append(gaps, s.Samples[i].T-s.Samples[i-1].T)
		}
	}
	if len(gaps) == 0 {
		return 0
	}
	slices.Sort(gaps)
	return (time.Duration(gaps[len(gaps)/2]) * time.Millisecond).Round(time.Second)
}
