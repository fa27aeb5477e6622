package openslo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"burnline/slo"
	"burnline/slo/spec/foreign"
	"burnline/slo/spec/promql"
)

// reader turns one SLO into definitions and gathers what is wrong.
type reader struct {
	report
	objects *objects
	promise promise
	noData  slo.NoData // as the alert policies say
	texts   []place    // those that have no place in a definition
}

func (r *reader) refused(at place, err error) {
	message, instead := foreign.Words(err)
	r.wrong(at, message, instead)
}

// definitions reads an SLO: one definition for each objective, and one for all of
// them together where each has an indicator of its own. With an error there is none.
func (r *reader) definitions(p promised) []slo.Definition {
	at := place{doc: p.doc}
	r.noData = slo.NoDataAuto
	r.decoded(p.doc, p.findings)
	if p.v1 != nil {
		r.readV1(at, p.v1)
	} else {
		r.readAlpha(at, p.alpha)
	}
	common := r.common()
	r.left()
	names := slugs(r.promise.goals)
	var defs []slo.Definition
	for i, g := range r.promise.goals {
		d := common
		d.Labels, d.Annotations = maps.Clone(common.Labels), maps.Clone(common.Annotations)
		if len(names) > 1 {
			d.ID += "/" + names[i]
		}
		d.Objective = g.objective
		d.SLI, d.GroupBy = r.measured(g)
		d.Budgeting = r.budgeting(g, &d)
		defs = append(defs, d)
	}
	if r.failed() {
		return nil
	}
	budgets := map[float64][]slo.Policy{} // objectives with one target have the same policies
	for i := range defs {
		if budgets[defs[i].Objective] == nil {
			budgets[defs[i].Objective] = r.policies(&defs[i])
		}
		defs[i].Policies = slices.Clone(budgets[defs[i].Objective])
		defs[i].NoData = r.noData
	}
	defs = append(r.together(common, defs), defs...)
	if r.failed() {
		return nil
	}
	return defs
}

// common is what all objectives share.
func (r *reader) common() slo.Definition {
	p := &r.promise
	r.name(p.at.at("metadata.name"), p.meta.Name, "checkout-availability")
	r.name(p.at.at("spec.service"), p.service, "checkout")
	d := slo.Definition{
		ID:   p.service + "/" + p.meta.Name,
		Name: p.meta.Name, Service: p.service, Description: strings.TrimSpace(p.description),
		Window: p.window, NoData: slo.NoDataAuto, ResolveAfter: foreign.DefaultResolveAfter, MinBad: foreign.DefaultMinBad,
		Dialect: slo.OpenSLO,
		Source:  slo.Source{File: p.at.doc.File(), Line: p.at.doc.Line()},
	}
	switch {
	case d.Description == "":
		d.Description = strings.TrimSpace(p.meta.DisplayName)
	case p.meta.DisplayName != "" && p.meta.DisplayName != d.Description:
		r.texts = append(r.texts, p.at.at("metadata.displayName"))
	}
	r.labels(p.at.at("metadata.labels"), p.meta.Labels, &d)
	r.lend(p.at.doc, func(f *foreign.Report) { f.Annotations("metadata.annotations", p.meta.Annotations, &d) })
	if obj := r.objects.find(kindService, p.service); obj != nil && d.Team == "" {
		if teams := obj.meta.Labels["team"]; len(teams) > 0 {
			d.Team = teams[0]
		}
	}
	if len(p.goals) == 1 && p.goals[0].name != "" {
		r.texts = append(r.texts, p.goals[0].at.at("displayName"))
	}
	return d
}

// budgeting says how events spend the objective's budget. A ratio by PromQL is asked once per
// slice; where only the slice's being good counts, the query says that itself.
func (r *reader) budgeting(g goal, d *slo.Definition) slo.Budgeting {
	switch {
	case !r.sliced():
		return slo.Budgeting{}
	case d.SLI.Ratio == nil:
		return slo.Budgeting{Method: r.promise.method, Slice: g.slice, Target: g.target}
	case r.promise.method == slo.Timeslices:
		d.SLI.Ratio.Query = fmt.Sprintf("((%s) >= 0) > bool %s", closed(d.SLI.Ratio.Query), number(remaining(g.target)))
		if err := promql.Valid(d.SLI.Ratio.Query); err != nil {
			r.wrong(g.indicator.at, "the ratio can't be compared with timeSliceTarget: "+err.Error(), "write a query that gives series, or budgetingMethod: RatioTimeslices")
		}
	}
	return slo.Budgeting{}
}

// together is the SLO of all objectives that have indicators of their own, where they have one
// target. OpenSLO lets it burn as fast as the part that burns, and weights let a part
// count more; that is the worst part, and the weighted mean where weights differ.
func (r *reader) together(common slo.Definition, parts []slo.Definition) []slo.Definition {
	p := &r.promise
	at := p.at.at("spec.objectives")
	if !p.composite || len(parts) < 2 {
		return nil
	}
	composite := &slo.CompositeSLI{Method: slo.Worst}
	for i, part := range parts {
		if part.Objective != parts[0].Objective {
			r.warn(at, fmt.Sprintf("its objectives have the targets %g%% and %g%%, so there is none for all of them together: each is an SLO of its own",
				parts[0].Objective, part.Objective), "write the same target for each, or a composite in the native form (docs/slos.md)")
			return nil
		}
		if p.goals[i].weight != p.goals[0].weight {
			composite.Method = slo.Weighted
		}
		composite.Parts = append(composite.Parts, slo.CompositePart{SLO: part.ID, Weight: p.goals[i].weight})
	}
	d := common
	d.Objective = parts[0].Objective
	d.SLI = slo.SLI{Composite: composite}
	if composite.Method == slo.Worst {
		for i := range composite.Parts {
			composite.Parts[i].Weight = 1
		}
	}
	how := "it burns as fast as the worst of them"
	if composite.Method == slo.Weighted {
		how = "it burns at the weighted mean of their burn rates, not at the sum that OpenSLO describes"
	}
	r.warn(at, fmt.Sprintf("each objective is an SLO of its own, and %s is all %d together: %s; its pages are tickets, since each part pages by itself",
		d.ID, len(parts), how), "write a composite in the native form to decide it yourself (docs/slos.md)")
	d.NoData, d.Policies = r.noData, slices.Clone(parts[0].Policies)
	for i := range d.Policies {
		d.Policies[i].Severity = slo.Ticket
	}
	return []slo.Definition{d}
}
