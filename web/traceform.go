package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"burnline/internal/tracesearch"
	"burnline/slo"
)

// traceForm is a search for traces as it stands in the address.
type traceForm struct {
	Service, SLO, Name, Attr, Min, Max, Since, From, To, Q, Limit string
	Failed                                                        bool
}

// traceSince are the lengths of time that the form offers.
func traceSince() []string { return []string{"15m", "1h", "6h", "1d", "3d"} }

func traceFormOf(v url.Values) traceForm {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	return traceForm{
		Service: get("service"), SLO: get("slo"), Name: get("name"), Attr: get("attr"), Min: get("min"), Max: get("max"),
		Since: get("since"), From: get("from"), To: get("to"), Q: get("q"), Limit: get("limit"), Failed: get("status") == "error",
	}
}

// Empty reports whether nothing is asked for.
func (f traceForm) Empty() bool { f.Limit = ""; return f == traceForm{} }

// Href is the search's own address.
func (f traceForm) Href() string {
	q := url.Values{}
	for name, value := range map[string]string{
		"service": f.Service, "slo": f.SLO, "name": f.Name, "attr": f.Attr, "min": f.Min, "max": f.Max,
		"since": f.Since, "from": f.From, "to": f.To, "q": f.Q, "limit": f.Limit,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Failed {
		q.Set("status", "error")
	}
	return address("/traces", q)
}

// failingHref is the search for traces that an SLO suffers from: those that it counted as bad
// where it counts spans, else those with a failed span of its service.
func failingHref(d *slo.Definition) string {
	if d.SLI.Spans != nil {
		return traceForm{SLO: d.ID}.Href()
	}
	return traceForm{Service: d.Service, Failed: true}.Href()
}

// query reads the form; everything that is wrong with it comes at once.
func (f traceForm) query(now time.Time) (tracesearch.Query, slo.Problems) {
	var problems slo.Problems
	wrong := func(field, format string, args ...any) {
		problems = append(problems, slo.Problem{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	q := tracesearch.Query{Limit: tracesearch.DefaultLimit}
	if n, err := strconv.Atoi(f.Limit); f.Limit != "" {
		if err != nil || n < 1 || n > tracesearch.MostResults {
			wrong("limit", "limit is a whole number from 1 to %d, not %q.", tracesearch.MostResults, f.Limit)
		}
		q.Limit = n
	}
	q.MinDuration = f.duration("min", f.Min, wrong)
	q.MaxDuration = f.duration("max", f.Max, wrong)
	f.times(&q, now, wrong)
	q.Where = f.where(wrong)
	return q, problems
}

func (f traceForm) duration(name, text string, wrong func(field, format string, args ...any)) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || d < 0 {
		wrong(name, "%s is a duration such as 100ms or 1.5s, not %q.", name, text)
	}
	return d
}

func (f traceForm) times(q *tracesearch.Query, now time.Time, wrong func(field, format string, args ...any)) {
	if f.Since != "" {
		if d, ok := parseWindow(f.Since); ok {
			q.From = now.Add(-d)
		} else {
			wrong("since", "since is a length of time such as 1h or 3d, not %q.", f.Since)
		}
	}
	for name, of := range map[string]struct {
		text string
		to   *time.Time
	}{"from": {f.From, &q.From}, "to": {f.To, &q.To}} {
		if of.text == "" {
			continue
		}
		t, ok := parseTime(of.text)
		if !ok {
			wrong(name, "%s is Unix seconds or RFC 3339, not %q.", name, of.text)
			continue
		}
		*of.to = t
	}
}

// where joins the conditions: one span has to meet all of them.
func (f traceForm) where(wrong func(field, format string, args ...any)) tracesearch.Expr {
	var all []tracesearch.Expr
	for _, c := range []struct {
		text string
		make func(string) tracesearch.Expr
	}{{f.Service, tracesearch.Service}, {f.SLO, tracesearch.SLO}, {f.Name, tracesearch.SpanName}} {
		if c.text != "" {
			all = append(all, c.make(c.text))
		}
	}
	if f.Failed {
		all = append(all, tracesearch.Failed())
	}
	if f.Attr != "" {
		name, value, ok := strings.Cut(f.Attr, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			wrong("attr", "attr is name=value, such as region=eu, not %q.", f.Attr)
		}
		all = append(all, tracesearch.Attribute(name, strings.TrimSpace(value)))
	}
	if f.Q != "" {
		e, err := tracesearch.Parse(f.Q)
		if err != nil {
			wrong("q", "The query: %s.", err)
			return nil
		}
		all = append(all, e)
	}
	return tracesearch.All(all...)
}
