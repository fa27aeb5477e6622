package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"burnline/slo"
)

// number writes a number as PromQL.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// by writes the grouping of an aggregation; "" sums everything up.
func (b *builder) by() string {
	if len(b.def.GroupBy) == 0 {
		return ""
	}
	return " by (" + strings.Join(b.def.GroupBy, ", ") + ")"
}

// on writes by which labels two sides meet: those of the SLO's groups.
func (b *builder) on() string { return "on (" + strings.Join(b.def.GroupBy, ", ") + ")" }

// selector writes a selector as PromQL, with its name in quotes where a plain
// one can't have it.
func selector(s slo.Selector) string {
	plain := model.LegacyValidation.IsValidMetricName(s.Name)
	for _, m := range s.Matchers {
		plain = plain && model.LegacyValidation.IsValidLabelName(m.Label)
	}
	if plain {
		return s.String()
	}
	parts := []string{strconv.Quote(s.Name)}
	for _, m := range s.Matchers {
		label := m.Label
		if !model.LegacyValidation.IsValidLabelName(label) {
			label = strconv.Quote(label)
		}
		parts = append(parts, label+string(m.Op)+strconv.Quote(m.Value))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// span is a stretch of time in which events are counted.
type span struct {
	// function and window are what PromQL counts with, and times multiplies it.
	function, window, times string
}

// within is a window by itself: its edges are those of increase().
func within(w time.Duration) span { return span{"increase", slo.FormatDuration(w), ""} }

// next is a stretch that begins where the one before ended. The step from the last
// scrape of that one to the first of this would belong to neither, so the range is a
// scrape longer; rate() is per second of what it has seen.
func (b *builder) next(length time.Duration) span {
	return span{"rate", slo.FormatDuration(length + b.scrape), " * " + number(length.Seconds())}
}

// increase sums the increase of the selected counters.
func (b *builder) increase(s slo.Selector, in span) string {
	return fmt.Sprintf("sum%s (%s(%s[%s]))%s", b.by(), in.function, selector(s), in.window, in.times)
}

// observed counts the observations of a native histogram.
func (b *builder) observed(s slo.Selector, in span) string {
	return fmt.Sprintf("histogram_count(%s)%s", b.increase(s, span{in.function, in.window, ""}), in.times)
}

// sum adds and takes away selectors. One whose series are not there counts
// nothing, and does not take the others with it.
func (b *builder) sum(sum slo.Sum, in span) string {
	if len(sum) == 1 && !sum[0].Minus {
		return b.increase(sum[0].Selector, in)
	}
	terms := make([]string, len(sum))
	for i, s := range sum {
		term := b.increase(s.Selector, in)
		if s.Minus {
			term = "-" + term
		}
		terms[i] = fmt.Sprintf(`label_replace(%s, "burnline_term", "%d", "", "")`, term, i+1)
	}
	return fmt.Sprintf("sum%s (%s)", b.by(), strings.Join(terms, " or "))
}

// total counts all events within a range.
func (b *builder) total(in span) string {
	if l := b.def.SLI.Latency; l != nil {
		count := l.Histogram
		count.Name += "_count"
		return fmt.Sprintf("%s or %s", b.increase(count, in), b.observed(l.Histogram, in))
	}
	return b.sum(b.def.Counters().Total, in)
}

// bad counts the bad events within a range; total selects what total counted.
// Series of bad events that are not there yet are no bad events.
func (b *builder) bad(in span, total string) string {
	nothing := fmt.Sprintf("%s %s * 0", b.on(), total)
	if l := b.def.SLI.Latency; l != nil {
		// Without a bucket at the threshold nothing is known, rather than all good.
		return fmt.Sprintf("clamp_min(%s - %s (%s), 0)", total, b.on(), b.below(l, in))
	}
	e := b.def.Counters()
	if e.Bad != nil {
		return fmt.Sprintf("clamp_min(%s, 0) or %s", b.sum(e.Bad, in), nothing)
	}
	return fmt.Sprintf("clamp_min(%s - %s (%s or %s), 0)", total, b.on(), b.sum(e.Good, in), nothing)
}

// below counts the observations up to the threshold.
func (b *builder) below(l *slo.LatencySLI, in span) string {
	bucket := l.Histogram
	bucket.Name += "_bucket"
	bound := strconv.FormatFloat(l.Bound(), 'f', -1, 64)
	pattern := strings.ReplaceAll(bound, ".", `\.`) + "0*" // 0.3 and 0.30
	if !strings.Contains(bound, ".") {
		pattern = bound + `(\.0+)?` // 1 and 1.0
	}
	bucket.Matchers = append(append([]slo.Matcher(nil), bucket.Matchers...), slo.Matcher{Label: "le", Op: slo.MatchRegexp, Value: pattern})
	native := b.increase(l.Histogram, span{in.function, in.window, ""})
	return fmt.Sprintf("%s or histogram_fraction(-Inf, %s, %s) * %s", b.increase(bucket, in), number(l.Bound()), native, b.observed(l.Histogram, in))
}

// comparison is the PromQL operator of a comparison.
func comparison(op slo.CompareOp) string {
	return map[slo.CompareOp]string{slo.GT: ">", slo.GTE: ">=", slo.LT: "<", slo.LTE: "<=", slo.EQ: "==", slo.NEQ: "!="}[op]
}

// seen is how often samples of a gauge are looked at where nothing says how
// often they come.
const seen = 15 * time.Second

// gauge returns the expression of a gauge's samples and how often they are looked at.
func gauge(s *slo.SamplesSLI) (string, time.Duration) {
	if s.Selector != nil {
		return selector(*s.Selector), seen
	}
	every := s.Every
	if every <= 0 {
		every = seen
	}
	return "(" + s.Query + ")", every
}

// badShare returns the share of bad samples of a gauge within a slice of time.
func (b *builder) badShare(s *slo.SamplesSLI, slice time.Duration) string {
	expr, every := gauge(s)
	if s.Selector != nil && b.def.Budgeting.Method == slo.Timeslices && b.def.Budgeting.Target >= 1 {
		if exact := b.anyBad(s, expr, slo.FormatDuration(slice)); exact != "" {
			return exact
		}
	}
	span := fmt.Sprintf("[%s:%s]", slo.FormatDuration(slice), slo.FormatDuration(min(every, slice)))
	return fmt.Sprintf("1 - sum%s (sum_over_time((%s %s bool %s)%s)) / sum%s (count_over_time(%s%s))",
		b.by(), expr, comparison(s.Op), number(s.Value), span, b.by(), expr, span)
}

// anyBad returns 1 where any sample of the slice is bad, whenever it came; "" for
// a comparison that the extremes of a slice can't decide.
func (b *builder) anyBad(s *slo.SamplesSLI, expr, slice string) string {
	lowest := fmt.Sprintf("min%s (min_over_time(%s[%s]))", b.by(), expr, slice)
	highest := fmt.Sprintf("max%s (max_over_time(%s[%s]))", b.by(), expr, slice)
	switch s.Op {
	case slo.GT, slo.GTE:
		return fmt.Sprintf("1 - (%s %s bool %s)", lowest, comparison(s.Op), number(s.Value))
	case slo.LT, slo.LTE:
		return fmt.Sprintf("1 - (%s %s bool %s)", highest, comparison(s.Op), number(s.Value))
	case slo.EQ:
		return fmt.Sprintf("1 - (%s == bool %s) * (%s == bool %s)", lowest, number(s.Value), highest, number(s.Value))
	}
	return ""
}
