package dashboards

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// A name, a label's value or a description stays what it is in every query of every dashboard: it ends no
// matcher, is no variable of Grafana's and no path.
func TestATextFromOutsideStaysOneValueOfAQuery(t *testing.T) {
	texts := nasty.Texts()
	texts["a variable of Grafana's"] = "$region ${region} [[region]]"
	seen := map[string]bool{} // most of what is the same for all SLOs is the same for all texts
	for name, text := range texts {
		d := groupedSLO()
		nasty.Fill(&d, text, "GroupBy", "Name", "Label")
		d.ID = text + "/" + text
		d.SLI.Latency.Histogram = slo.Selector{Name: "search_seconds", Matchers: []slo.Matcher{{Label: "handler", Op: slo.MatchEqual, Value: text}}}
		spans := d
		spans.ID, spans.SLI = text+"/spans", slo.SLI{Spans: &slo.SpansSLI{Service: text}}
		known := []string{text, d.ID, spans.ID, "", `|`}
		for _, f := range generate(t, Options{ExternalURL: "https://burnline.example.com/"}, d, spans) {
			if !strings.HasSuffix(f.Path, ".json") || seen[string(f.Data)] {
				continue
			}
			seen[string(f.Data)] = true
			if path.Clean(f.Path) != f.Path || strings.HasPrefix(f.Path, "..") || strings.Count(f.Path, "/") != 2 {
				t.Errorf("%s: the file is called %q", name, f.Path)
			}
			queries, err := Queries(f.Data, map[string]string{"region": "chosen"})
			if err != nil {
				t.Errorf("%s: %s: %v", name, f.Path, err)
			}
			for _, q := range queries {
				compare(t, name+", "+f.Path+", "+q.Panel, q, known)
			}
			for _, p := range htmlOf(t, f.Data) {
				t.Errorf("%s: %s has a panel of mark-up: %s", name, f.Path, p)
			}
		}
	}
}

// compare holds every matcher of a query that names something against what there is.
func compare(t *testing.T, where string, q Query, known []string) {
	t.Helper()
	text := q.Expr + q.Selector
	if text == "" {
		return
	}
	expr, err := parse(text)
	if err != nil {
		t.Errorf("%s: %s: %v", where, text, err)
		return
	}
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if v, is := n.(*parser.VectorSelector); is {
			for _, m := range v.LabelMatchers {
				if slices.Contains([]string{"slo", "service", "service_name", "handler"}, m.Name) && !slices.ContainsFunc(known, m.Matches) && !m.Matches("any") {
					t.Errorf("%s: %s matches none of %q in %s", where, m, known, text)
				}
				if m.Name == "handler" && m.Value != known[0] {
					t.Errorf("%s: the value became %q in %s", where, m.Value, text)
				}
			}
		}
		return nil
	})
}

// htmlOf are the panels of a dashboard whose content Grafana shows as Markdown or HTML.
func htmlOf(t *testing.T, data []byte) (all []string) {
	t.Helper()
	objects, err := nasty.Objects(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if o["type"] == "text" {
			one, _ := json.Marshal(o)
			all = append(all, string(one))
		}
	}
	return all
}
