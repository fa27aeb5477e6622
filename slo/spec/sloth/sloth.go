// Package sloth reads and writes SLO files in Sloth's form.
package sloth

import (
	"io"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Read reads the SLOs of all Sloth documents of a load.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	var findings slo.Findings
	for _, doc := range docs {
		findings = append(findings, doc.Finding("", "Sloth files are not read yet", "write it as apiVersion: burnline/v1 (docs/slos.md)"))
	}
	return nil, findings
}

// Write writes the definitions as Sloth files.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	var findings slo.Findings
	for _, d := range defs {
		findings = append(findings, slo.Finding{Source: d.Source, Level: slo.LevelError, Message: "Sloth files are not written yet"})
	}
	return findings, nil
}
