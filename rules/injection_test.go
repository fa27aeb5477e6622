package rules

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// ruleFile is what Prometheus reads of a file of rules.
type ruleFile struct {
	Groups []struct {
		Rules []struct {
			Record, Alert, Expr string
			Labels, Annotations map[string]string
		}
	}
}

// A label's value stays one value of every expression, and a description one text of the file that Prometheus does not
// take for a template.
func TestATextFromOutsideIsNeitherPromQLNorYAMLNorATemplate(t *testing.T) {
	for name, text := range nasty.Texts() {
		defs := kinds(t)
		for i := range defs {
			d := &defs[i]
			d.Description, d.Journey, d.Team = text, text, text
			d.Labels, d.AlertLabels, d.Annotations = map[string]string{"tier": text}, map[string]string{"who": text}, map[string]string{"runbook": text, "note": text}
			nasty.Fill(&d.SLI, text, "Name", "Label", "Query", "SLO", "Service")
			if e := d.SLI.Events; e != nil {
				for _, sum := range []slo.Sum{e.Total, e.Bad, e.Good} {
					for _, term := range sum {
						for i := range term.Selector.Matchers {
							term.Selector.Matchers[i].Op = slo.MatchEqual // not every text is an expression
						}
					}
				}
			}
		}
		for _, form := range []Form{Prometheus, Mimir, PrometheusRule} {
			var out bytes.Buffer
			if _, err := Write(&out, defs, Options{Form: form}); err != nil && out.Len() == 0 {
				t.Fatalf("%s: %v", name, err)
			}
			d := yaml.NewDecoder(&out)
			seen := 0
			for {
				var file struct {
					ruleFile `yaml:",inline"`
					Spec     ruleFile
				}
				if err := d.Decode(&file); err != nil {
					break
				}
				for _, g := range append(file.Groups, file.Spec.Groups...) {
					for _, r := range g.Rules {
						seen++
						checkExpr(t, name, text, r.Expr)
						for _, v := range r.Annotations {
							if strings.Contains(text, "{{") && strings.Contains(strings.ReplaceAll(v, "{{`", ""), `{{.}}`) {
								t.Errorf("%s: the annotation %q is a template", name, v)
							}
						}
					}
				}
			}
			if seen == 0 {
				t.Errorf("%s: %s holds no rule", name, form)
			}
		}
	}
}

// checkExpr holds the values of an expression's matchers against the text.
func checkExpr(t *testing.T, name, text, expr string) {
	t.Helper()
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %s: %v", name, expr, err)
		return
	}
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if v, is := n.(*parser.VectorSelector); is {
			for _, m := range v.LabelMatchers {
				if slices.Contains([]string{"job", "code"}, m.Name) && m.Value != text {
					t.Errorf("%s: %s in %s, want %q", name, m, expr, text)
				}
			}
		}
		return nil
	})
}
