// Package openslo reads and writes SLOs in OpenSLO's forms, openslo/v1 and
// openslo/v1alpha, and says of everything that Burnline can't carry over what
// becomes of it.
package openslo

import (
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Read turns the documents of a whole load into definitions. References lead from
// one document to another, whatever file they stand in. An SLO with an error
// yields no definition; the others do.
//
// An SLO with several objectives yields one definition for each, service/name/objective; where
// each objective has an indicator of its own, one more for all of them together.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	o := newObjects()
	for _, doc := range docs {
		o.add(doc)
	}
	var defs []slo.Definition
	for _, p := range o.promises {
		r := &reader{objects: o}
		defs = append(defs, r.definitions(p)...)
		o.findings = append(o.findings, r.findings...)
	}
	o.unused()
	return defs, once(o.findings)
}

// once drops repeated findings: several SLOs may use one indicator.
func once(findings slo.Findings) slo.Findings {
	seen := map[slo.Finding]bool{}
	var kept slo.Findings
	for _, f := range findings {
		if !seen[f] {
			seen[f] = true
			kept = append(kept, f)
		}
	}
	return kept
}
