package spec

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// Change returns a definition with another objective and other policies, written as in the native
// form: 99.5, and a list of policies in YAML, of which JSON is a part. What is "" stays; default
// policies stay the default ones, by the new objective. Whatever is wrong comes back with the
// path of its field and what to write instead; then the definition is as it was. Warnings may
// come with a definition that was changed.
func Change(d slo.Definition, objective, policies string) (slo.Definition, slo.Findings) {
	doc := documentOf(&d, renamed([]slo.Definition{d}))
	doc.Spec.Objectives, doc.Spec.Objective = nil, numeral(d.Objective)
	var root yaml.Node
	if err := root.Encode(doc); err != nil {
		return d, slo.Findings{d.Finding(slo.LevelError, "spec", fmt.Sprintf("the native form can't say it: %s", err), "")}
	}
	body := value(&root, "spec")
	if objective = strings.TrimSpace(objective); objective != "" {
		put(body, "objective", &yaml.Node{Kind: yaml.ScalarNode, Value: objective})
	}
	if strings.TrimSpace(policies) != "" {
		list, wrong := listOf(policies)
		if wrong != "" {
			return d, slo.Findings{d.Finding(slo.LevelError, "spec.alerting.policies", wrong, "write one a line: "+example)}
		}
		alerting := value(body, "alerting")
		if alerting == nil {
			alerting = &yaml.Node{Kind: yaml.MappingNode}
			put(body, "alerting", alerting)
		}
		put(alerting, "policies", list)
	}
	text, err := yaml.Marshal(&root)
	if err != nil {
		return d, slo.Findings{d.Finding(slo.LevelError, "spec", fmt.Sprintf("the native form can't say it: %s", err), "")}
	}
	defs, findings := again(text)
	for i := range findings {
		findings[i].Source, findings[i].Column = d.Source, 0
	}
	if len(defs) != 1 || len(findings.Errors()) > 0 {
		return d, findings
	}
	d.Objective, d.Policies = defs[0].Objective, defs[0].Policies
	return d, findings
}

// example is a policy as people write it.
const example = "- {severity: page, long: 1h, short: 5m, budget: 2%}"

// Policies writes the policies of a definition as a list that Change reads, one a line, also where
// they are the default ones.
func Policies(d *slo.Definition) string {
	var b strings.Builder
	for _, p := range d.Policies {
		by := "factor: " + trimmedFloat(p.Factor)
		if share := shareOf(p, d.Window.Nominal(), d.Budget()); share != "" {
			by = "budget: " + share
		}
		fmt.Fprintf(&b, "- {severity: %s, long: %s, short: %s, %s}\n", p.Severity, slo.FormatDuration(p.Long), slo.FormatDuration(p.Short), by)
	}
	return b.String()
}

func trimmedFloat(v float64) string {
	text, err := yaml.Marshal(decimal(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimSpace(text))
}

// listOf reads one list; wrong says why it is none.
func listOf(text string) (list *yaml.Node, wrong string) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, "it can't be read: " + strings.TrimPrefix(err.Error(), "yaml: ")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode {
		return nil, "it is no list"
	}
	return doc.Content[0], ""
}

// value returns what a mapping holds under a key, nil where it has none.
func value(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// put sets a key of a mapping.
func put(mapping *yaml.Node, key string, to *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = to
			return
		}
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, to)
}
