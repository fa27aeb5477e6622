package spec

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/promql"
)

// sli reads what is counted: exactly one kind. service is whose promise it is.
func (r *reader) sli(in sli, service string) slo.SLI {
	const path = "spec.sli"
	var given []string
	for _, kind := range []string{"events", "latency", "slices", "ratio", "composite", "spans"} {
		if r.doc.Has(path + "." + kind) {
			given = append(given, kind)
		}
	}
	switch {
	case len(given) > 1:
		r.wrong(path, "it gives "+strings.Join(given, " and "), "write one SLO for each")
	case in.Events != nil:
		return slo.SLI{Events: r.events(*in.Events)}
	case in.Latency != nil:
		return slo.SLI{Latency: r.latency(*in.Latency)}
	case in.Slices != nil:
		return slo.SLI{Samples: r.timeslices(*in.Slices)}
	case in.Ratio != nil:
		return slo.SLI{Ratio: r.ratio(*in.Ratio)}
	case in.Composite != nil:
		return slo.SLI{Composite: r.composite(*in.Composite)}
	case in.Spans != nil:
		return slo.SLI{Spans: r.spans(*in.Spans, service)}
	case !r.unread(path):
		r.wrong(path, "it does not say what is counted", "write events: {bad: …, total: …}, latency: {histogram: …, threshold: 300ms}, slices, ratio, composite or spans")
	}
	return slo.SLI{}
}

func (r *reader) events(in events) *slo.EventsSLI {
	const path = "spec.sli.events"
	e := &slo.EventsSLI{
		Bad:   r.sum(path+".bad", in.Bad),
		Good:  r.sum(path+".good", in.Good),
		Total: r.sum(path+".total", in.Total),
	}
	if in.Total == "" && !r.unread(path+".total") {
		r.wrong(path, "total is missing", "write the selector of all events")
	}
	switch {
	case in.Bad == "" && in.Good == "" && !r.unread(path):
		r.wrong(path, "neither bad nor good is given", "write the selector of one of them")
	case in.Bad != "" && in.Good != "":
		r.wrong(path+".good", "both bad and good are given", "keep one; the other follows from the total")
	case e.Bad != nil && promql.Same(e.Bad, e.Total):
		r.wrong(path+".bad", "bad and total count the same, so every event would be bad", `narrow bad, as in code=~"5.."`)
	case e.Good != nil && promql.Same(e.Good, e.Total):
		r.wrong(path+".good", "good and total count the same, so no event could be bad", `narrow good, as in code!~"5.."`)
	}
	return e
}

// sum reads a selector sum; nil where it is empty or wrong.
func (r *reader) sum(path, expr string) slo.Sum {
	if expr == "" {
		if r.doc.Has(path) && !r.unread(path) {
			r.wrong(path, "it is empty", "write a selector, or remove the key")
		}
		return nil
	}
	sum, err := promql.Selectors(expr)
	if err != nil {
		r.refused(path, err)
		return nil
	}
	for _, s := range sum {
		r.bucket(path, s.Selector)
	}
	return sum
}

func (r *reader) refused(path string, err error) {
	message, instead := err.Error(), ""
	var wrong *yamlconf.Wrong
	if errors.As(err, &wrong) {
		message, instead = wrong.Message, wrong.Instead
	}
	r.wrong(path, message, instead)
}

var wholeNumber = regexp.MustCompile(`^[0-9]+$`)

// bucket checks a histogram's bucket that is counted as events.
func (r *reader) bucket(path string, s slo.Selector) {
	if !strings.HasSuffix(s.Name, "_bucket") {
		return
	}
	i := slices.IndexFunc(s.Matchers, func(m slo.Matcher) bool { return m.Label == "le" })
	switch {
	case i < 0:
		r.wrong(path, s.Name+" without le counts every event once in each bucket",
			fmt.Sprintf("write latency: {histogram: %s, threshold: …}", strings.TrimSuffix(s.Name, "_bucket")))
	case s.Matchers[i].Op == slo.MatchEqual && wholeNumber.MatchString(s.Matchers[i].Value):
		le := s.Matchers[i].Value
		r.warn(path, fmt.Sprintf("le=%q is le=%q in some sources", le, le+".0"), fmt.Sprintf(`write le=~"%s(\\.0)?", or use latency`, le))
	}
}

func (r *reader) latency(in latency) *slo.LatencySLI {
	const path = "spec.sli.latency"
	l := &slo.LatencySLI{Threshold: in.Threshold}
	if in.Threshold <= 0 && !r.unread(path+".threshold") {
		r.wrong(path+".threshold", "the longest good duration is missing", "write one such as 300ms")
	}
	if r.unread(path + ".histogram") {
		return l
	}
	if in.Histogram == "" {
		r.wrong(path+".histogram", "it is missing", "write the selector of a histogram, such as http_request_duration_seconds")
		return l
	}
	sum, err := promql.Selectors(in.Histogram)
	if err != nil {
		r.refused(path+".histogram", err)
		return l
	}
	if len(sum) > 1 || sum[0].Minus {
		r.wrong(path+".histogram", "a latency has one histogram", "write one selector; label matchers may select several series")
		return l
	}
	l.Histogram = sum[0].Selector
	r.histogram(path+".histogram", l.Histogram)
	return l
}

func (r *reader) histogram(path string, s slo.Selector) {
	for _, suffix := range []string{"_bucket", "_count", "_sum"} {
		if base, ok := strings.CutSuffix(s.Name, suffix); ok && base != "" {
			r.wrong(path, fmt.Sprintf("%s is one part of the histogram", s.Name), "write its base name, "+base)
			return
		}
	}
	if slices.ContainsFunc(s.Matchers, func(m slo.Matcher) bool { return m.Label == "le" }) {
		r.wrong(path, "the threshold picks the bucket", "remove the matcher of le")
	}
}
