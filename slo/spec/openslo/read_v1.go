package openslo

import (
	"fmt"
	"slices"
	"strings"

	"burnline/slo"
)

// readV1 takes an SLO of openslo/v1 in.
func (r *reader) readV1(at place, d *document[sloSpec]) {
	spec := at.at("spec")
	p := &r.promise
	*p = promise{at: at, meta: d.Metadata, service: d.Spec.Service, description: d.Spec.Description, policies: d.Spec.AlertPolicies}
	p.method = r.method(spec.at("budgetingMethod"), d.Spec.BudgetingMethod)
	p.window = r.windows(spec.at("timeWindow"), d.Spec.TimeWindow)
	var shared *indicator
	for i, o := range d.Spec.Objectives {
		p.composite = p.composite || o.Indicator != nil || o.IndicatorRef != "" || r.unread(spec.item("objectives", i).at("indicator"))
	}
	own := d.Spec.Indicator != nil || d.Spec.IndicatorRef != "" || r.unread(spec.at("indicator"))
	switch {
	case own && p.composite:
		r.wrong(spec, "the SLO and its objectives both have an indicator", "write it once for the SLO, or one for each objective")
		p.composite = false
	case !own && !p.composite:
		r.wrong(spec, "no indicator says what is measured", "write indicator: with a spec, or indicatorRef: and the name of an SLI")
	case own:
		shared = r.indicator(spec, d.Spec.Indicator, d.Spec.IndicatorRef)
	}
	if len(d.Spec.Objectives) == 0 {
		r.wrong(spec.at("objectives"), "the SLO promises nothing", "write objectives: with a target")
	}
	for i, o := range d.Spec.Objectives {
		ind := shared
		if p.composite {
			ind = r.indicator(spec.item("objectives", i), o.Indicator, o.IndicatorRef)
		}
		p.goals = append(p.goals, r.goal(spec.item("objectives", i), o, ind))
	}
}

// method reads the budgeting method.
func (r *reader) method(at place, name string) slo.BudgetingMethod {
	switch name {
	case "Occurrences":
		return slo.Occurrences
	case "Timeslices":
		return slo.Timeslices
	case "RatioTimeslices":
		return slo.RatioTimeslices
	case "":
		r.warn(at, "it is missing, so every event weighs the same", "write Occurrences, Timeslices or RatioTimeslices")
	default:
		r.wrong(at, fmt.Sprintf("%q is no budgeting method", name), "write Occurrences, Timeslices or RatioTimeslices")
	}
	return slo.Occurrences
}

// indicator reads an SLI that stands within an SLO or is referred to; nil where
// there is none.
func (r *reader) indicator(at place, inline *inlineSLI, ref string) *indicator {
	switch {
	case inline != nil && ref != "":
		r.wrong(at, "both indicator and indicatorRef are given", "keep one of them")
		return nil
	case inline != nil:
		r.lost(at.at("indicator"), inline.Metadata, inline.Spec.Description)
		return r.sli(at.at("indicator.spec"), inline.Spec)
	case ref == "":
		r.wrong(at, "the objective has no indicator, though others have one of their own", "write indicatorRef: and the name of an SLI")
		return nil
	}
	obj := r.objects.find(kindSLI, ref)
	if obj == nil {
		r.wrong(at.at("indicatorRef"), fmt.Sprintf("no SLI named %s is in the files", ref), among(r.objects.names(kindSLI), "add the file that holds it"))
		return nil
	}
	if obj.broken {
		r.wrong(at.at("indicatorRef"), fmt.Sprintf("the SLI %s has errors, at %s:%d", ref, obj.doc.File(), obj.doc.Line()), "")
		return nil
	}
	r.lost(place{doc: obj.doc}, obj.meta, obj.sli.Description)
	return r.sli(place{obj.doc, "spec"}, obj.sli)
}

// among offers the names there are.
func among(names []string, otherwise string) string {
	if len(names) == 0 || len(names) > 8 {
		return otherwise
	}
	return "there are " + strings.Join(names, ", ") + "; or " + otherwise
}

// lost notes the texts of an SLI that have no place in an SLO.
func (r *reader) lost(at place, meta metadata, description string) {
	for _, part := range []struct {
		path  string
		given bool
	}{
		{"metadata.displayName", meta.DisplayName != ""},
		{"metadata.labels", len(meta.Labels) > 0},
		{"metadata.annotations", len(meta.Annotations) > 0},
		{"spec.description", description != ""},
	} {
		if part.given {
			r.texts = append(r.texts, at.at(part.path))
		}
	}
}

// left reports, once for each document, the texts that have no place in an SLO.
func (r *reader) left() {
	for len(r.texts) > 0 {
		first := r.texts[0]
		var paths []string
		r.texts = slices.DeleteFunc(r.texts, func(p place) bool {
			if p.doc == first.doc {
				paths = append(paths, p.path)
			}
			return p.doc == first.doc
		})
		r.warn(first, "an SLO of Burnline has one text, its description; left out: "+strings.Join(paths, ", "),
			"write what people should read into spec.description of the SLO")
	}
}

// sli reads a spec of an SLI.
func (r *reader) sli(at place, spec sliSpec) *indicator {
	ind := &indicator{at: at}
	m := spec.RatioMetric
	switch {
	case spec.ThresholdMetric != nil && m != nil:
		r.wrong(at, "both thresholdMetric and ratioMetric are given", "keep one of them")
	case spec.ThresholdMetric == nil && m == nil:
		r.wrong(at, "it says nothing of what is measured", "write thresholdMetric or ratioMetric")
	case m == nil:
		ind.threshold = newSource(at.at("thresholdMetric"), spec.ThresholdMetric)
	default:
		ratio := at.at("ratioMetric")
		ind.ratio, ind.counter, ind.rawType = true, m.Counter, m.RawType
		ind.good, ind.bad = newSource(ratio.at("good"), m.Good), newSource(ratio.at("bad"), m.Bad)
		ind.total, ind.raw = newSource(ratio.at("total"), m.Total), newSource(ratio.at("raw"), m.Raw)
		r.parts(ratio, ind)
	}
	for _, s := range []*source{ind.threshold, ind.good, ind.bad, ind.total, ind.raw} {
		r.prometheus(s)
	}
	return ind
}

// parts checks which queries of a ratio are given.
func (r *reader) parts(at place, ind *indicator) {
	switch {
	case ind.raw != nil && (ind.good != nil || ind.bad != nil || ind.total != nil):
		r.wrong(at, "raw is a whole ratio, and so are the other queries", "keep raw, or good or bad with total")
	case ind.raw != nil && ind.rawType != "success" && ind.rawType != "failure":
		r.wrong(at.at("rawType"), fmt.Sprintf("%q does not say whether the ratio is of good or of bad events", ind.rawType), "write success or failure")
	case ind.raw != nil:
	case ind.good != nil && ind.bad != nil:
		r.wrong(at.at("bad"), "both good and bad are given", "keep one; the other follows from the total")
	case ind.good == nil && ind.bad == nil:
		r.wrong(at, "neither good nor bad is given", "write one of them beside total")
	case ind.total == nil:
		r.wrong(at, "total is missing", "write the query of all events")
	}
	if ind.raw == nil && ind.rawType != "" {
		r.warn(at.at("rawType"), "without raw it says nothing", "remove it")
	}
}

func newSource(at place, m *metric) *source {
	if m == nil {
		return nil
	}
	source := &source{at: at, text: strings.TrimSpace(m.MetricSource.Spec.query), kind: m.MetricSource.Type, ref: m.MetricSource.MetricSourceRef,
		kindP: at.at("metricSource.type"), query: at.at("metricSource.spec.query"), other: m.MetricSource.Spec.other}
	if m.MetricSource.Spec.key != "" {
		source.query = at.at("metricSource.spec." + m.MetricSource.Spec.key)
	}
	return source
}
