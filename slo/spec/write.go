package spec

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"burnline/slo"
	"burnline/slo/spec/foreign"
)

// Write writes definitions in the native form, one document for each; definitions that differ in
// nothing but their objective are one document with several objectives. Reading it
// gives the same definitions but for their Source and Dialect. The findings, at the Source of the
// definition, name what the form can't say; a definition that the form can't say at
// all is left out. The error is the writer's.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	names := renamed(defs)
	findings, err := foreign.Concatenate(w, together(defs, names), func(w writing) ([]byte, slo.Findings) { return w.text(names) })
	if err != nil {
		return findings, fmt.Errorf("write SLOs: %w", err)
	}
	return findings, nil
}

// naming says under which name a definition is written, and the ID that gives.
type naming struct {
	name    string
	several bool // among objectives
	id      string
}

// renamed returns how each definition is named. The native form makes the IDs of several objectives from
// their numbers; another form's words for them become part of the name.
func renamed(defs []slo.Definition) map[string]naming {
	names := make(map[string]naming, len(defs))
	for i := range defs {
		d := &defs[i]
		n := naming{name: d.Name, id: d.Service + "/" + d.Name}
		rest, objective := strings.CutPrefix(d.ID, n.id+"/")
		switch {
		case !objective:
		case rest == strconv.FormatFloat(d.Objective, 'f', -1, 64):
			n.several, n.id = true, d.ID
		default:
			n.name += "-" + rest
			n.id += "-" + rest
		}
		names[d.ID] = n
	}
	return names
}

// writing is what becomes one document.
type writing struct {
	defs []slo.Definition
	doc  outDocument
}

// together joins definitions that follow each other and differ in their objective only.
func together(defs []slo.Definition, names map[string]naming) []writing {
	var all []writing
	for i := range defs {
		one := writing{defs: defs[i : i+1 : i+1], doc: documentOf(&defs[i], names)}
		if n := len(all); n > 0 && all[n-1].joins(one) {
			last := &all[n-1]
			last.defs = append(last.defs, defs[i])
			last.doc.Spec.Objectives = append(last.doc.Spec.Objectives, one.doc.Spec.Objectives...)
			continue
		}
		all = append(all, one)
	}
	return all
}

func (w writing) joins(next writing) bool {
	if len(next.doc.Spec.Objectives) == 0 || slices.Contains(w.doc.Spec.Objectives, next.doc.Spec.Objectives[0]) {
		return false
	}
	a, b := w.doc, next.doc
	b.Spec.Objectives = a.Spec.Objectives
	return reflect.DeepEqual(a, b)
}

// text writes the document and says what of its definitions it does not give back.
func (w writing) text(names map[string]naming) ([]byte, slo.Findings) {
	var buffer bytes.Buffer
	encoder := yaml.NewEncoder(&buffer)
	encoder.SetIndent(2)
	if err := encoder.Encode(w.doc); err != nil {
		return nil, w.each(fmt.Sprintf("the native form can't say it: %s", err), "")
	}
	again, wrong := again(buffer.Bytes())
	if errs := wrong.Errors(); len(errs) > 0 {
		var findings slo.Findings
		for _, f := range errs {
			findings = append(findings, w.each(fmt.Sprintf("the native form can't say it, so it is left out: %s: %s", f.Path, f.Message), f.Instead)...)
		}
		return nil, findings
	}
	var findings slo.Findings
	for i := range w.defs {
		if i < len(again) {
			findings = append(findings, lost(&w.defs[i], &again[i], names)...)
		}
	}
	return buffer.Bytes(), findings
}

// again reads what was written, without asking whether parts of composites exist.
func again(text []byte) ([]slo.Definition, slo.Findings) {
	b := newBatch()
	b.add("written", text)
	return b.set.Definitions, b.findings
}

// each is a finding at each definition.
func (w writing) each(message, instead string) slo.Findings {
	var findings slo.Findings
	for i := range w.defs {
		findings = append(findings, slo.Finding{Source: w.defs[i].Source, Level: slo.LevelError,
			Message: w.defs[i].ID + ": " + message, Instead: instead})
	}
	return findings
}

// lost compares a definition with what reading its text gave.
func lost(d, got *slo.Definition, names map[string]naming) slo.Findings {
	want := *d
	if c := want.SLI.Composite; c != nil {
		want.SLI.Composite = partsNamed(c, names)
	}
	var findings slo.Findings
	for _, message := range foreign.Differences(&want, got) {
		findings = append(findings, slo.Finding{Source: d.Source, Level: slo.LevelWarning, Message: d.ID + ": " + message})
	}
	return findings
}

func partsNamed(c *slo.CompositeSLI, names map[string]naming) *slo.CompositeSLI {
	named := &slo.CompositeSLI{Method: c.Method, Parts: slices.Clone(c.Parts)}
	for i, p := range named.Parts {
		if n, ok := names[p.SLO]; ok {
			named.Parts[i].SLO = n.id
		}
	}
	return named
}
