package openslo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/foreign"
)

// place is a part of a document.
type place struct {
	doc  *yamlconf.Document
	path string
}

// at returns the place of a part within.
func (p place) at(path string) place {
	switch {
	case p.path == "" || path == "":
		return place{p.doc, p.path + path}
	case strings.HasPrefix(path, "["):
		return place{p.doc, p.path + path}
	}
	return place{p.doc, p.path + "." + path}
}

// item returns the place of an item of a list within.
func (p place) item(path string, i int) place { return p.at(fmt.Sprintf("%s[%d]", path, i)) }

// has reports whether a part within is in the document, be it empty.
func (p place) has(path string) bool { return p.doc.Has(p.at(path).path) }

// report gathers findings. What was complained about is not complained about again.
type report struct {
	findings slo.Findings
	wrongs   []place // where errors stand
}

// decoded takes what decoding a document complained about.
func (r *report) decoded(doc *yamlconf.Document, findings slo.Findings) {
	r.findings = append(r.findings, findings...)
	for _, f := range findings.Errors() {
		r.wrongs = append(r.wrongs, place{doc, f.Path})
	}
}

// lend lets what all dialects share report on a document.
func (r *report) lend(doc *yamlconf.Document, use func(*foreign.Report)) {
	f := foreign.Report{Doc: doc}
	use(&f)
	r.decoded(doc, slices.DeleteFunc(f.Findings, func(f slo.Finding) bool { return r.unread(place{doc, f.Path}) }))
}

func (r *report) wrong(p place, message, instead string) {
	if !r.unread(p) {
		r.findings = append(r.findings, p.doc.Finding(p.path, message, instead))
		r.wrongs = append(r.wrongs, p)
	}
}

func (r *report) warn(p place, message, instead string) {
	if !r.unread(p) {
		r.findings = append(r.findings, p.doc.Warning(p.path, message, instead))
	}
}

// note says what is good to know and nothing to mend.
func (r *report) note(p place, message, instead string) {
	f := p.doc.Finding(p.path, message, instead)
	f.Level = slo.LevelNote
	r.findings = append(r.findings, f)
}

// failed reports whether there is an error.
func (r *report) failed() bool { return len(r.wrongs) > 0 }

// unread reports whether an error stands at the place, or within it, already.
func (r *report) unread(p place) bool {
	return slices.ContainsFunc(r.wrongs, func(w place) bool {
		return w.doc == p.doc && (w.path == p.path || strings.HasPrefix(w.path, p.path+".") || strings.HasPrefix(w.path, p.path+"["))
	})
}

// promise is an SLO, of whichever version, as it is written.
type promise struct {
	at          place
	meta        metadata
	service     string
	description string
	window      slo.Window
	method      slo.BudgetingMethod
	goals       []goal
	// composite is true where each objective has an indicator of its own.
	composite bool
	policies  []alertPolicy
}

// goal is one objective of a promise.
type goal struct {
	at        place
	name      string
	objective float64 // percent
	op        string
	value     *float64
	slice     time.Duration // 0 where it is not given
	target    float64       // the share of good events that makes a slice good
	weight    float64
	indicator *indicator
}

// indicator is an SLI, wherever it is written.
type indicator struct {
	at        place
	threshold *source
	ratio     bool
	counter   *bool
	good, bad *source
	total     *source
	raw       *source
	rawType   string
}

// source is a query and where it runs.
type source struct {
	at    place // of the metric
	query place
	text  string
	kind  string // such as Prometheus
	kindP place
	ref   string // names a DataSource
	other []string
}
