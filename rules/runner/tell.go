package runner

import (
	"context"
	"slices"
	"time"

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
	everything := r.everythingProved()
	var gone []string
	for print, t := range r.told {
		if !t.stored {
			news = append(news, t.alert) // also when it has ended: nobody was told yet
		}
		// A rule that fails keeps its alerts active; a group that is not evaluated
		// yet proves nothing of those that another one raised.
		if !active[print] && (everything || g != nil && t.group == groupKey(g)) {
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
		if everything && now.Sub(r.started) >= r.opt.Settle {
			err = r.opt.Router.EndAbsent(ctx, Origin, func(labels slo.Labels) bool { return active[labels.String()] })
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
				r.told[alert.Labels.String()] = told{alert: alert, group: groupKey(g)}
			}
		}
	}
}

// everythingProved reports whether every rule in force was evaluated without an error.
func (r *Runner) everythingProved() bool {
	for _, g := range r.Groups() {
		for _, rule := range g.AlertingRules() {
			if !r.proved[rule] {
				return false
			}
		}
	}
	return true
}

func groupKey(g *rules.Group) string { return rules.GroupKey(g.File(), g.Name()) }
