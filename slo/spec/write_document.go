package spec

import (
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// documentOf turns a definition into what is written. What has its default is left out, so
// that later reading finds the defaults of then.
func documentOf(d *slo.Definition, names map[string]naming) outDocument {
	n := names[d.ID]
	doc := outDocument{APIVersion: apiVersion, Kind: kindSLO, Metadata: outMetadata{Name: n.name, Labels: d.Labels}}
	doc.Spec = outBody{
		Service: d.Service, Team: d.Team, Journey: d.Journey, Description: d.Description,
		Window: windowOf(d.Window), SLI: sliOf(d, names), GroupBy: groupByOf(d), DependsOn: dependsOnNamed(d.DependsOn, names), Budgeting: budgetingOf(d),
		NoData: otherwise(d.NoData, slo.NoDataAuto, word), Impact: impactOf(d),
		Alerting: outAlerting{
			Policies:     policiesOf(d),
			ResolveAfter: length(otherwise(d.ResolveAfter, defaultResolveAfter, slo.FormatDuration)),
			Labels:       d.AlertLabels, Annotations: d.Annotations,
		},
	}
	if n.several {
		doc.Spec.Objectives = []decimal{decimal(d.Objective)}
	} else {
		doc.Spec.Objective = numeral(d.Objective)
	}
	if d.MinBad != defaultMinBad {
		doc.Spec.Alerting.MinBad = numeral(d.MinBad)
	}
	return doc
}

// dependsOnNamed names dependencies as they are written themselves.
func dependsOnNamed(ids []string, names map[string]naming) []string {
	named := slices.Clone(ids)
	for i, id := range named {
		if n, ok := names[id]; ok {
			named[i] = n.id
		}
	}
	return named
}

// impactOf leaves out what nobody said.
func impactOf(d *slo.Definition) *outImpact {
	if d.Impact == (slo.ImpactTerms{}) {
		return nil
	}
	return &outImpact{PricePerFailedEvent: decimal(d.Impact.PricePerFailedEvent), Customer: d.Impact.Customer}
}

func windowOf(w slo.Window) any {
	c := w.Calendar
	if c == nil {
		return slo.FormatDuration(w.Rolling)
	}
	out := outWindow{Calendar: string(c.Unit)}
	if c.Count != 1 {
		out.Count = c.Count
	}
	if c.Zone != "UTC" {
		out.Timezone = c.Zone
	}
	natural, err := slo.NewCalendar(c.Unit, c.Count, c.Zone, time.Time{})
	if err != nil || !natural.Anchor.Equal(c.Anchor) {
		out.Start = c.Anchor.Format("2006-01-02 15:04")
	}
	return out
}

// groupByOf writes attributes of spans by their own names, not by those of their labels.
func groupByOf(d *slo.Definition) []string {
	if d.SLI.Spans != nil {
		return d.SLI.Spans.Attributes
	}
	return d.GroupBy
}

func sliOf(d *slo.Definition, names map[string]naming) outSLI {
	s := &d.SLI
	var out outSLI
	if p := s.Spans; p != nil {
		out.Spans = &outSpans{Service: otherwise(p.Service, d.Service, strings.Clone), Where: p.Where, Bad: p.Bad}
	}
	if e := s.Events; e != nil {
		out.Events = &outEvents{Bad: e.Bad.String(), Good: e.Good.String(), Total: e.Total.String()}
	}
	if l := s.Latency; l != nil {
		out.Latency = &outLatency{Histogram: l.Histogram.String(), Threshold: length(slo.FormatDuration(l.Threshold))}
	}
	if p := s.Samples; p != nil {
		out.Slices = &outSlices{Query: p.Query, Op: string(p.Op), Value: decimal(p.Value), Slice: length(slo.FormatDuration(p.Every))}
		if p.Selector != nil {
			out.Slices.Query = p.Selector.String()
		}
	}
	if r := s.Ratio; r != nil {
		out.Ratio = &outRatio{Query: r.Query, Slice: length(slo.FormatDuration(r.Slice))}
	}
	if c := s.Composite; c != nil {
		out.Composite = &outComposite{Method: string(c.Method)}
		for _, p := range partsNamed(c, names).Parts {
			part := outPart{SLO: p.SLO}
			if p.Weight != 1 && c.Method != slo.Worst {
				part.Weight = numeral(p.Weight)
			}
			out.Composite.Of = append(out.Composite.Of, part)
		}
	}
	return out
}

// budgetingOf leaves out what is the default of the SLI's kind.
func budgetingOf(d *slo.Definition) *outBudgeting {
	standard := slo.Budgeting{}
	if s := d.SLI.Samples; s != nil {
		standard = slo.Budgeting{Method: slo.Timeslices, Slice: s.Every, Target: 1}
	}
	b := d.Budgeting
	if b == standard {
		return nil
	}
	if !b.Sliced() {
		return &outBudgeting{Method: string(slo.Occurrences)}
	}
	out := &outBudgeting{Method: string(b.Method), Slice: length(slo.FormatDuration(b.Slice))}
	if b.Method == slo.Timeslices {
		out.Target = inPercent(b.Target)
	}
	return out
}

// policiesOf writes policies that are not the default ones, none as an empty list: by their share of the budget where
// the factor follows from it, and else by their factor.
func policiesOf(d *slo.Definition) *[]outPolicy {
	w := d.Window.Nominal()
	if standard, _ := slo.Resolve(nil, w, d.Budget()); slices.Equal(standard, d.Policies) {
		return nil
	}
	all := []outPolicy{}
	for _, p := range d.Policies {
		out := outPolicy{Severity: string(p.Severity), Long: length(slo.FormatDuration(p.Long)), Short: length(slo.FormatDuration(p.Short))}
		out.Budget = shareOf(p, w, d.Budget())
		if out.Budget == "" {
			out.Factor = numeral(p.Factor)
		}
		all = append(all, out)
	}
	return &all
}

// shareOf returns the share that gives just this policy again; "" where there is none.
func shareOf(p slo.Policy, w time.Duration, budget float64) string {
	text := inPercent(p.Share)
	if p.Share <= 0 || len(text) > 8 {
		return "" // a share that follows from a factor has many digits
	}
	byShare := p
	byShare.Factor = 0
	if got, _ := slo.Resolve([]slo.Policy{byShare}, w, budget); got[0] != p {
		return ""
	}
	return text
}
