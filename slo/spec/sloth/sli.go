package sloth

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/spec/foreign"
	"burnline/slo/spec/promql"
)

// ratioSlice is how often a query that is no count runs, and its range.
const ratioSlice = time.Minute

// sli reads what is counted.
func (r *reader) sli(i int, in sli, d *slo.Definition) {
	at := r.path("slos[%d].sli", i)
	given := 0
	for _, there := range []bool{in.Events != nil, in.Raw != nil, in.Plugin != nil} {
		if there {
			given++
		}
	}
	switch {
	case given > 1:
		r.Wrong(at, "it gives several of events, raw and plugin", "keep one")
	case in.Events != nil:
		r.events(i, *in.Events, d)
	case in.Raw != nil:
		r.raw(i, *in.Raw, d)
	case in.Plugin != nil:
		r.Wrong(r.path("slos[%d].sli.plugin", i), fmt.Sprintf("the plugin %q is a program of Sloth's, which can't run here", in.Plugin.ID), replacement(*in.Plugin))
	default:
		r.Wrong(at, "it does not say what is counted", "write events with error_query and total_query")
	}
}

func (r *reader) events(i int, in events, d *slo.Definition) {
	errorPath, totalPath := r.path("slos[%d].sli.events.error_query", i), r.path("slos[%d].sli.events.total_query", i)
	bad, badOK := r.query(errorPath, in.ErrorQuery)
	total, totalOK := r.query(totalPath, in.TotalQuery)
	if !badOK || !totalOK {
		return
	}
	if bad == total {
		r.Wrong(errorPath, "it is the same as the query of all events, so every event would be bad", "narrow it to the bad ones")
		return
	}
	parts, err := promql.Divide(bad, total)
	if err != nil {
		r.ratio(errorPath, fraction(bad, total), err, d)
		return
	}
	r.counted(errorPath, parts, d)
}

func (r *reader) raw(i int, in raw, d *slo.Definition) {
	path := r.path("slos[%d].sli.raw.error_ratio_query", i)
	query, ok := r.query(path, in.ErrorRatioQuery)
	if !ok {
		return
	}
	parts, err := promql.Ratio(query)
	if err != nil {
		r.ratio(path, query, err, d)
		return
	}
	r.counted(path, parts, d)
}

// fraction divides one query by another. A comment at the end of a query ends with its line.
func fraction(bad, total string) string {
	for _, query := range []*string{&bad, &total} {
		if *query = strings.TrimSpace(*query); strings.Contains(*query, "#") {
			*query += "\n"
		}
	}
	return "(" + bad + ") / (" + total + ")"
}

// counted takes a ratio of counts over.
func (r *reader) counted(path string, parts promql.Parts, d *slo.Definition) {
	d.SLI.Events = &slo.EventsSLI{Bad: promql.Buckets(parts.Bad), Good: promql.Buckets(parts.Good), Total: promql.Buckets(parts.Total)}
	d.GroupBy = r.grouped(path, parts.By)
	r.Inverted(path, parts.Bad)
	if promql.Same(parts.Bad, parts.Total) || promql.Same(parts.Good, parts.Total) {
		r.Wrong(path, "bad and total count the same", "narrow the query of the bad events")
	}
	if notes := "events are counted one by one: " + strings.Join(parts.Notes, "; "); parts.Each {
		r.Warn(path, notes, "write sum(…), or sum by (…) and the labels whose values have a budget each")
	} else if len(parts.Notes) > 0 {
		r.Note(path, notes, "")
	}
	if parts.Fixed != "" {
		r.Warn(path, fmt.Sprintf("for Sloth it looks at the last %s in every window; here events are counted over each window itself", parts.Fixed),
			"write [{{.window}}]")
	}
}

// ratio takes a query over that is no count.
func (r *reader) ratio(path, query string, why error, d *slo.Definition) {
	message, instead := foreign.Words(why)
	d.SLI.Ratio = &slo.RatioSLI{Query: query, Slice: ratioSlice}
	d.GroupBy = r.grouped(path, promql.Keeps(query))
	r.Warn(path, "it is no count of events: "+message+"; so it runs as a query once a minute over the last minute, and every minute weighs the same, whatever its traffic", instead)
	if strings.Contains(promql.Placeholders(query, ""), "$window") {
		r.Warn(path, "{{.window}} stands outside of a range: it is "+slo.FormatDuration(ratioSlice)+" here, so what was recorded for Sloth's windows only is not found",
			"write the query that it was recorded from, with [{{.window}}]")
	}
}

// grouped takes the labels over that the query keeps, each value of which has its own budget.
func (r *reader) grouped(path string, by []string) []string {
	labels := r.GroupBy(path, by, false)
	if len(labels) > 0 {
		r.Note(path, "the query keeps "+strings.Join(labels, ", ")+", so each value has a budget and incidents of its own, as Sloth's rules have", "")
	}
	return labels
}

var (
	window   = regexp.MustCompile(`\{\{-?\s*\.window\s*-?\}\}`)
	template = regexp.MustCompile(`\{\{[^}]*\}\}`)
)

// query reads a query: $window stands where Sloth fills the window in.
func (r *reader) query(path, text string) (string, bool) {
	if r.Failed(path) {
		return "", false
	}
	if strings.TrimSpace(text) == "" {
		r.Wrong(path, "it is missing", "write a query such as sum(rate(requests_total[{{.window}}]))")
		return "", false
	}
	query := strings.TrimSpace(window.ReplaceAllString(text, "$$window"))
	if left := template.FindString(query); left != "" {
		r.Wrong(path, fmt.Sprintf("%s can't be filled in: Sloth knows {{.window}} only", left), "write the value")
		return "", false
	}
	if err := promql.Valid(query); err != nil {
		r.Refused(path, err)
		return "", false
	}
	return query, true
}
