package openslo

import (
	"fmt"
	"strings"

	"burnline/slo"
)

// readAlpha takes an SLO of openslo/v1alpha in.
func (r *reader) readAlpha(at place, d *document[alphaSLO]) {
	spec := at.at("spec")
	p := &r.promise
	*p = promise{at: at, meta: d.Metadata, service: d.Spec.Service, description: d.Spec.Description}
	p.method = r.method(spec.at("budgetingMethod"), d.Spec.BudgetingMethod)
	p.window = r.alphaWindows(spec.at("timeWindows"), d.Spec.TimeWindows)
	var shared *indicator
	if d.Spec.Indicator != nil {
		shared = &indicator{at: spec.at("indicator"), threshold: alphaSource(spec.at("indicator.thresholdMetric"), d.Spec.Indicator.ThresholdMetric)}
		if shared.threshold == nil {
			r.wrong(spec.at("indicator"), "it says nothing of what is measured", "write thresholdMetric: with source, queryType and query")
		}
		r.prometheus(shared.threshold)
	}
	if len(d.Spec.Objectives) == 0 {
		r.wrong(spec.at("objectives"), "the SLO promises nothing", "write objectives: with a target")
	}
	for i, o := range d.Spec.Objectives {
		item := spec.item("objectives", i)
		ind := shared
		switch {
		case o.RatioMetrics != nil && shared != nil:
			r.wrong(item.at("ratioMetrics"), "the SLO has a threshold metric already", "keep one of the two")
		case o.RatioMetrics != nil:
			ind = r.alphaRatio(item.at("ratioMetrics"), *o.RatioMetrics)
		case shared == nil:
			r.wrong(item, "nothing says what is measured", "write ratioMetrics: with good and total, or indicator: for the SLO")
		}
		p.goals = append(p.goals, r.alphaGoal(item, o, ind))
	}
}

// alphaGoal reads an objective. Its slices last a minute, for the version has no word for it.
func (r *reader) alphaGoal(at place, o alphaObjective, ind *indicator) goal {
	g := goal{at: at, name: o.DisplayName, op: o.Op, value: o.Value, indicator: ind, weight: 1}
	if ind != nil && ind.ratio {
		g.value = nil // v1alpha asks for one, though it means nothing
	}
	g.objective = r.target(at, o.Target, nil)
	if r.sliced() {
		g.slice, g.target = defaultSlice, r.sliceTarget(at.at("timeSliceTarget"), o.TimeSliceTarget)
	} else if o.TimeSliceTarget != nil {
		r.warn(at.at("timeSliceTarget"), "time slices have no meaning where every event weighs the same", "remove it, or write budgetingMethod: Timeslices")
	}
	return g
}

func (r *reader) alphaRatio(at place, m alphaRatio) *indicator {
	ind := &indicator{at: at, ratio: true, counter: m.Incremental}
	ind.good, ind.bad, ind.total = alphaSource(at.at("good"), m.Good), alphaSource(at.at("bad"), m.Bad), alphaSource(at.at("total"), m.Total)
	r.parts(at, ind)
	for _, s := range []*source{ind.good, ind.bad, ind.total} {
		r.prometheus(s)
	}
	return ind
}

func alphaSource(at place, m *alphaMetric) *source {
	if m == nil {
		return nil
	}
	return &source{at: at, query: at.at("query"), text: strings.TrimSpace(m.Query), kind: m.Source, kindP: at.at("source")}
}

// alphaUnit returns the shorthand of a unit of time windows.
func alphaUnit(unit string) (byte, bool) {
	switch strings.TrimSuffix(unit, "s") {
	case "Hour":
		return 'h', true
	case "Day":
		return 'd', true
	case "Week":
		return 'w', true
	case "Month":
		return 'M', true
	case "Quarter":
		return 'Q', true
	case "Year":
		return 'Y', true
	}
	return 0, false
}

// alphaWindows reads timeWindows, a list of one.
func (r *reader) alphaWindows(at place, in []alphaWindow) slo.Window {
	if len(in) == 0 || r.unread(at) {
		return r.windows(at, nil)
	}
	if len(in) > 1 {
		r.wrong(at, "an SLO has one time window", "write one SLO for each")
	}
	w, item := in[0], at.at("[0]")
	unit, ok := alphaUnit(w.Unit)
	switch {
	case !ok:
		r.wrong(item.at("unit"), fmt.Sprintf("%q is no unit of time windows", w.Unit), "write Day, Week, Month, Quarter or Year")
		return slo.Window{Rolling: defaultWindow}
	case w.Count < 1 || int64(w.Count) > int64(longest/length(unit)):
		r.wrong(item.at("count"), fmt.Sprintf("%d is no number of units", w.Count), "write at least 1")
		return slo.Window{Rolling: defaultWindow}
	}
	return r.window(item, item.at("unit"), timeWindow{Duration: shorthand{w.Count, unit}, IsRolling: w.IsRolling, Calendar: w.Calendar})
}
