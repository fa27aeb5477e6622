package tempo

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"burnline/internal/tracesearch"
)

const (
	mostLimit = tracesearch.MostResults
	mostSpans = 100
)

// queryOf reads the parameters of a search.
func queryOf(v url.Values) (tracesearch.Query, error) {
	q := tracesearch.Query{Limit: tracesearch.DefaultLimit, Spans: 3}
	var err error
	set := func(read error) {
		if err == nil {
			err = read
		}
	}
	set(number(v, "limit", mostLimit, &q.Limit))
	set(number(v, "spss", mostSpans, &q.Spans))
	set(moment(v, "start", &q.From))
	set(moment(v, "end", &q.To))
	set(duration(v, "minDuration", &q.MinDuration))
	set(duration(v, "maxDuration", &q.MaxDuration))
	if err != nil {
		return q, err
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return q, bad("end is before start")
	}
	if text := v.Get("q"); text != "" {
		if v.Get("tags") != "" {
			return q, bad("give either q or tags, not both")
		}
		q.Where, err = tracesearch.Parse(text)
		return q, err
	}
	q.Where, err = tags(v.Get("tags"))
	return q, err
}

func number(v url.Values, name string, most int, to *int) error {
	text := v.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return bad(fmt.Sprintf("%s=%.40s: write a whole number", name, text))
	}
	if n > 0 { // 0 stands for the default
		*to = min(n, most)
	}
	return nil
}

func moment(v url.Values, name string, to *time.Time) error {
	text := v.Get(name)
	if text == "" || text == "0" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return bad(fmt.Sprintf("%s=%.40s: write Unix seconds", name, text))
	}
	*to = time.Unix(n, 0)
	return nil
}

func duration(v url.Values, name string, to *time.Duration) error {
	text := v.Get(name)
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return bad(fmt.Sprintf("%s=%.40s: write a duration such as 100ms", name, text))
	}
	*to = d
	return nil
}

// tags reads logfmt: name=value pairs with space between them, values in quotes where they
// hold space. All have to be of one span, or of its resource.
func tags(text string) (tracesearch.Expr, error) {
	var all []tracesearch.Expr
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		name, rest, ok := strings.Cut(text, "=")
		if !ok || name == "" || strings.ContainsAny(name, " \t\"") {
			return nil, bad(fmt.Sprintf("tags: %.60q is no pair; write logfmt such as service.name=shop http.status_code=500", text))
		}
		value, after, ok := logfmtValue(rest)
		if !ok {
			return nil, bad(fmt.Sprintf("tags: the text of %.60s does not end; close it with a quote", name))
		}
		all, text = append(all, tagCondition(name, value)), after
	}
	return tracesearch.All(all...), nil
}

// tagCondition knows the names that are no attributes.
func tagCondition(name, value string) tracesearch.Expr {
	switch {
	case name == "name":
		return tracesearch.SpanName(value)
	case name == "status" && value == "error", name == "error" && value == "true":
		return tracesearch.Failed()
	}
	return tracesearch.Attribute(name, value)
}

func logfmtValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		if i := strings.IndexAny(s, " \t"); i >= 0 {
			return s[:i], s[i:], true
		}
		return s, "", true
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", false
	}
	value, err = strconv.Unquote(quoted)
	return value, s[len(quoted):], err == nil
}
