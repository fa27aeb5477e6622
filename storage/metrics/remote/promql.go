package remote

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"burnline/slo"
	"burnline/storage/metrics"
)

// promSelector writes the selector in PromQL. A name outside the classic
// characters is matched as a value of __name__, which old engines read too.
func promSelector(sel slo.Selector) (string, error) {
	matchers, err := metrics.ToMatchers(sel)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	classic := model.LegacyValidation.IsValidMetricName(sel.Name)
	if classic {
		b.WriteString(sel.Name)
	}
	b.WriteByte('{')
	for i, m := range matchers {
		if classic && i == 0 {
			continue // The name, written already.
		}
		if c := b.String(); c[len(c)-1] != '{' {
			b.WriteByte(',')
		}
		writeMatcher(&b, m)
	}
	b.WriteByte('}')
	return b.String(), nil
}

// writeMatcher writes one comparison, quoting what has to be.
func writeMatcher(b *strings.Builder, m *labels.Matcher) {
	if model.LegacyValidation.IsValidLabelName(m.Name) {
		b.WriteString(m.Name)
	} else {
		b.WriteString(strconv.Quote(m.Name))
	}
	b.WriteString(m.Type.String())
	b.WriteString(strconv.Quote(m.Value))
}

// instantQuery is the form of a query at one moment. VictoriaMetrics would
// answer from a cache, or from half a minute ago, without nocache; others ignore it.
func instantQuery(expr string, at time.Time) url.Values {
	return url.Values{"query": {expr}, "time": {seconds(at)}, "nocache": {"1"}}
}

// rangeQuery is the form of a query from from to to.
func rangeQuery(expr string, from, to time.Time, step time.Duration) url.Values {
	return url.Values{
		"query": {expr}, "start": {seconds(from)}, "end": {seconds(to)},
		"step": {strconv.FormatFloat(step.Seconds(), 'f', 3, 64)}, "nocache": {"1"},
	}
}

// seconds writes a time as the API wants it.
func seconds(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}
