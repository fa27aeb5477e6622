package openslo

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/spec/foreign"
	"burnline/slo/spec/promql"
)

// measured turns an objective's indicator into an SLI and the labels that split it.
func (r *reader) measured(g goal) (slo.SLI, []string) {
	ind := g.indicator
	if ind == nil || r.unread(ind.at) {
		return slo.SLI{}, nil
	}
	if ind.ratio {
		if g.op != "" {
			r.warn(g.at.at("op"), "a ratio is compared with nothing, so op says nothing", "remove op")
		}
		if g.value != nil {
			r.warn(g.at.at("value"), "a ratio is compared with nothing, so value says nothing", "remove value")
		}
		return r.ratio(g, ind)
	}
	return slo.SLI{Samples: r.samples(g, ind.threshold)}, nil
}

// samples takes a threshold metric: a sample is good when it compares.
func (r *reader) samples(g goal, s *source) *slo.SamplesSLI {
	sli := &slo.SamplesSLI{Op: slo.CompareOp(g.op), Every: defaultSlice}
	switch sli.Op {
	case slo.GT, slo.GTE, slo.LT, slo.LTE: // slo.Lint looks whether it is the wrong way round
	case "":
		r.wrong(g.at, "op is missing: a threshold needs to know what is good", "write op: lte and the largest good value, or gte and the smallest")
	default:
		r.wrong(g.at.at("op"), fmt.Sprintf("%q is no comparison", g.op), "write lt, lte, gt or gte; a sample is good when it holds")
	}
	if g.value == nil {
		r.wrong(g.at, "value is missing: a threshold needs a number", "write value: and the number that samples are compared with")
	} else {
		sli.Value = *g.value
	}
	if sum, err := promql.Selectors(s.text); err == nil && len(sum) == 1 {
		sli.Selector = &sum[0].Selector
		return sli
	}
	sli.Query = promql.Placeholders(s.text, slo.FormatDuration(sli.Every))
	r.warn(s.query, fmt.Sprintf("the query is more than a selector, so it is asked once every %s and each answer is one event", slo.FormatDuration(sli.Every)),
		"write a plain selector to have every sample counted as it comes")
	return sli
}

// ratio takes a ratio metric: exact counts where the queries add counters up, and else PromQL.
func (r *reader) ratio(g goal, ind *indicator) (slo.SLI, []string) {
	if ind.raw != nil {
		return r.raw(g, ind)
	}
	above := ind.bad
	if above == nil {
		above = ind.good
	}
	parts, err := promql.Divide(above.text, ind.total.text)
	if err != nil && r.counters(ind, above) {
		if parts, err = divided(above.text, ind.total.text); err != nil {
			return r.asked(above.query, r.increases(g, ind, above, err))
		}
	} else if err != nil {
		return r.asked(above.query, r.gauges(g, ind, above))
	}
	if ind.good != nil {
		parts.Bad, parts.Good = parts.Good, parts.Bad
	}
	return r.counted(above.query, parts)
}

// divided reads counters as they stand. Some files sum one side only, though
// all series of both are meant.
func divided(above, total string) (promql.Parts, error) {
	parts, err := promql.DivideCounters(above, total)
	if err == nil {
		return parts, nil
	}
	a, errA := promql.Counters(above)
	t, errT := promql.Counters(total)
	if errA != nil || errT != nil || !slices.Equal(a.By, t.By) {
		return parts, err
	}
	return promql.Parts{Bad: a.Sum, Total: t.Sum, By: t.By, Notes: append(a.Notes, t.Notes...), Each: true}, nil
}

// namesCounter matches names that counters have by convention.
var namesCounter = regexp.MustCompile(`_(total|count|bucket)\b`)

// counters decides whether queries without a range hold counters, and says so where the
// file does not.
func (r *reader) counters(ind *indicator, above *source) bool {
	if ind.counter != nil {
		return *ind.counter
	}
	word := "counter"
	if ind.at.doc.Text("apiVersion") == v1alpha {
		word = "incremental"
	}
	if namesCounter.MatchString(above.text) && namesCounter.MatchString(ind.total.text) {
		r.warn(ind.at, "it does not say whether the metrics are counters; by their names they are", "write "+word+": true")
		return true
	}
	r.warn(ind.at, "it does not say whether the metrics are counters, so each sample is taken as a count of its own", "write "+word+": true where they only grow")
	return false
}

// counted takes exact counts.
func (r *reader) counted(at place, parts promql.Parts) (slo.SLI, []string) {
	if notes := "events are counted one by one: " + strings.Join(parts.Notes, "; "); parts.Each {
		r.warn(at, notes, "write sum(…) around both queries")
	} else if len(parts.Notes) > 0 {
		r.note(at, notes, "")
	}
	e := &slo.EventsSLI{Bad: promql.Buckets(parts.Bad), Good: promql.Buckets(parts.Good), Total: promql.Buckets(parts.Total)}
	switch {
	case e.Bad != nil && promql.Same(e.Bad, e.Total):
		r.wrong(at, "bad and total count the same, so every event would be bad", `narrow bad, as in code=~"5.."`)
	case e.Good != nil && promql.Same(e.Good, e.Total):
		r.wrong(at, "good and total count the same, so no event could be bad", `narrow good, as in code!~"5.."`)
	}
	return slo.SLI{Events: e}, r.grouped(at, parts.By)
}

// grouped takes the labels over that a query keeps, each value of which has its own budget.
func (r *reader) grouped(at place, by []string) []string {
	r.lend(at.doc, func(f *foreign.Report) { by = f.GroupBy(at.path, by, false) })
	if len(by) > 0 {
		r.note(at, "the query keeps "+strings.Join(by, ", ")+", so each value has a budget and incidents of its own", "write sum(…) without by for one budget in all")
	}
	return by
}

// asked is a ratio by PromQL, with the labels that it keeps.
func (r *reader) asked(at place, ratio *slo.RatioSLI) (slo.SLI, []string) {
	return slo.SLI{Ratio: ratio}, r.grouped(at, promql.Keeps(ratio.Query))
}

// every is the time between two questions to PromQL.
func (g *goal) every() time.Duration {
	if g.slice > 0 {
		return g.slice
	}
	return defaultSlice
}

// quotient is the error ratio of two queries. A comment at the end of one ends with its line.
func quotient(ind *indicator, above, total string) string {
	above, total = closed(above), closed(total)
	if ind.good != nil {
		return fmt.Sprintf("1 - (%s) / (%s)", above, total)
	}
	return fmt.Sprintf("(%s) / (%s)", above, total)
}

func closed(query string) string {
	if strings.Contains(query, "#") {
		return query + "\n"
	}
	return query
}

// increases takes counters whose queries are more than sums: the range is put into each selector.
func (r *reader) increases(g goal, ind *indicator, above *source, why error) *slo.RatioSLI {
	a, errA := promql.Increases(above.text, "$window")
	t, errT := promql.Increases(ind.total.text, "$window")
	for _, failed := range []struct {
		at  place
		err error
	}{{above.query, errA}, {ind.total.query, errT}} {
		if failed.err != nil {
			r.refused(failed.at, failed.err)
		}
	}
	if mixed(a, t) {
		r.wrong(above.query, "one of the queries is per second and the other one counts, so their quotient is no share of events", "write both alike, as in sum(requests_total)")
	}
	r.uncounted(above.query, g, why)
	return &slo.RatioSLI{Query: quotient(ind, a, t), Slice: g.every()}
}

// mixed reports whether rate() stands on one side only.
func mixed(above, total string) bool {
	a, errA := promql.Events(above)
	t, errT := promql.Events(total)
	return errA == nil && errT == nil && a.PerSecond() != t.PerSecond()
}

// uncounted reports a ratio that PromQL computes once per slice, because it is no count.
func (r *reader) uncounted(at place, g goal, why error) {
	message, instead := foreign.Words(why)
	r.warn(at, fmt.Sprintf("events can't be counted (%s); PromQL computes the ratio once every %s, and each answer weighs the same",
		message, slo.FormatDuration(g.every())), instead)
}

// gauges takes metrics that hold counts per interval.
func (r *reader) gauges(g goal, ind *indicator, above *source) *slo.RatioSLI {
	a, errA := promql.Sums(above.text, "$window")
	t, errT := promql.Sums(ind.total.text, "$window")
	how := "their samples are added up"
	if errA != nil || errT != nil {
		a, t = promql.Placeholders(above.text, "$window"), promql.Placeholders(ind.total.text, "$window")
		how = "the queries are asked as they are"
	}
	r.warn(above.query, fmt.Sprintf("what are no counters can't be counted exactly: %s once every %s, and each answer weighs the same",
		how, slo.FormatDuration(g.every())), "write counter: true where the metrics only grow")
	return &slo.RatioSLI{Query: quotient(ind, a, t), Slice: g.every()}
}

// raw takes a ratio that a query gives as a whole.
func (r *reader) raw(g goal, ind *indicator) (slo.SLI, []string) {
	query := ind.raw.text
	if ind.rawType == "success" {
		query = "1 - (" + closed(query) + ")"
	}
	parts, err := promql.Ratio(query)
	if err == nil {
		return r.counted(ind.raw.query, parts)
	}
	r.uncounted(ind.raw.query, g, err)
	return r.asked(ind.raw.query, &slo.RatioSLI{Query: promql.Placeholders(query, "$window"), Slice: g.every()})
}
