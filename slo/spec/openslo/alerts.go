package openslo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// wakes reports whether a severity's word wakes somebody; every other one is a ticket.
func wakes(word string) bool {
	return slices.Contains([]string{"page", "pager", "critical", "high", "urgent", "emergency", "sev1", "sev-1", "p1"}, strings.ToLower(strings.TrimSpace(word)))
}

// shortestDefault is the shortest SLO window for which default policies make sense: samples
// come every few seconds at best.
const shortestDefault = 12 * time.Hour

// policies turns alert policies into burn-rate policies, most urgent first; the default ones where
// there are none.
func (r *reader) policies(d *slo.Definition) []slo.Policy {
	at := r.promise.at.at("spec.alertPolicies")
	var written []slo.Policy
	for i, p := range r.promise.policies {
		if policy, ok := r.policy(d, at.at(fmt.Sprintf("[%d]", i)), p); ok {
			written = append(written, policy)
		}
	}
	if len(written) > 0 || r.failed() {
		slices.SortStableFunc(written, func(a, b slo.Policy) int { return strings.Compare(string(a.Severity), string(b.Severity)) })
		return written
	}
	why := "without alert policies"
	if len(r.promise.policies) > 0 {
		why = "without an alert policy that can be carried over"
	} else if r.promise.at.has("spec.alertPolicies") {
		why = "alertPolicies is empty, so"
	}
	instead := "write alertPolicies with burnrate conditions to decide it yourself"
	if r.promise.at.doc.Text("apiVersion") == v1alpha {
		at, instead = r.promise.at.at("apiVersion"), "write it as openslo/v1 with alertPolicies to decide it yourself"
	}
	say := r.note
	if r.promise.at.has("spec.alertPolicies") {
		say = r.warn // somebody began to write one
	}
	say(at, why+" the default ones hold: page at 2% of the budget in 1h and 5% in 6h, ticket at 10% in 1d and 3d (shorter for a window below 28d)", instead)
	w := d.Window.Nominal()
	if w < shortestDefault {
		r.wrong(at, fmt.Sprintf("a window of %s is too short for the default policies", slo.FormatDuration(w)), instead)
		return nil
	}
	return r.resolved(d, place{at.doc, at.path}, nil)
}

// resolved completes policies and places what is said of them.
func (r *reader) resolved(d *slo.Definition, at place, in []slo.Policy) []slo.Policy {
	resolved, findings := slo.Resolve(in, d.Window.Nominal(), d.Budget())
	for _, f := range findings {
		r.warn(at, f.Message, "") // other tools take it as it is
	}
	return resolved
}

// policy reads an alert policy, inline or referred to; false where it leads to no policy.
func (r *reader) policy(d *slo.Definition, at place, in alertPolicy) (slo.Policy, bool) {
	spec, where := in.Spec, at.at("spec")
	switch {
	case in.AlertPolicyRef != "" && spec != nil:
		r.wrong(at, "both alertPolicyRef and a spec are given", "keep one of them")
		return slo.Policy{}, false
	case in.AlertPolicyRef != "":
		obj := r.object(at.at("alertPolicyRef"), kindPolicy, in.AlertPolicyRef)
		if obj == nil {
			return slo.Policy{}, false
		}
		spec, where = &obj.policy, place{obj.doc, "spec"}
	case spec == nil:
		r.wrong(at, "the alert policy is empty", "write alertPolicyRef: and a name, or remove the item")
		return slo.Policy{}, false
	}
	r.triggers(where, spec)
	r.targets(where, spec.NotificationTargets)
	if len(spec.Conditions) != 1 {
		r.wrong(where.at("conditions"), fmt.Sprintf("an alert policy has one condition, here %d", len(spec.Conditions)), "write one policy for each condition")
		return slo.Policy{}, false
	}
	policy, ok := r.condition(d, where.at("conditions[0]"), spec.Conditions[0])
	if spec.AlertWhenNoData != nil && *spec.AlertWhenNoData && (r.noData == slo.NoDataAuto || policy.Severity == slo.Page) {
		r.noData = slo.NoData(policy.Severity)
	}
	if spec.AlertWhenBreaching != nil && !*spec.AlertWhenBreaching || spec.AlertWhenBreaching == nil && (spec.AlertWhenNoData != nil || spec.AlertWhenResolved != nil) {
		r.warn(where.at("alertWhenBreaching"), "the policy does not tell of a breach, so it leads to no burn-rate policy", "write alertWhenBreaching: true")
		return slo.Policy{}, false
	}
	return policy, ok
}

// object finds what a reference means, or reports that it is not there.
func (r *reader) object(at place, kind, name string) *object {
	obj := r.objects.find(kind, name)
	switch {
	case obj == nil:
		r.wrong(at, fmt.Sprintf("no %s named %s is in the files", kind, name), among(r.objects.names(kind), "add the file that holds it"))
	case obj.broken:
		r.wrong(at, fmt.Sprintf("the %s %s has errors, at %s:%d", kind, name, obj.doc.File(), obj.doc.Line()), "")
		return nil
	}
	return obj
}

// triggers reports what a policy does not want to tell of, and Burnline does.
func (r *reader) triggers(at place, spec *alertPolicySpec) {
	if spec.AlertWhenNoData != nil && !*spec.AlertWhenNoData {
		r.warn(at.at("alertWhenNoData"), "Burnline tells of lost data all the same", "write no_data: ignore in the native form")
	}
	if spec.AlertWhenResolved != nil && !*spec.AlertWhenResolved {
		r.warn(at.at("alertWhenResolved"), "Burnline tells of recovery all the same", "remove it; receivers close their incidents by it")
	}
}

// targets reports that receivers are chosen elsewhere.
func (r *reader) targets(at place, targets []notificationTarget) {
	var names []string
	for _, t := range targets {
		switch {
		case t.TargetRef != "":
			names = append(names, t.TargetRef)
		case t.Metadata.Name != "":
			names = append(names, t.Metadata.Name)
		}
	}
	if len(names) > 0 {
		r.warn(at.at("notificationTargets"), fmt.Sprintf("who is told is not read from %s", strings.Join(names, " and ")),
			"write routes and receivers in burnline.yaml (docs/paging.md)")
	}
}

// condition reads an alert condition, inline or referred to.
func (r *reader) condition(d *slo.Definition, at place, in alertCondition) (slo.Policy, bool) {
	spec, where := in.Spec, at.at("spec")
	switch {
	case in.ConditionRef != "" && spec != nil:
		r.wrong(at, "both conditionRef and a spec are given", "keep one of them")
		return slo.Policy{}, false
	case in.ConditionRef != "":
		obj := r.object(at.at("conditionRef"), kindCondition, in.ConditionRef)
		if obj == nil {
			return slo.Policy{}, false
		}
		spec, where = &obj.condition, place{obj.doc, "spec"}
	case spec == nil:
		r.wrong(at, "the condition is empty", "write conditionRef: and a name, or a spec")
		return slo.Policy{}, false
	}
	return r.burnrate(d, where, spec)
}

// burnrate turns a condition into a policy.
func (r *reader) burnrate(d *slo.Definition, at place, spec *conditionSpec) (slo.Policy, bool) {
	c, where := spec.Condition, at.at("condition")
	p := slo.Policy{Severity: r.severity(at.at("severity"), spec.Severity), Long: c.LookbackWindow.length()}
	window := d.Window.Nominal()
	if c.Kind != "" && c.Kind != "burnrate" {
		r.wrong(where.at("kind"), fmt.Sprintf("%q is no kind of condition", c.Kind), "write burnrate")
	}
	switch c.Op {
	case "gt", "gte":
	case "lt", "lte":
		r.warn(where.at("op"), fmt.Sprintf("%s would alert while the burn rate is low; it is read as gt, above", c.Op), "write op: gt")
	case "":
		r.wrong(where, "op is missing", "write op: gt; the policy fires when the burn rate is above the threshold")
	default:
		r.wrong(where.at("op"), fmt.Sprintf("%q is no comparison", c.Op), "write gt or gte")
	}
	switch {
	case c.Threshold == nil:
		r.wrong(where.at("threshold"), "it is missing", "write a burn rate, such as 14.4")
	case !(*c.Threshold > 0) || *c.Threshold > 1e9:
		r.wrong(where.at("threshold"), fmt.Sprintf("%s is no burn rate", number(*c.Threshold)), "write one of at least 1, such as 14.4")
	default:
		p.Factor = *c.Threshold
	}
	switch {
	case p.Long == 0:
		r.wrong(where.at("lookbackWindow"), "it is missing", "write one such as 1h")
	case p.Long > window:
		r.wrong(where.at("lookbackWindow"), fmt.Sprintf("%s is longer than the SLO's window of %s", c.LookbackWindow, slo.FormatDuration(window)), "write a shorter one")
	}
	if r.unread(where) || p.Long == 0 || p.Factor == 0 {
		return slo.Policy{}, false
	}
	p.Short = max(time.Second, (p.Long / 12).Round(time.Second))
	fires := fmt.Sprintf("the policy fires when the burn rate is too high over %s and still over the last %s", slo.FormatDuration(p.Long), slo.FormatDuration(p.Short))
	if after := c.AlertAfter.length(); after > 0 {
		r.warn(where.at("alertAfter"), "nothing is waited for: "+fires, "remove it, or write your own policies in the native form (docs/slos.md)")
	} else {
		r.note(where.at("lookbackWindow"), fires+", so that it ends soon after the burn", "write your own policies in the native form to decide it yourself (docs/slos.md)")
	}
	return r.resolved(d, where.at("threshold"), []slo.Policy{p})[0], true
}

// severity reads a severity, of which every organisation has its own words.
func (r *reader) severity(at place, word string) slo.Severity {
	severity := slo.Ticket
	if wakes(word) {
		severity = slo.Page
	}
	switch {
	case word == "":
		r.wrong(at, "it is missing", "write page, which wakes somebody, or ticket")
	case word != string(severity):
		r.warn(at, fmt.Sprintf("%q is taken as %s", word, severity), "write page, which wakes somebody, or ticket")
	}
	return severity
}
