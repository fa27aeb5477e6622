package pyrra

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"

	"burnline/slo"
	"burnline/slo/spec/foreign"
	"burnline/slo/spec/promql"
)

// Write writes definitions as ServiceLevelObjectives, one document each. The findings name
// everything that the form can't say, and the SLOs that are left out; the error is that of the writer.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	var findings slo.Findings
	var all []resource
	for i := range defs {
		o := &writer{Losses: foreign.Losses{Definition: &defs[i]}}
		r := o.resource()
		lost, whole := o.Result()
		findings = append(findings, lost...)
		if whole {
			all = append(all, r)
		}
	}
	return findings, foreign.Encode(w, all, func(r resource) string {
		return "Pyrra SLO " + r.Metadata.Labels[prefix+"service"] + "/" + r.Metadata.Name
	})
}

// writer writes one definition.
type writer struct{ foreign.Losses }

func (w *writer) resource() resource {
	d := w.Definition
	r := resource{APIVersion: apiVersion, Kind: kind, Metadata: w.metadata()}
	r.Spec = spec{
		Description: d.Description, Target: target(d.Objective), Window: duration(d.Window.Nominal()),
		Indicator: w.indicator(), Alerting: w.alerting(),
	}
	w.Common("Pyrra")
	return r
}

// kubernetesName is what Kubernetes takes as an object's name.
var kubernetesName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

func (w *writer) metadata() metadata {
	d := w.Definition
	m := metadata{Name: strings.TrimPrefix(d.ID, d.Service+"/"), Labels: map[string]string{prefix + "service": d.Service}}
	if strings.Contains(m.Name, "/") {
		m.Name = strings.ReplaceAll(m.Name, "/", "-")
		w.Lost("metadata.name", "an SLO has one target in Pyrra, so this one is named "+m.Name, "")
	}
	if !kubernetesName.MatchString(m.Name) {
		w.Lost("metadata.name", fmt.Sprintf("Kubernetes takes no object with the name %q", m.Name), "use lowercase letters, digits, - and .")
	}
	labels := maps.Clone(d.AlertLabels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, d.Labels)
	for name, value := range map[string]string{"team": d.Team, "journey": d.Journey} {
		if value != "" {
			labels[name] = value
		}
	}
	for name, value := range labels {
		m.Labels[prefix+name] = value
	}
	for name, value := range d.Annotations {
		if m.Annotations == nil {
			m.Annotations = map[string]string{}
		}
		m.Annotations[prefix+name] = value
	}
	return m
}

func (w *writer) indicator() indicator {
	d := w.Definition
	switch s := d.SLI; {
	case s.Events != nil:
		return w.events(*s.Events)
	case s.Latency != nil && d.Dialect == slo.Pyrra:
		return indicator{LatencyNative: &latencyNative{
			Total: query{s.Latency.Histogram.String()}, Latency: duration(s.Latency.Threshold), Grouping: d.GroupBy,
		}}
	case s.Latency != nil:
		w.Lost("spec.sli.latency", "it is written for a classic histogram with a bucket at the threshold; a native one is not counted",
			"write indicator.latencyNative where it is native")
		return w.events(foreign.Classic(*s.Latency))
	case s.Spans != nil:
		w.Lost("spec.sli.spans", "Pyrra can't read spans; it counts the counters that Burnline makes of them, where "+slo.SpanEvents+" is stored", "")
		return w.events(*d.Counters())
	case s.Samples != nil && s.Samples.Selector != nil && s.Samples.Op == slo.GTE && s.Samples.Value == 1:
		return indicator{BoolGauge: &boolGauge{Metric: s.Samples.Selector.String(), Grouping: d.GroupBy}}
	case s.Samples != nil:
		w.Unwritten("spec.sli", "Pyrra compares samples of a gauge with 1 only, and takes selectors only", "record a gauge that is 1 when all is well")
	case s.Ratio != nil:
		w.Unwritten("spec.sli.ratio", "Pyrra takes selectors of counters, and no queries", "")
	}
	return indicator{}
}

// events writes counters: Pyrra takes one selector of errors or, with a bucket's bound, of successes.
func (w *writer) events(e slo.EventsSLI) indicator {
	d := w.Definition
	for _, sum := range []slo.Sum{e.Bad, e.Good, e.Total} {
		if len(sum) > 1 {
			w.Unwritten("spec.sli.events", "Pyrra takes one selector each, no sums and differences", "record the sum as a metric of its own")
			return indicator{}
		}
	}
	total := query{promql.PlainBuckets(e.Total)[0].Selector.String()}
	if e.Bad != nil {
		return indicator{Ratio: &ratio{Errors: query{promql.PlainBuckets(e.Bad)[0].Selector.String()}, Total: total, Grouping: d.GroupBy}}
	}
	if !bounded(e.Good[0].Selector) {
		w.Unwritten("spec.sli.events.good", "Pyrra counts errors, and successes only by a bucket of a histogram", "give bad")
		return indicator{}
	}
	return indicator{Latency: &latency{Success: query{promql.PlainBuckets(e.Good)[0].Selector.String()}, Total: total, Grouping: d.GroupBy}}
}

func (w *writer) alerting() alerting {
	d, no := w.Definition, false
	var a alerting
	switch d.NoData {
	case slo.NoDataIgnore:
		a.Absent = &no
	case slo.NoDataTicket:
		a.Severities.Absent = "warning"
	case slo.NoDataAuto:
		w.Lost("spec.no_data", "Pyrra pages when there is no series, and does not see that traffic stops (no_data: auto)", "")
	}
	if len(d.Policies) == 0 {
		a.Burnrates = &no
		return a
	}
	own, _ := policies(d.Window.Nominal())
	own, _ = slo.Resolve(own, d.Window.Nominal(), d.Budget())
	if !foreign.SamePolicies(own, d.Policies, false) {
		w.Lost("spec.alerting.policies", fmt.Sprintf("Pyrra has policies of its own, which follow from the window: %s", listed(own)), "")
		return a
	}
	for i, key := range []*string{&a.Severities.FastBurn, &a.Severities.MediumBurn, &a.Severities.SlowBurn, &a.Severities.LongTermBurn} {
		if s := d.Policies[i].Severity; s != tiers()[i].severity {
			*key = map[slo.Severity]string{slo.Page: "critical", slo.Ticket: "warning"}[s]
		}
	}
	return a
}

// listed names policies in a sentence.
func listed(policies []slo.Policy) string {
	var all []string
	for _, p := range policies {
		all = append(all, fmt.Sprintf("%s over %s at %.4g", p.Severity, slo.FormatDuration(p.Long), p.Factor))
	}
	return strings.Join(all, ", ")
}
