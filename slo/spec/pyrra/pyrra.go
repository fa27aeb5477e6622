// Package pyrra reads and writes SLOs in Pyrra's form, ServiceLevelObjective, and says of everything
// that can't be carried over what becomes of it.
package pyrra

import (
	"fmt"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/foreign"
)

const (
	apiVersion = "pyrra.dev/v1alpha1"
	kind       = "ServiceLevelObjective"
	// prefix marks labels and annotations that Pyrra hands on to its alerts.
	prefix = "pyrra.dev/"
)

// Read turns all Pyrra documents of one load into definitions, one each.
func Read(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	var defs []slo.Definition
	var findings slo.Findings
	var unneeded foreign.Unneeded
	for _, doc := range docs {
		r := &reader{Report: foreign.Report{Doc: doc}, unneeded: &unneeded}
		if d := r.definition(); !r.Failed("") {
			defs = append(defs, d)
		}
		findings = append(findings, r.Findings...)
	}
	return defs, append(findings, unneeded.Findings()...)
}

// reader turns one document into a definition.
type reader struct {
	foreign.Report
	unneeded *foreign.Unneeded
}

func (r *reader) definition() slo.Definition {
	if v := r.Doc.Text("apiVersion"); v != apiVersion {
		r.Wrong("apiVersion", fmt.Sprintf("%q is no version of Pyrra's SLOs", v), "write apiVersion: "+apiVersion)
		return slo.Definition{}
	}
	if k := r.Doc.Text("kind"); k != kind {
		r.Wrong("kind", fmt.Sprintf("the kind %q is unknown", k), "write kind: "+kind)
		return slo.Definition{}
	}
	var in resource
	r.Findings = r.Doc.DecodeForeign(&in, nil)
	d := slo.Definition{
		Name: in.Metadata.Name, Service: r.service(in.Metadata),
		Description: strings.TrimSpace(in.Spec.Description), Objective: float64(in.Spec.Target),
		Window:       slo.Window{Rolling: time.Duration(in.Spec.Window)},
		ResolveAfter: foreign.DefaultResolveAfter, MinBad: foreign.DefaultMinBad,
		Dialect: slo.Pyrra, Source: slo.Source{File: r.Doc.File(), Line: r.Doc.Line()},
	}
	d.ID = d.Service + "/" + d.Name
	r.Name("metadata.name", d.Name, "checkout-errors")
	r.labels(in.Metadata, &d)
	r.Objective("spec.target", d.Objective)
	if d.Window.Rolling < shortestWindow && !r.Failed("spec.window") {
		r.Wrong("spec.window", "it is missing, or too short for the windows of its alerts", "write 28d, or at least 12h")
	}
	r.indicator(in.Spec.Indicator, &d)
	r.alerting(in.Spec.Alerting, &d)
	r.rules()
	return d
}

// service is the label pyrra.dev/service, or else the namespace.
func (r *reader) service(m metadata) string {
	if service := m.Labels[prefix+"service"]; service != "" {
		r.Name("metadata.labels", service, "checkout")
		return service
	}
	if m.Namespace != "" {
		r.Name("metadata.namespace", m.Namespace, "checkout")
		return m.Namespace
	}
	r.Warn("metadata", `neither the label pyrra.dev/service nor a namespace says whose SLO this is, so its service is "default"`, "write labels: {pyrra.dev/service: checkout}")
	return "default"
}

// labels carries the labels and annotations over that Pyrra hands on to its alerts.
func (r *reader) labels(m metadata, d *slo.Definition) {
	labels, kubernetes := handedOn(m.Labels)
	delete(labels, "service")
	if kubernetes {
		r.Unneeded(r.unneeded, "metadata.labels", "labels without the prefix pyrra.dev/ choose where Kubernetes puts Pyrra's rules, and have no use here",
			"write pyrra.dev/ before what alerts should have")
	}
	r.Labels("metadata.labels", labels, d)
	for name, value := range d.Labels {
		if d.AlertLabels == nil {
			d.AlertLabels = map[string]string{}
		}
		d.AlertLabels[name] = value
	}
	annotations, kubernetes := handedOn(m.Annotations)
	if kubernetes {
		r.Unneeded(r.unneeded, "metadata.annotations", "annotations without the prefix pyrra.dev/ are Kubernetes' own, and have no use here",
			"write pyrra.dev/ before what pages should show")
	}
	r.Annotations("metadata.annotations", annotations, d)
}

// handedOn returns what has the prefix, without it, and whether there is anything else.
func handedOn(in map[string]string) (own map[string]string, others bool) {
	own = map[string]string{}
	for name, value := range in {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			own[short] = value
		} else {
			others = true
		}
	}
	return own, others
}

// alerting reads when people are told.
func (r *reader) alerting(a alerting, d *slo.Definition) {
	d.NoData = slo.NoDataPage
	if s, ok := r.severity("absent", a.Severities.Absent, slo.Page); ok && s == slo.Ticket {
		d.NoData = slo.NoDataTicket
	}
	if a.Absent != nil && !*a.Absent {
		d.NoData = slo.NoDataIgnore
	}
	for _, name := range []string{"name", "absentName"} {
		if r.Doc.Has("spec.alerting." + name) {
			r.Unneeded(r.unneeded, "spec.alerting."+name, "alerts are named after their SLO, so alerting."+name+" has no use", "")
		}
	}
	if a.Disabled || a.Burnrates != nil && !*a.Burnrates || r.Failed("spec.window") || r.Failed("spec.target") {
		return
	}
	written, vanished := policies(d.Window.Rolling)
	if len(vanished) > 0 {
		r.Warn("spec.window", "Pyrra rounds windows of its alerts to whole minutes, which leaves nothing of some: "+strings.Join(vanished, ", "), "write a window of at least 3d")
	}
	for i, name := range a.Severities.burn() {
		written[i].Severity, _ = r.severity(tiers()[i].key, name, tiers()[i].severity)
	}
	r.Policies("spec.target", written, d)
}

// severity reads a key of alerting.severities; otherwise stands for one that is not given or known.
func (r *reader) severity(key, name string, otherwise slo.Severity) (slo.Severity, bool) {
	if name == "" {
		return otherwise, false
	}
	if s, ok := severity(name); ok {
		return s, true
	}
	r.Warn("spec.alerting.severities."+key, fmt.Sprintf("severity is page or ticket here, so %q is a %s", name, otherwise),
		"write critical for a page or warning for a ticket")
	return otherwise, true
}

// rules reports keys that say how Pyrra makes and runs its rules.
func (r *reader) rules() {
	for _, key := range []string{"partial_response_strategy", "performanceOverAccuracy", "ruleOutput"} {
		if r.Doc.Has("spec." + key) {
			r.Unneeded(r.unneeded, "spec."+key, key+" is about how Prometheus or Thanos run Pyrra's rules; Burnline needs none, so it has no use", "leave it out")
		}
	}
}
