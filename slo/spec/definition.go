package spec

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/internal/valid"
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
	r.require("metadata.name", valid.Name(in.Metadata.Name, "checkout-availability"))
	r.require("spec.service", valid.Name(in.Spec.Service, "checkout"))
	r.refuse("spec.journey", valid.Words(in.Spec.Journey, "buy"))
	r.refuse("spec.team", valid.Words(in.Spec.Team, "payments"))
	d := slo.Definition{
		ID:   in.Spec.Service + "/" + in.Metadata.Name,
		Name: in.Metadata.Name, Service: in.Spec.Service, Team: strings.TrimSpace(in.Spec.Team),
		Journey: strings.TrimSpace(in.Spec.Journey), Description: strings.TrimSpace(in.Spec.Description),
		Window:       r.window(in.Spec.Window),
		SLI:          r.sli(in.Spec.SLI, in.Spec.Service),
		NoData:       r.noData(in.Spec.NoData),
		ResolveAfter: in.Spec.Alerting.ResolveAfter,
		MinBad:       in.Spec.Alerting.MinBad,
		Impact:       r.impact(in.Spec.Impact),
		Labels:       r.labels(in.Metadata.Labels),
		AlertLabels:  r.alertLabels(in.Spec.Alerting.Labels),
		Dialect:      slo.Native,
		Annotations:  in.Spec.Alerting.Annotations,
		Source:       slo.Source{File: r.doc.File(), Line: r.doc.Line()},
	}
	d.GroupBy = r.groupBy(in.Spec.GroupBy, &d)
	d.DependsOn = r.dependsOn(in.Spec.DependsOn)
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
		r.require("spec.objective", valid.Objective(float64(in.Objective), r.doc.Has("spec.objective")))
		d.Objective = float64(in.Objective)
		d.Policies = r.policies(in.Alerting.Policies, &d)
		return []slo.Definition{d}
	}
	var defs []slo.Definition
	for i, o := range objectives {
		path := fmt.Sprintf("spec.objectives[%d]", i)
		r.require(path, valid.Objective(float64(o), r.doc.Has(path)))
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

// impact reads what a failed event means to customers.
func (r *reader) impact(in impact) slo.ImpactTerms {
	terms := slo.ImpactTerms{PricePerFailedEvent: in.PricePerFailedEvent, Customer: in.Customer}
	if price := in.PricePerFailedEvent; !(price >= 0) || math.IsInf(price, 1) {
		r.wrong("spec.impact.price_per_failed_event", "a failed event can't cost less than nothing", "write what it costs on average, such as 12.50, or leave it out")
		terms.PricePerFailedEvent = 0
	}
	switch name := in.Customer; {
	case name == "":
	case !attributeName.MatchString(name):
		r.wrong("spec.impact.customer", fmt.Sprintf("%q is no name of an attribute", name), "write one such as enduser.id")
		terms.Customer = ""
	case name == "service.name":
		r.wrong("spec.impact.customer", "service.name is who serves, and the same for all customers", "write an attribute such as enduser.id")
		terms.Customer = ""
	}
	return terms
}

// refuse adds an error where something is wrong.
func (r *reader) refuse(path string, wrong *yamlconf.Wrong) {
	if wrong != nil {
		r.wrong(path, wrong.Message, wrong.Instead)
	}
}

// require adds an error where something is wrong that decoding did not complain about already.
func (r *reader) require(path string, wrong *yamlconf.Wrong) {
	if !r.unread(path) {
		r.refuse(path, wrong)
	}
}

// dependsOn checks the names of the SLOs that this one depends on; whether they exist
// shows when all files are read.
func (r *reader) dependsOn(names []string) []string {
	for i, name := range names {
		path := fmt.Sprintf("spec.depends_on[%d]", i)
		switch {
		case r.unread(path):
		case strings.Count(name, "/") < 1 || strings.ContainsAny(name, " \t\n"):
			r.wrong(path, fmt.Sprintf("%q is no ID of an SLO", name), "write service/name, such as payments/payments-availability")
		case slices.Contains(names[:i], name):
			r.wrong(path, name+" is listed twice", "keep one of them")
		}
	}
	return names
}

// groupBy checks the labels that split the budget.
func (r *reader) groupBy(labels []string, d *slo.Definition) []string {
	if d.SLI.Composite != nil && len(labels) > 0 {
		r.wrong("spec.group_by", "a composite has no groups: it takes all groups of its parts together", "remove the key")
	}
	r.keeps(labels, d)
	if d.SLI.Spans != nil {
		return r.attributes(labels, d.SLI.Spans)
	}
	for i, label := range labels {
		path := fmt.Sprintf("spec.group_by[%d]", i)
		wrong := valid.GroupBy(label, d.SLI.Latency != nil)
		if wrong == nil && slices.Contains(labels[:i], label) {
			wrong = &yamlconf.Wrong{Message: label + " is listed twice", Instead: "keep one of them"}
		}
		r.refuse(path, wrong)
	}
	return labels
}

// labels checks the owners' labels, which become labels of slo_info.
func (r *reader) labels(labels map[string]string) map[string]string {
	return r.named("metadata.labels", labels, valid.FilledIn)
}

// alertLabels checks the labels that are added to what receivers are told.
func (r *reader) alertLabels(labels map[string]string) map[string]string {
	return r.named("spec.alerting.labels", labels, func(label string) bool {
		return slices.Contains([]string{"alertname", "severity", "slo", "service"}, label)
	})
}

// named checks the names of labels, some of which are taken.
func (r *reader) named(path string, labels map[string]string, taken func(label string) bool) map[string]string {
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case taken(label):
			r.wrong(path+"."+label, label+" is filled in from the SLO itself", "use another name")
		case !valid.Label(label):
			r.wrong(path, fmt.Sprintf("%q is no label name", label), "use letters, digits and _ only")
		}
	}
	return labels
}
