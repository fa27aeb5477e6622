package runner

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"burnline/slo"
)

// evaluate evaluates one group and tells the router what fires now.
func (r *Runner) evaluate(ctx context.Context, g *rules.Group, at time.Time) {
	rules.DefaultEvalIterationFunc(ctx, g, at)
	if ctx.Err() == nil {
		r.tell(ctx, g)
	}
}

// tell tells the router what fires in the group (nil: none was evaluated), and what
// has ended. It compares states rather than passing events on: whatever was lost on the
// way is told by the next evaluation, and what is told twice changes nothing.
func (r *Runner) tell(ctx context.Context, g *rules.Group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.opt.Now()
	active := r.active(g)
	if g != nil {
		r.note(g)
	}
	var news []slo.Alert
	unproved := r.unproved()
	var gone []string
	for print, t := range r.told {
		if !t.stored {
			news = append(news, t.alert) // also when it has ended: nobody was told yet
		}
		// A rule that fails proves nothing, and neither does one that is not evaluated yet: it
		// may raise what another one raised before.
		if !active[print] && !unproved[t.alert.Labels.Get(labels.AlertName)] {
			ended := t.alert
			ended.EndsAt = now
			news, gone = append(news, ended), append(gone, print)
		}
	}
	err := r.opt.Router.Alerts(ctx, news)
	if err == nil {
		for _, print := range gone {
			delete(r.told, print)
		}
		for print, t := range r.told {
			t.stored = true
			r.told[print] = t
		}
		if now.Sub(r.started) >= r.opt.Settle {
			err = r.opt.Router.EndAbsent(ctx, Origin, func(ls slo.Labels) bool {
				return active[ls.String()] || unproved[ls.Get(labels.AlertName)]
			})
		}
	}
	if err != nil && ctx.Err() == nil {
		r.failures.Inc()
		r.opt.Logger.Error("alerts of rules could not be stored; the next evaluation tells them again", "error", err)
	}
}

// active returns what fires or waits to fire, in all groups in force and in this one.
func (r *Runner) active(g *rules.Group) map[string]bool {
	active := map[string]bool{}
	for _, group := range append(slices.Clip(r.Groups()), g) {
		if group == nil {
			continue
		}
		for _, rule := range group.AlertingRules() {
			if rule.Health() == rules.HealthGood {
				r.proved[rule] = true
			}
			for _, a := range rule.ActiveAlerts() {
				active[fromLabels(a.Labels).String()] = true
			}
		}
	}
	return active
}

// note notes what fires in the group. An alert is told until the router has stored it,
// and once more at every evaluation, since the router may not know it any more.
func (r *Runner) note(g *rules.Group) {
	for _, rule := range g.AlertingRules() {
		for _, a := range rule.ActiveAlerts() {
			if a.State == rules.StateFiring {
				alert := slo.Alert{Origin: Origin, Labels: fromLabels(a.Labels), Annotations: a.Annotations.Map(), StartsAt: a.FiredAt}
				r.told[alert.Labels.String()] = told{alert: alert}
			}
		}
	}
}

// unproved are the names of alerts of which a rule in force was never evaluated without an error, or
// fails now: one that raises more alerts than its group's limit gives all of them up.
func (r *Runner) unproved() map[string]bool {
	names := map[string]bool{}
	for _, g := range r.Groups() {
		for _, rule := range g.AlertingRules() {
			if !r.proved[rule] || rule.Health() == rules.HealthBad {
				names[rule.Name()] = true
			}
		}
	}
	return names
}
