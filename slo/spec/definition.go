package spec

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// The defaults of a definition.
const (
	defaultWindow       = 30 * 24 * time.Hour
	defaultResolveAfter = 5 * time.Minute
	defaultMinBad       = 2
)

// reader turns one document into a definition and gathers what is wrong.
type reader struct {
	doc      *yamlconf.Document
	findings slo.Findings
}

func (r *reader) wrong(path, message, instead string) {
	r.add(r.doc.Finding(path, message, instead))
}

func (r *reader) warn(path, message, instead string) {
	r.add(r.doc.Warning(path, message, instead))
}

// add notes a finding once: several objectives share most of what is checked.
func (r *reader) add(f slo.Finding) {
	if !slices.Contains(r.findings, f) {
		r.findings = append(r.findings, f)
	}
}

// unread reports whether decoding already complained about the field or
// something in it, so that its zero value needs no second complaint.
func (r *reader) unread(path string) bool {
	return slices.ContainsFunc(r.findings, func(f slo.Finding) bool {
		return f.Path == path || strings.HasPrefix(f.Path, path+".") || strings.HasPrefix(f.Path, path+"[")
	})
}

// definitions reads a document of kind SLO: one definition for each objective.
func (r *reader) definitions() []slo.Definition {
	in := document{Spec: body{
		Window:   window{Rolling: defaultWindow, Count: 1},
		NoData:   string(slo.NoDataAuto),
		Alerting: alerting{ResolveAfter: defaultResolveAfter, MinBad: defaultMinBad},
	}}
	r.findings = r.doc.Decode(&in)
	r.name("metadata.name", in.Metadata.Name, "checkout-availability")
	r.name("spec.service", in.Spec.Service, "checkout")
	r.words("spec.journey", in.Spec.Journey, "buy")
	r.words("spec.team", in.Spec.Team, "payments")
	d := slo.Definition{
		ID:   in.Spec.Service + "/" + in.Metadata.Name,
		Name: in.Metadata.Name, Service: in.Spec.Service, Team: strings.TrimSpace(in.Spec.Team),
		Journey: strings.TrimSpace(in.Spec.Journey), Description: strings.TrimSpace(in.Spec.Description),
		Window:       r.window(in.Spec.Window),
		SLI:          r.sli(in.Spec.SLI),
		NoData:       r.noData(in.Spec.NoData),
		ResolveAfter: in.Spec.Alerting.ResolveAfter,
		MinBad:       in.Spec.Alerting.MinBad,
		Labels:       r.labels(in.Metadata.Labels),
		AlertLabels:  r.alertLabels(in.Spec.Alerting.Labels),
		Dialect:      slo.Native,
		Annotations:  in.Spec.Alerting.Annotations,
		Source:       slo.Source{File: r.doc.File(), Line: r.doc.Line()},
	}
	d.GroupBy = r.groupBy(in.Spec.GroupBy, &d)
	d.Budgeting = r.budgeting(in.Spec.Budgeting, &d)
	r.alerting(&d)
	defs := r.each(d, in.Spec)
	slices.SortStableFunc(r.findings, func(a, b slo.Finding) int { return a.Line - b.Line })
	return defs
}

// each completes the definition for each of its objectives.
func (r *reader) each(d slo.Definition, in body) []slo.Definition {
	objectives := in.Objectives
	several := r.doc.Has("spec.objectives")
	switch {
	case several && r.doc.Has("spec.objective"):
		r.wrong("spec.objectives", "both objective and objectives are given", "keep one of them")
	case several && len(objectives) == 0 && !r.unread("spec.objectives"):
		r.wrong("spec.objectives", "the list is empty", "write several, such as [99, 99.9], or objective: 99.9")
	}
	if !several {
		r.objective("spec.objective", float64(in.Objective))
		d.Objective = float64(in.Objective)
		d.Policies = r.policies(in.Alerting.Policies, &d)
		return []slo.Definition{d}
	}
	var defs []slo.Definition
	for i, o := range objectives {
		path := fmt.Sprintf("spec.objectives[%d]", i)
		r.objective(path, float64(o))
		if slices.Contains(objectives[:i], o) && !r.unread(path) {
			r.wrong(path, fmt.Sprintf("%g is listed twice", o), "keep one of them")
		}
		one := d
		one.Objective = float64(o)
		one.ID += "/" + strconv.FormatFloat(float64(o), 'f', -1, 64)
		one.Policies = r.policies(in.Alerting.Policies, &one)
		defs = append(defs, one)
	}
	return defs
}

func (r *reader) noData(value string) slo.NoData {
	switch n := slo.NoData(value); n {
	case slo.NoDataAuto, slo.NoDataPage, slo.NoDataTicket, slo.NoDataIgnore:
		return n
	}
	if !r.unread("spec.no_data") {
		r.wrong("spec.no_data", fmt.Sprintf("%q is not known", value), "write auto, page, ticket or ignore")
	}
	return slo.NoDataAuto
}

var validName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

// name checks a part of the ID, which stands in addresses and labels.
func (r *reader) name(path, name, example string) {
	switch {
	case r.unread(path):
	case name == "":
		r.wrong(path, "it is missing", "write a name such as "+example)
	case !validName.MatchString(name):
		r.wrong(path, fmt.Sprintf("%q is no name", name),
			"use letters, digits, - _ and . only, with a letter or digit at both ends")
	case len(name) > 100:
		r.wrong(path, "the name is longer than 100 characters", "shorten it")
	}
}

// words checks a text that stands within sentences and in columns of databases.
func (r *reader) words(path, text, example string) {
	switch {
	case strings.ContainsFunc(strings.TrimSpace(text), unicode.IsControl):
		r.wrong(path, "it holds line breaks or control characters", "write words on one line, such as "+example)
	case utf8.RuneCountInString(text) > 100:
		r.wrong(path, "it is longer than 100 characters", "shorten it, or write it as description")
	}
}

func (r *reader) objective(path string, o float64) {
	switch {
	case r.unread(path):
	case !r.doc.Has(path):
		r.wrong(path, "it is missing", "write the promised share of good events in percent, such as 99.9")
	case o > 0 && o < 1:
		r.wrong(path, fmt.Sprintf("%g would be %g%%; the objective is a percentage", o, o),
			"write "+strconv.FormatFloat(math.Round(o*1e8)/1e6, 'f', -1, 64))
	case o >= 100:
		r.wrong(path, fmt.Sprintf("an objective of %g%% leaves no error budget", o), "write less than 100, such as 99.9")
	case !(o >= 1):
		r.wrong(path, fmt.Sprintf("%g%% is no objective", o), "write a percentage above 1 and below 100, such as 99.9")
	}
}

var validLabel = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// groupBy checks the labels that split the budget.
func (r *reader) groupBy(labels []string, d *slo.Definition) []string {
	if d.SLI.Composite != nil && len(labels) > 0 {
		r.wrong("spec.group_by", "a composite has no groups: it takes all groups of its parts together", "remove the key")
	}
	reserved := []string{"slo", "service", "team", "window", "outcome", "status"}
	r.keeps(labels, d)
	for i, label := range labels {
		path := fmt.Sprintf("spec.group_by[%d]", i)
		switch {
		case slices.Contains(reserved, label):
			r.wrong(path, label+" is a label of Burnline's own series",
				"group by another label, or copy it to one with another name where the metric is made")
		case label == "le" && d.SLI.Latency != nil, strings.HasPrefix(label, "__"):
			r.wrong(path, label+" is part of how the metric is stored", "group by another label")
		case !validLabel.MatchString(label):
			r.wrong(path, fmt.Sprintf("%q is no label name", label), "use letters, digits and _ only")
		case slices.Contains(labels[:i], label):
			r.wrong(path, label+" is listed twice", "keep one of them")
		}
	}
	return labels
}

// labels checks the owners' labels, which become labels of slo_info.
func (r *reader) labels(labels map[string]string) map[string]string {
	taken := []string{"slo", "name", "service", "team", "journey", "objective", "window"}
	return r.named("metadata.labels", labels, taken)
}

// alertLabels checks the labels that are added to what receivers are told.
func (r *reader) alertLabels(labels map[string]string) map[string]string {
	return r.named("spec.alerting.labels", labels, []string{"alertname", "severity", "slo", "service"})
}

// named checks the names of labels, some of which are taken.
func (r *reader) named(path string, labels map[string]string, taken []string) map[string]string {
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case slices.Contains(taken, label):
			r.wrong(path+"."+label, label+" is filled in from the SLO itself", "use another name")
		case !validLabel.MatchString(label), strings.HasPrefix(label, "__"):
			r.wrong(path, fmt.Sprintf("%q is no label name", label), "use letters, digits and _ only")
		}
	}
	return labels
}
