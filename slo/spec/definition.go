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
	file     string
	findings slo.Findings
}

func (r *reader) wrong(path, message, instead string) {
	r.findings = append(r.findings, r.doc.Finding(path, message, instead))
}

func (r *reader) warn(path, message, instead string) {
	r.findings = append(r.findings, r.doc.Warning(path, message, instead))
}

// unread reports whether decoding already complained about the field or
// something in it, so that its zero value needs no second complaint.
func (r *reader) unread(path string) bool {
	return slices.ContainsFunc(r.findings, func(f slo.Finding) bool {
		return f.Path == path || strings.HasPrefix(f.Path, path+".") || strings.HasPrefix(f.Path, path+"[")
	})
}

func (r *reader) definition() slo.Definition {
	in := document{Spec: body{
		Window:   window(defaultWindow),
		Alerting: alerting{ResolveAfter: defaultResolveAfter, MinBad: defaultMinBad},
	}}
	r.findings = r.doc.Decode(&in)
	r.name("metadata.name", in.Metadata.Name, "checkout-availability")
	r.name("spec.service", in.Spec.Service, "checkout")
	r.words("spec.journey", in.Spec.Journey, "buy")
	r.words("spec.team", in.Spec.Team, "payments")
	r.objective(float64(in.Spec.Objective))
	d := slo.Definition{
		ID:   in.Spec.Service + "/" + in.Metadata.Name,
		Name: in.Metadata.Name, Service: in.Spec.Service, Team: strings.TrimSpace(in.Spec.Team),
		Journey: strings.TrimSpace(in.Spec.Journey), Description: strings.TrimSpace(in.Spec.Description),
		Objective:    float64(in.Spec.Objective),
		Window:       slo.Window{Rolling: time.Duration(in.Spec.Window)},
		SLI:          r.sli(in.Spec.SLI),
		GroupBy:      r.groupBy(in.Spec.GroupBy, in.Spec.SLI.Latency != nil),
		NoData:       slo.NoDataAuto,
		ResolveAfter: in.Spec.Alerting.ResolveAfter,
		MinBad:       in.Spec.Alerting.MinBad,
		Labels:       r.labels(in.Metadata.Labels),
		Annotations:  in.Spec.Alerting.Annotations,
		Source:       slo.Source{File: r.file, Line: r.doc.Line()},
	}
	if d.Window.Rolling < time.Minute && !r.unread("spec.window") {
		r.wrong("spec.window", "the window is shorter than a minute", "write 30d, or at least 1m")
	}
	d.Policies = r.policies(in.Spec.Alerting.Policies, &d)
	r.alerting(&d)
	slices.SortStableFunc(r.findings, func(a, b slo.Finding) int { return a.Line - b.Line })
	return d
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

func (r *reader) objective(o float64) {
	const path = "spec.objective"
	switch {
	case r.unread(path), r.unread("spec.objectives"):
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
func (r *reader) groupBy(labels []string, latency bool) []string {
	reserved := []string{"slo", "service", "team", "window", "outcome", "status"}
	for i, label := range labels {
		path := fmt.Sprintf("spec.group_by[%d]", i)
		switch {
		case slices.Contains(reserved, label):
			r.wrong(path, label+" is a label of Burnline's own series",
				"group by another label, or copy it to one with another name where the metric is made")
		case label == "le" && latency, strings.HasPrefix(label, "__"):
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
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		path := "metadata.labels." + label
		switch {
		case slices.Contains(taken, label):
			r.wrong(path, label+" is filled in from the SLO itself", "use another name")
		case !validLabel.MatchString(label), strings.HasPrefix(label, "__"):
			r.wrong("metadata.labels", fmt.Sprintf("%q is no label name", label), "use letters, digits and _ only")
		}
	}
	return labels
}
