// Package spec reads SLO files into definitions and says what is wrong with
// them: everything at once, each with file and line and with what to write
// instead.
package spec

import (
	"fmt"
	"slices"
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/openslo"
	"burnline/slo/spec/pyrra"
	"burnline/slo/spec/sloth"
)

// The native form's apiVersion and kinds.
const (
	apiVersion     = "burnline/v1"
	kindSLO        = "SLO"
	kindCorrection = "Correction"
	kindTeams      = "Teams"
)

// Set is everything that SLO files hold.
type Set struct {
	Definitions []slo.Definition
	Corrections []slo.Correction
	Teams       []slo.Team
}

// Parse reads one file, which may hold several documents. A document with an
// error yields nothing; the others do. The file's name is for the findings only.
func Parse(file string, data []byte) (Set, slo.Findings) {
	b := newBatch()
	b.add(file, data)
	return b.finish()
}

// batch gathers what one load reads. Documents of other tools refer to each
// other across files, so they are read together once all are there.
type batch struct {
	order    map[string]int                    // files in order of reading
	docs     map[slo.Source]*yamlconf.Document // native ones, by where things stand
	set      Set
	foreign  map[slo.Dialect][]*yamlconf.Document
	findings slo.Findings
}

func newBatch() *batch {
	return &batch{order: map[string]int{}, docs: map[slo.Source]*yamlconf.Document{}, foreign: map[slo.Dialect][]*yamlconf.Document{}}
}

// add reads a file.
func (b *batch) add(file string, data []byte) {
	b.order[file] = len(b.order)
	docs, findings := yamlconf.Parse(data, yamlconf.Options{File: file})
	b.findings = append(b.findings, findings...)
	if len(docs) == 0 && len(findings) == 0 {
		b.findings = append(b.findings, slo.Finding{
			Source: slo.Source{File: file}, Level: slo.LevelWarning,
			Message: "the file holds no SLO", Instead: "write one, or remove the file",
		})
	}
	for _, doc := range docs {
		for _, item := range doc.Items() {
			b.document(item)
		}
	}
}

// document reads a native document, or keeps one of another tool for later.
func (b *batch) document(doc *yamlconf.Document) {
	if dialect, ok := dialectOf(doc); ok {
		b.foreign[dialect] = append(b.foreign[dialect], doc)
		return
	}
	if f, ok := unknown(doc); ok {
		b.findings = append(b.findings, f)
		return
	}
	r := &reader{doc: doc}
	switch doc.Text("kind") {
	case kindCorrection:
		if c := r.correction(); len(r.findings.Errors()) == 0 {
			b.set.Corrections = append(b.set.Corrections, c)
			b.docs[c.Source] = doc
		}
	case kindTeams:
		if teams := r.teams(); len(r.findings.Errors()) == 0 {
			b.set.Teams = append(b.set.Teams, teams...)
			for _, t := range teams {
				b.docs[t.Source] = doc
			}
		}
	default:
		if defs := r.definitions(); len(r.findings.Errors()) == 0 {
			b.set.Definitions = append(b.set.Definitions, defs...)
			b.docs[slo.Source{File: doc.File(), Line: doc.Line()}] = doc
		}
	}
	b.findings = append(b.findings, r.findings...)
}

// finish reads what other tools wrote and returns everything in the order of
// the files.
func (b *batch) finish() (Set, slo.Findings) {
	for _, dialect := range []struct {
		name slo.Dialect
		read func([]*yamlconf.Document) ([]slo.Definition, slo.Findings)
	}{{slo.Sloth, sloth.Read}, {slo.Pyrra, pyrra.Read}, {slo.OpenSLO, openslo.Read}} {
		if docs := b.foreign[dialect.name]; len(docs) > 0 {
			defs, findings := dialect.read(docs)
			b.set.Definitions = append(b.set.Definitions, defs...)
			b.findings = append(b.findings, findings...)
		}
	}
	slices.SortStableFunc(b.set.Definitions, func(x, y slo.Definition) int { return b.compare(x.Source, y.Source) })
	b.relate()
	slices.SortStableFunc(b.findings, func(x, y slo.Finding) int { return b.compare(x.Source, y.Source) })
	return b.set, b.findings
}

// relate checks what definitions, corrections and teams say of each other, once
// all are there.
func (b *batch) relate() {
	var repeated, unfit, idle, unrelated slo.Findings
	b.set.Definitions, repeated = unique(b.set.Definitions)
	b.set.Definitions, unfit = parts(b.set.Definitions, b.docs)
	b.set.Corrections, idle = concerns(b.set.Corrections, b.set.Definitions, b.docs)
	b.set.Teams, unrelated = family(b.set.Teams, b.docs)
	b.findings = slices.Concat(b.findings, repeated, unfit, idle, unrelated)
}

// compare orders places by file, as they were read, and line.
func (b *batch) compare(x, y slo.Source) int {
	if x.File != y.File {
		return b.order[x.File] - b.order[y.File]
	}
	return x.Line - y.Line
}

// dialectOf tells the files of other tools by their version.
func dialectOf(doc *yamlconf.Document) (slo.Dialect, bool) {
	version := doc.Text("apiVersion")
	switch {
	case strings.HasPrefix(doc.Text("version"), "prometheus/"), strings.HasPrefix(version, "sloth.slok.dev/"):
		return slo.Sloth, true
	case version == "" && doc.Text("kind") == "AlertWindows":
		return slo.Sloth, true
	case strings.HasPrefix(version, "pyrra.dev/"):
		return slo.Pyrra, true
	case strings.HasPrefix(version, "openslo/"), strings.HasPrefix(version, "openslo.com/"):
		return slo.OpenSLO, true
	}
	return "", false
}

// unknown reports a document that nobody reads, and what it seems to be.
func unknown(doc *yamlconf.Document) (slo.Finding, bool) {
	version := doc.Text("apiVersion")
	switch {
	case version == apiVersion && slices.Contains([]string{kindSLO, kindCorrection, kindTeams}, doc.Text("kind")):
		return slo.Finding{}, false
	case version == apiVersion && doc.Has("kind"):
		return doc.Finding("kind", fmt.Sprintf("unknown kind %q", doc.Text("kind")), "write SLO, Correction or Teams"), true
	case version == apiVersion:
		return doc.Finding("kind", "the kind is missing", "write kind: SLO, Correction or Teams"), true
	case strings.HasPrefix(version, "burnline/"):
		return doc.Finding("apiVersion", fmt.Sprintf("unknown version %q", version), "write apiVersion: burnline/v1"), true
	}
	return doc.Finding("apiVersion", "this is no SLO",
		"write apiVersion: burnline/v1 and kind: SLO, or move the file out of the SLO folders"), true
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
			Message: fmt.Sprintf("the SLO %s exists already, at %s", d.ID, at),
			Instead: "give it another name",
		})
	}
	return kept, findings
}
