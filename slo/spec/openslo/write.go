package openslo

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/foreign"
)

// Write writes definitions as openslo/v1, one document for each SLO. Definitions that are objectives of one
// SLO are written together, and so is a composite with its parts. The findings, at the
// Source of the definition, name what the form can't say; a definition that it can't say at
// all is left out. The error is the writer's.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	findings, err := foreign.Concatenate(w, grouped(defs), func(group writing) ([]byte, slo.Findings) { return group.text() })
	if err != nil {
		return findings, fmt.Errorf("write OpenSLO files: %w", err)
	}
	return findings, nil
}

// writing are definitions that become one SLO of OpenSLO.
type writing struct {
	defs []slo.Definition // a composite stands before its parts
	doc  outDocument
	lost slo.Findings
}

// grouped puts together what OpenSLO says in one SLO.
func grouped(defs []slo.Definition) []writing {
	byID := map[string]*slo.Definition{}
	for i := range defs {
		byID[defs[i].ID] = &defs[i]
	}
	part := map[string]bool{}
	whole := map[string]writing{}
	for i := range defs {
		if w, ok := compositeOf(&defs[i], byID); ok {
			whole[defs[i].ID] = w
			for _, p := range w.defs[1:] {
				part[p.ID] = true
			}
		}
	}
	var all []writing
	for i := 0; i < len(defs); i++ {
		if w, ok := whole[defs[i].ID]; ok {
			all = append(all, w)
			continue
		}
		if part[defs[i].ID] {
			continue
		}
		run := []writing{single(&defs[i])}
		for i+1 < len(defs) && !part[defs[i+1].ID] && run[0].joins(single(&defs[i+1])) {
			i++
			run = append(run, single(&defs[i]))
		}
		all = append(all, joined(run)...)
	}
	return all
}

// objectiveOf returns what follows service/name in an ID; "" where nothing does.
func objectiveOf(d *slo.Definition) string {
	rest, _ := strings.CutPrefix(strings.TrimPrefix(d.ID, d.Service+"/"+d.Name), "/")
	return rest
}

// joins reports whether the next SLO differs in what an objective may differ in only.
func (w *writing) joins(next writing) bool {
	if objectiveOf(&w.defs[0]) == "" || objectiveOf(&next.defs[0]) == "" {
		return false
	}
	a, b := w.doc, next.doc
	a.Spec.Objectives, a.Spec.Indicator, b.Spec.Objectives, b.Spec.Indicator = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

// joined makes one SLO of a run of objectives: with one indicator for all, or with one for each, which
// is no composite as long as their targets differ. Else each is an SLO of its own, and, since
// a single objective has no name, its name becomes part of the SLO's.
func joined(run []writing) []writing {
	shared, target := true, true
	for _, w := range run {
		shared = shared && reflect.DeepEqual(w.doc.Spec.Indicator, run[0].doc.Spec.Indicator)
		target = target && w.defs[0].Objective == run[0].defs[0].Objective
	}
	if len(run) == 1 || !shared && target {
		for i := range run {
			if rest := objectiveOf(&run[i].defs[0]); rest != "" {
				run[i].doc.Metadata.Name += "-" + rest
			}
			run[i].doc.Spec.Objectives[0].DisplayName = ""
		}
		return run
	}
	one := writing{doc: run[0].doc}
	one.doc.Spec.Objectives = nil
	for _, w := range run {
		o := w.doc.Spec.Objectives[0]
		if !shared {
			o.Indicator = w.doc.Spec.Indicator
		}
		one.defs, one.lost = append(one.defs, w.defs...), append(one.lost, w.lost...)
		one.doc.Spec.Objectives = append(one.doc.Spec.Objectives, o)
	}
	if !shared {
		one.doc.Spec.Indicator = nil
	}
	return []writing{one}
}

// text writes the document and says what reading it does not give back.
func (w *writing) text() ([]byte, slo.Findings) {
	var buffer bytes.Buffer
	encoder := yaml.NewEncoder(&buffer)
	encoder.SetIndent(2)
	if len(w.lost.Errors()) > 0 {
		return nil, w.lost
	}
	if err := encoder.Encode(w.doc); err != nil {
		return nil, append(w.lost, w.each(slo.LevelError, fmt.Sprintf("OpenSLO can't say it: %s", err), "")...)
	}
	docs, _ := yamlconf.Parse(buffer.Bytes(), yamlconf.Options{File: "written"})
	again, findings := Read(docs)
	if errs := findings.Errors(); len(errs) > 0 {
		for _, f := range errs {
			w.lost = append(w.lost, w.each(slo.LevelError, fmt.Sprintf("OpenSLO can't say it, so it is left out: %s: %s", f.Path, f.Message), f.Instead)...)
		}
		return nil, w.lost
	}
	for _, name := range []struct{ kind, name string }{{"name", w.doc.Metadata.Name}, {"service", w.doc.Spec.Service}} {
		if !strictName.MatchString(name.name) {
			w.lost = append(w.lost, w.each(slo.LevelWarning, fmt.Sprintf("the %s %q is none to other readers of OpenSLO", name.kind, name.name), nameRule)...)
		}
	}
	return buffer.Bytes(), append(w.lost, w.compared(again)...)
}

// each is a finding at each definition.
func (w *writing) each(level slo.Level, message, instead string) slo.Findings {
	var findings slo.Findings
	for i := range w.defs {
		findings = append(findings, slo.Finding{Source: w.defs[i].Source, Level: level, Message: w.defs[i].ID + ": " + message, Instead: instead})
	}
	return findings
}

// compared says what of the definitions is not what reading gave.
func (w *writing) compared(again []slo.Definition) slo.Findings {
	if len(again) != len(w.defs) {
		return w.each(slo.LevelWarning, fmt.Sprintf("%d SLOs are read from it, not %d", len(again), len(w.defs)), "")
	}
	var findings slo.Findings
	for i := range w.defs {
		d := &w.defs[i]
		for _, message := range foreign.Differences(d, &again[i]) {
			findings = append(findings, slo.Finding{Source: d.Source, Level: slo.LevelWarning, Message: d.ID + ": " + message})
		}
	}
	return findings
}
