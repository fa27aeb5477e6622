package dashboards

import (
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// additionFile is an Addition as people write it. docs/dashboards.md explains each key.
type additionFile struct {
	APIVersion string      `yaml:"apiVersion"`
	Kind       string      `yaml:"kind"`
	Boards     []string    `yaml:"boards"`
	Row        string      `yaml:"row"`
	Panels     []panelFile `yaml:"panels"`
}

type panelFile struct {
	Title       string      `yaml:"title"`
	Description string      `yaml:"description"`
	Unit        string      `yaml:"unit"`
	Draw        Draw        `yaml:"draw"`
	Width       int         `yaml:"width"`
	Query       string      `yaml:"query"`
	Legend      string      `yaml:"legend"`
	Exemplars   bool        `yaml:"exemplars"`
	Queries     []queryFile `yaml:"queries"`
}

type queryFile struct {
	Expr      string `yaml:"expr"`
	Legend    string `yaml:"legend"`
	Exemplars bool   `yaml:"exemplars"`
}

// The head of a file of additions.
const (
	additionVersion = "burnline/v1"
	additionKind    = "DashboardPanels"
)

// ReadAdditions reads a file of panels for the dashboards of the definitions, one addition a document. What is
// wrong, in the file and in its queries, comes back at once as findings with their lines.
func ReadAdditions(file string, data []byte, defs []slo.Definition) ([]Addition, slo.Findings) {
	boards := build(defs, Options{})
	names := make([]string, len(boards))
	for i := range boards {
		names[i] = boards[i].Name
	}
	docs, findings := yamlconf.Parse(data, yamlconf.Options{File: file})
	if len(docs) == 0 && len(findings) == 0 {
		findings = slo.Findings{{
			Source: slo.Source{File: file, Line: 1}, Level: slo.LevelError,
			Message: "the file is empty", Instead: "write an addition as docs/dashboards.md shows",
		}}
	}
	var additions []Addition
	for _, doc := range docs {
		a, found := readAddition(doc)
		var wrong slo.Findings
		for _, w := range a.Check(names) {
			wrong = append(wrong, slo.Finding{Path: w.Path, Message: w.Message, Instead: w.Instead, Level: slo.LevelError})
		}
		found = doc.Add(found, wrong...)
		if len(found.Errors()) == 0 {
			found = doc.Add(found, a.lint(boards)...)
		}
		findings = append(findings, found...)
		additions = append(additions, a)
	}
	if len(findings.Errors()) > 0 {
		return nil, findings
	}
	return additions, findings
}

// readAddition reads one document.
func readAddition(doc *yamlconf.Document) (Addition, slo.Findings) {
	var f additionFile
	found := doc.Decode(&f)
	if f.APIVersion != additionVersion {
		found = append(found, doc.Finding("apiVersion", "it is not "+additionVersion, "write apiVersion: "+additionVersion))
	}
	if f.Kind != additionKind {
		found = append(found, doc.Finding("kind", "it is not "+additionKind, "write kind: "+additionKind))
	}
	a := Addition{Boards: f.Boards, Row: f.Row}
	for _, p := range f.Panels {
		panel := Panel{Title: p.Title, Description: p.Description, Unit: p.Unit, Draw: p.Draw, Width: p.Width}
		if p.Query != "" {
			panel.Queries = []PanelQuery{{Expr: p.Query, Legend: p.Legend, Exemplars: p.Exemplars}}
		}
		for _, q := range p.Queries {
			panel.Queries = append(panel.Queries, PanelQuery(q))
		}
		a.Panels = append(a.Panels, panel)
	}
	return a, found
}

// lint holds each panel against the rules on every dashboard that it is added to, once for each set of
// variables: nothing else makes a difference. A fault is told once.
func (a *Addition) lint(boards []board) slo.Findings {
	var findings slo.Findings
	alike := map[string]board{}
	var sets []string
	for _, b := range boards {
		names := make([]string, len(b.variables))
		for i, v := range b.variables {
			names[i] = v.name
		}
		set := strings.Join(names, " ")
		if _, seen := alike[set]; !seen && a.concerns(b.Name) {
			alike[set], sets = b, append(sets, set)
		}
	}
	for i := range a.Panels {
		for _, set := range sets {
			errs := a.Panels[i].lintOn(alike[set])
			for _, err := range errs {
				_, message, _ := strings.Cut(err.Error(), ": ") // the panel is named by its line
				findings = append(findings, slo.Finding{
					Path: panelPath(i) + ".query", Message: message + " (on the dashboard " + alike[set].Name + ")", Level: slo.LevelError,
					Instead: "correct the query",
				})
			}
			if len(errs) > 0 {
				break
			}
		}
	}
	return findings
}

// lintOn holds a panel against the rules on one dashboard.
func (p *Panel) lintOn(b board) []error {
	b.marks, b.links = nil, nil
	b.sections = []section{{lines: layOut([]Panel{*p})}}
	data, err := encode(b)
	if err != nil {
		return []error{err}
	}
	return Lint(data)
}
