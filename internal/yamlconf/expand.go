package yamlconf

import (
	"regexp"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

var variable = regexp.MustCompile(`\$\{env:([^}]*)\}`)

// ExpandEnv replaces ${env:NAME} in every value of a document that was parsed
// without Options.ExpandEnv. An unset variable is a finding.
func (d *Document) ExpandEnv() slo.Findings { return d.expand(d.root, 0) }

// expand replaces ${env:NAME} in every value, once: what a variable holds is
// not searched again. Keys stay as they are.
func (d *Document) expand(n *yaml.Node, depth int) slo.Findings {
	var findings slo.Findings
	if depth > maxDepth {
		return nil // decoding reports it
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			findings = append(findings, d.expand(item, depth+1)...)
		}
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			findings = append(findings, d.expand(n.Content[i], depth+1)...)
		}
	case yaml.ScalarNode:
		return d.expandScalar(n)
	}
	return findings // an alias' anchor is expanded where it stands
}

func (d *Document) expandScalar(n *yaml.Node) slo.Findings {
	var findings slo.Findings
	n.Value = variable.ReplaceAllStringFunc(n.Value, func(match string) string {
		name := variable.FindStringSubmatch(match)[1]
		value, ok := d.opts.LookupEnv(name)
		if !ok {
			findings = append(findings, d.findingAt(n, "", "the environment variable "+name+" is not set",
				"set it, or write the value or a …_file here"))
		}
		d.expanded[n] = true
		return value
	})
	if d.expanded[n] && n.Style == 0 {
		n.Tag = "" // what was written plainly may turn out to be a number
	}
	return findings
}
