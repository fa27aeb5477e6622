// Package sloth reads Sloth files into definitions.
package sloth

import (
	"fmt"
	"io"

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

// Write writes definitions in Sloth's form. The findings name what the form can't say.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	var findings slo.Findings
	for _, d := range defs {
		findings = append(findings, slo.Finding{Source: d.Source, Level: slo.LevelError, Message: d.ID + " has no form in Sloth yet"})
	}
	_, err := fmt.Fprint(w, "")
	return findings, err
}
