// Package sloth reads Sloth files into definitions.
package sloth

import (
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Read turns all Sloth documents of one load into definitions, and says what
// of them can't be carried over.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	var findings slo.Findings
	for _, doc := range docs {
		findings = append(findings, doc.Finding("apiVersion", "Sloth files are not supported yet",
			"write it as apiVersion: burnline/v1 (docs/slos.md)"))
	}
	return nil, findings
}
