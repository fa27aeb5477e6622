// Package spec reads SLO files into definitions and says what is wrong with
// them: everything at once, each with file and line and with what to write
// instead.
package spec

import (
	"fmt"
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// The native form's apiVersion and kind.
const (
	apiVersion = "burnline/v1"
	kind       = "SLO"
)

// Parse reads the SLOs of one file, which may hold several documents. A
// document with an error yields no definition; the others do. The file's name
// is for the findings only.
func Parse(file string, data []byte) ([]slo.Definition, slo.Findings) {
	defs, findings := parse(file, data)
	defs, repeated := unique(defs)
	return defs, append(findings, repeated...)
}

func parse(file string, data []byte) ([]slo.Definition, slo.Findings) {
	docs, findings := yamlconf.Parse(data, yamlconf.Options{File: file})
	if len(docs) == 0 && len(findings) == 0 {
		return nil, slo.Findings{{
			Source: slo.Source{File: file}, Level: slo.LevelWarning,
			Message: "the file holds no SLO", Instead: "write one, or remove the file",
		}}
	}
	var defs []slo.Definition
	for _, doc := range docs {
		if f, ok := foreign(doc); ok {
			findings = append(findings, f)
			continue
		}
		r := &reader{doc: doc, file: file}
		def := r.definition()
		if len(r.findings.Errors()) == 0 {
			defs = append(defs, def)
		}
		findings = append(findings, r.findings...)
	}
	return defs, findings
}

// foreign reports a document that is not a native SLO, and what it seems to be.
func foreign(doc *yamlconf.Document) (slo.Finding, bool) {
	version, dialect := doc.Text("apiVersion"), ""
	switch {
	case version == apiVersion && doc.Text("kind") == kind:
		return slo.Finding{}, false
	case version == apiVersion && doc.Has("kind"):
		return doc.Finding("kind", fmt.Sprintf("unknown kind %q", doc.Text("kind")), "write kind: SLO"), true
	case version == apiVersion:
		return doc.Finding("kind", "the kind is missing", "write kind: SLO"), true
	case strings.HasPrefix(version, "burnline/"):
		return doc.Finding("apiVersion", fmt.Sprintf("unknown version %q", version), "write apiVersion: burnline/v1"), true
	case strings.HasPrefix(doc.Text("version"), "prometheus/"), strings.HasPrefix(version, "sloth.slok.dev/"):
		dialect = "Sloth"
	case strings.HasPrefix(version, "pyrra.dev/"):
		dialect = "Pyrra"
	case strings.HasPrefix(version, "openslo/"), strings.HasPrefix(version, "openslo.com/"):
		dialect = "OpenSLO"
	default:
		return doc.Finding("apiVersion", "this is no SLO",
			"write apiVersion: burnline/v1 and kind: SLO, or move the file out of the SLO folders"), true
	}
	return doc.Finding("apiVersion", dialect+" files are not supported yet",
		"write it as apiVersion: burnline/v1 (docs/slos.md)"), true
}

// unique keeps the first definition of each ID and reports the others.
func unique(defs []slo.Definition) ([]slo.Definition, slo.Findings) {
	first := map[string]slo.Source{}
	var kept []slo.Definition
	var findings slo.Findings
	for _, d := range defs {
		at, taken := first[d.ID]
		if !taken {
			first[d.ID] = d.Source
			kept = append(kept, d)
			continue
		}
		findings = append(findings, slo.Finding{
			Source: d.Source, Path: "metadata.name", Level: slo.LevelError,
			Message: fmt.Sprintf("the SLO %s exists already, at %s:%d", d.ID, at.File, at.Line),
			Instead: "give it another name",
		})
	}
	return kept, findings
}
