// Package pyrra reads and writes SLO files in Pyrra's form.
package pyrra

import (
	"io"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Read reads the SLOs of all Pyrra documents of a load.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	var findings slo.Findings
	for _, doc := range docs {
		findings = append(findings, doc.Finding("", "Pyrra files are not read yet", "write it as apiVersion: burnline/v1 (docs/slos.md)"))
	}
	return nil, findings
}

// Write writes the definitions as Pyrra files.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	var findings slo.Findings
	for _, d := range defs {
		findings = append(findings, slo.Finding{Source: d.Source, Level: slo.LevelError, Message: "Pyrra files are not written yet"})
	}
	return findings, nil
}
