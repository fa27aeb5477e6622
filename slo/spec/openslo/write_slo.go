package openslo

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/spec/foreign"
	"burnline/slo/spec/promql"
)

// single is an SLO with the one objective of a definition.
func single(d *slo.Definition) writing {
	w := writing{defs: []slo.Definition{*d}}
	w.doc = w.document(d)
	indicator, o := w.indicator(d)
	w.doc.Spec.Indicator = indicator
	w.doc.Spec.Objectives = []outObjective{o}
	w.doc.Spec.BudgetingMethod = methodOf(d)
	return w
}

// compositeOf is a composite with its parts, where they are such as OpenSLO has them: objectives of the
// composite, with its target.
func compositeOf(d *slo.Definition, byID map[string]*slo.Definition) (writing, bool) {
	if d.SLI.Composite == nil {
		return writing{}, false
	}
	w := writing{defs: []slo.Definition{*d}}
	w.doc = w.document(d)
	for _, p := range d.SLI.Composite.Parts {
		part := byID[p.SLO]
		if part == nil || !strings.HasPrefix(p.SLO, d.ID+"/") || part.SLI.Composite != nil || part.Objective != d.Objective ||
			!reflect.DeepEqual(part.Window, d.Window) || len(w.defs) > 1 && methodOf(part) != w.doc.Spec.BudgetingMethod {
			return writing{}, false
		}
		w.doc.Spec.BudgetingMethod = methodOf(part)
		indicator, o := w.indicator(part)
		o.Indicator = indicator
		if d.SLI.Composite.Method == slo.Weighted {
			o.CompositeWeight = &p.Weight
		}
		w.defs = append(w.defs, *part)
		w.doc.Spec.Objectives = append(w.doc.Spec.Objectives, o)
	}
	if len(w.defs) > 1 { // the composite's own are tickets; its parts page
		w.doc.Spec.AlertPolicies = w.policies(&w.defs[1])
	}
	return w, true
}

// document is what all objectives of an SLO share.
func (w *writing) document(d *slo.Definition) outDocument {
	labels := maps.Clone(d.Labels)
	for name, value := range map[string]string{"team": d.Team, "journey": d.Journey} {
		if value != "" {
			if labels == nil {
				labels = map[string]string{}
			}
			labels[name] = value
		}
	}
	return outDocument{
		APIVersion: v1, Kind: kindSLO,
		Metadata: outMetadata{Name: d.Name, Labels: labels, Annotations: d.Annotations},
		Spec: outSLO{
			Description: d.Description, Service: d.Service,
			TimeWindow: []outWindow{w.window(d)}, AlertPolicies: w.policies(d),
		},
	}
}

func (w *writing) lose(level slo.Level, d *slo.Definition, format string, args ...any) {
	w.lost = append(w.lost, slo.Finding{Source: d.Source, Level: level, Message: d.ID + ": " + fmt.Sprintf(format, args...)})
}

// inMinutes writes a duration in OpenSLO's minutes and more; what is finer is rounded, which
// shows when the result is compared.
func inMinutes(d time.Duration) string {
	text, ok := shorten(d)
	if !ok {
		text, _ = shorten(max(time.Minute, d.Round(time.Minute)))
	}
	return text
}

func (w *writing) window(d *slo.Definition) outWindow {
	c := d.Window.Calendar
	if c == nil {
		return outWindow{Duration: inMinutes(d.Window.Rolling), IsRolling: true}
	}
	units := map[slo.CalendarUnit]string{slo.Week: "w", slo.Month: "M", slo.Quarter: "Q", slo.Year: "Y"}
	return outWindow{
		Duration: strconv.Itoa(c.Count) + units[c.Unit],
		Calendar: &outCalendar{StartTime: c.Anchor.Format(time.DateTime), TimeZone: c.Zone},
	}
}

// methodOf names the budgeting method. A ratio by PromQL is a number for each slice of time.
func methodOf(d *slo.Definition) string {
	switch {
	case d.SLI.Ratio != nil, d.Budgeting.Method == slo.RatioTimeslices:
		return "RatioTimeslices"
	case d.Budgeting.Method == slo.Timeslices:
		return "Timeslices"
	}
	return "Occurrences"
}

// indicator writes what is measured, and the objective that it is measured by.
func (w *writing) indicator(d *slo.Definition) (*outIndicator, outObjective) {
	o := outObjective{DisplayName: objectiveOf(d), Target: fraction(d.Objective)}
	if b := d.Budgeting; b.Sliced() {
		o.TimeSliceWindow = inMinutes(b.Slice)
		if b.Method == slo.Timeslices {
			o.TimeSliceTarget = &b.Target
		}
	}
	out := &outIndicator{Metadata: outMetadata{Name: d.Name}}
	switch s := d.SLI; {
	case s.Events != nil:
		out.Spec.RatioMetric = events(*s.Events, d.GroupBy)
	case s.Spans != nil:
		w.lose(slo.LevelWarning, d, "OpenSLO knows no spans; its queries have the counters that Burnline makes of them, where "+slo.SpanEvents+" is stored")
		out.Spec.RatioMetric = events(*d.Counters(), d.GroupBy)
	case s.Latency != nil:
		out.Spec.RatioMetric = events(foreign.Classic(*s.Latency), d.GroupBy) // OpenSLO knows queries only
	case s.Samples != nil:
		query := s.Samples.Query
		if s.Samples.Selector != nil {
			query = s.Samples.Selector.String()
		}
		op, value := s.Samples.Op, s.Samples.Value
		if op == slo.EQ || op == slo.NEQ {
			query = fmt.Sprintf("(%s) %s bool %s", closed(query), map[slo.CompareOp]string{slo.EQ: "==", slo.NEQ: "!="}[op], number(value))
			op, value = slo.GTE, 1
		}
		out.Spec.ThresholdMetric = prometheusMetric(query)
		o.Op, o.Value = string(op), &value
	case s.Ratio != nil:
		out.Spec.RatioMetric = &outRatio{RawType: "failure", Raw: prometheusMetric(strings.ReplaceAll(s.Ratio.Query, "$window", "{{.window}}"))}
		o.TimeSliceWindow = inMinutes(s.Ratio.Slice)
	case s.Composite != nil:
		w.lose(slo.LevelError, d, "it is left out: OpenSLO's composites hold their parts as objectives with one target, and these parts are SLOs of their own")
	}
	return out, o
}

func events(e slo.EventsSLI, by []string) *outRatio {
	return &outRatio{Counter: true, Bad: counted(e.Bad, by), Good: counted(promql.Buckets(e.Good), by), Total: counted(e.Total, by)}
}

// counted writes a sum of counters as PromQL.
func counted(sum slo.Sum, by []string) *outMetric {
	if sum == nil {
		return nil
	}
	around := "sum(%s)"
	if len(by) > 0 {
		around = "sum by (" + strings.Join(by, ", ") + ") (%s)"
	}
	return prometheusMetric(promql.Text(sum, around))
}

// policies writes every policy, the default ones too: OpenSLO has none.
func (w *writing) policies(d *slo.Definition) []outPolicy {
	var all []outPolicy
	for _, p := range d.Policies {
		name := fmt.Sprintf("%s-%s", p.Severity, inMinutes(p.Long))
		spec := outPolicySpec{AlertWhenBreaching: true, AlertWhenResolved: true}
		if tells := string(d.NoData) == string(p.Severity); tells || d.NoData == slo.NoDataIgnore {
			spec.AlertWhenNoData = &tells
		}
		spec.Conditions = []outCondition{{Kind: kindCondition, Metadata: outMetadata{Name: name}, Spec: outConditionSpec{
			Severity:  string(p.Severity),
			Condition: outBurnrate{Kind: "burnrate", Op: "gt", Threshold: p.Factor, LookbackWindow: inMinutes(p.Long)},
		}}}
		spec.NotificationTargets = []outTarget{{Kind: kindTarget, Metadata: outMetadata{Name: string(p.Severity)}, Spec: outTargetSpec{Target: string(p.Severity)}}}
		all = append(all, outPolicy{Kind: kindPolicy, Metadata: outMetadata{Name: name}, Spec: spec})
	}
	return all
}
