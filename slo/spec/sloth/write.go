package sloth

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"burnline/slo"
	"burnline/slo/spec/foreign"
	"burnline/slo/spec/promql"
)

// Write writes definitions in the form version: prometheus/v1, one document for each service. The
// findings name everything that the form can't say, and the SLOs that are left out; the error is that of the writer.
func Write(w io.Writer, defs []slo.Definition) (slo.Findings, error) {
	var findings slo.Findings
	var files []*file
	for i := range defs {
		o := &writer{Losses: foreign.Losses{Definition: &defs[i]}}
		written := o.objective()
		lost, whole := o.Result()
		findings = append(findings, lost...)
		if !whole {
			continue
		}
		at := slices.IndexFunc(files, func(f *file) bool { return f.Service == defs[i].Service })
		if at < 0 {
			at = len(files)
			files = append(files, &file{Version: fileVersion, body: body{Service: defs[i].Service}})
		}
		files[at].SLOs = append(files[at].SLOs, written)
	}
	return findings, foreign.Encode(w, files, func(f *file) string { return "Sloth file of " + f.Service })
}

// writer writes one definition.
type writer struct{ foreign.Losses }

func (w *writer) objective() objective {
	d := w.Definition
	o := objective{Name: w.name(), Description: d.Description, Objective: d.Objective, Labels: ownLabels(d)}
	o.SLI = w.sli()
	o.Alerting = w.alerting()
	w.Common("Sloth")
	if d.Window.Nominal() != defaultPeriod {
		w.Lost("spec.window", "Sloth's files say no window", "run it with --default-slo-period="+slo.FormatDuration(d.Window.Nominal()))
	}
	return o
}

// name is what follows the service in the ID; Sloth's names hold no slash.
func (w *writer) name() string {
	name := strings.TrimPrefix(w.Definition.ID, w.Definition.Service+"/")
	if strings.Contains(name, "/") {
		name = strings.ReplaceAll(name, "/", "-")
		w.Lost("metadata.name", "an SLO has one objective in Sloth, so this one is named "+name, "")
	}
	return name
}

// ownLabels are the SLO's labels, and those that stand for its team and journey.
func ownLabels(d *slo.Definition) map[string]string {
	labels := maps.Clone(d.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	if d.Team != "" && d.Team != strings.TrimSpace(labels["owner"]) {
		labels["team"] = d.Team
	}
	if d.Journey != "" {
		labels["journey"] = d.Journey
	}
	return labels
}

func (w *writer) sli() sli {
	d := w.Definition
	switch s := d.SLI; {
	case s.Events != nil:
		return sli{Events: w.events(*s.Events)}
	case s.Latency != nil:
		return sli{Events: w.latency(*s.Latency)}
	case s.Ratio != nil:
		if s.Ratio.Slice != ratioSlice {
			w.Lost("spec.sli.ratio.slice", "Sloth evaluates the query over its own windows", "")
		}
		if len(d.GroupBy) > 0 && !slices.Equal(d.GroupBy, promql.Keeps(s.Ratio.Query)) {
			w.Lost("spec.group_by", "the query itself has to keep the labels", "write sum by ("+strings.Join(d.GroupBy, ", ")+") in it")
		}
		return sli{Raw: &raw{ErrorRatioQuery: strings.ReplaceAll(s.Ratio.Query, "$window", "{{.window}}")}}
	case s.Spans != nil:
		w.Lost("spec.sli.spans", "Sloth can't read spans; its query has the counters that Burnline makes of them, where "+slo.SpanEvents+" is stored", "")
		return sli{Events: w.events(*d.Counters())}
	case s.Samples != nil:
		w.Unwritten("spec.sli", "Sloth divides counters; it can't compare the samples of a gauge", "")
	}
	return sli{}
}

// rate is the query of a selector's events.
func (w *writer) rate() string {
	by := ""
	if len(w.Definition.GroupBy) > 0 {
		by = " by (" + strings.Join(w.Definition.GroupBy, ", ") + ") "
	}
	return "sum" + by + "(rate(%s[{{.window}}]))"
}

// filled is rate with 0 where there is no series: a sum of which one part has none would have no
// result at all.
func (w *writer) filled(total slo.Sum) string {
	zero := "vector(0)"
	if len(w.Definition.GroupBy) > 0 {
		zero = "0 * " + promql.Text(total[:1], w.rate())
	}
	return "(" + w.rate() + " or " + zero + ")"
}

func (w *writer) events(e slo.EventsSLI) *events {
	total := promql.PlainBuckets(e.Total)
	sum := func(sum slo.Sum) string {
		if sum = promql.PlainBuckets(sum); len(sum) == 1 && !sum[0].Minus {
			return promql.Text(sum, w.rate())
		}
		return promql.Text(sum, w.filled(total))
	}
	if e.Bad != nil {
		return &events{ErrorQuery: sum(e.Bad), TotalQuery: sum(total)}
	}
	good := promql.Text(promql.PlainBuckets(e.Good), w.filled(total))
	switch {
	case len(e.Good) > 1:
		good = "(" + good + ")"
	case slices.ContainsFunc(e.Good[0].Selector.Matchers, func(m slo.Matcher) bool { return m.Label == "le" }):
		good = sum(e.Good) // a bucket is there whenever its histogram is
	}
	return &events{ErrorQuery: sum(total) + " - " + good, TotalQuery: sum(total)}
}

// latency writes a classic histogram.
func (w *writer) latency(l slo.LatencySLI) *events {
	w.Lost("spec.sli.latency", "it is written for a classic histogram with a bucket at the threshold; a native one is not counted", "")
	return w.events(foreign.Classic(l))
}

func (w *writer) alerting() alerting {
	d := w.Definition
	a := alerting{Labels: maps.Clone(d.AlertLabels), Annotations: d.Annotations}
	maps.DeleteFunc(a.Labels, func(name, value string) bool { own, there := d.Labels[name]; return there && own == value })
	a.PageAlert.Disable, a.TicketAlert.Disable = !has(d.Policies, slo.Page), !has(d.Policies, slo.Ticket)
	if len(d.Policies) > 0 {
		a.Name = alertName(d.Service + "-" + d.Name)
	}
	expected, _ := slo.Resolve(nil, d.Window.Nominal(), d.Budget())
	expected = slices.DeleteFunc(expected, func(p slo.Policy) bool { return !has(d.Policies, p.Severity) })
	if !foreign.SamePolicies(expected, d.Policies, true) {
		w.Lost("spec.alerting.policies", "Sloth's files say no policies; those of Google's SRE Workbook hold", "write a file of kind: AlertWindows, which holds for all SLOs")
	}
	noData := slo.NoDataAuto // what reading the file again gives
	if a.PageAlert.Disable {
		noData = slo.NoDataTicket
	}
	if d.NoData != slo.NoDataIgnore && (d.NoData != noData || d.Dialect != slo.Sloth) {
		w.Lost("spec.no_data", fmt.Sprintf("Sloth never tells of missing data (no_data: %s)", d.NoData), "write a Prometheus alert with absent()")
	}
	return a
}

func has(policies []slo.Policy, severity slo.Severity) bool {
	return slices.ContainsFunc(policies, func(p slo.Policy) bool { return p.Severity == severity })
}

// alertName writes checkout-availability as CheckoutAvailability.
func alertName(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
