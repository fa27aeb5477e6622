package alerting

import (
	"context"
	"slices"
	"time"

	"burnline/slo"
)

const (
	// gathering is how long Run waits at least for further changes before it judges all open
	// incidents again: a storm of them costs one look, and all looks a tenth of the time.
	gathering = 50 * time.Millisecond
	// settling is how often in a row incidents are judged again because of what was just
	// decided of others. Decisions rest on dependencies, which have no circles, so
	// that few rounds settle everything.
	settling = 10
)

// Run judges the open incidents again when a silence, a time interval, a source of
// inhibition, a page of a dependency or a hold begins or ends, and follows
// what other nodes changed, until ctx ends. What is still true when it is no longer
// kept back is told then.
func (r *Router) Run(ctx context.Context) error {
	away := false
	for {
		began := r.now()
		err := r.review(ctx)
		took := r.now().Sub(began)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil && !away:
			r.logger.Error("open incidents can't be judged again; it is tried on", "error", err)
		case err == nil && away:
			r.logger.Info("open incidents are judged again")
		}
		away = err != nil
		if !r.await(ctx, min(max(gathering, 9*took), r.poll)) {
			return nil
		}
	}
}

// await waits until incidents are to be judged again, and for further changes; false when
// ctx ends.
func (r *Router) await(ctx context.Context, further time.Duration) bool {
	now := r.now()
	wait := r.poll
	for _, next := range []time.Time{r.due(now), r.world.nextDue(now)} {
		if !next.IsZero() {
			wait = min(wait, max(next.Sub(now), time.Millisecond))
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	case <-r.changed:
	}
	timer.Reset(further)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	select {
	case <-r.changed:
	default:
	}
	return true
}

// due returns the next moment at which a decision may change by itself. Time
// intervals begin and end with a minute.
func (r *Router) due(now time.Time) time.Time {
	next := r.world.next(now)
	r.changing.RLock()
	timed := len(r.config.Intervals) > 0
	r.changing.RUnlock()
	if minute := now.Truncate(time.Minute).Add(time.Minute); timed && (next.IsZero() || minute.Before(next)) {
		return minute
	}
	return next
}

// review judges every open incident by what is remembered, and revises those whose
// fate is another one now.
func (r *Router) review(ctx context.Context) error {
	stale, err := r.stale(ctx)
	if err == nil && stale {
		_, err = r.reviseAll(ctx, false)
		r.rejudgeAlerts() // what the other node heard may keep others quiet, or no longer
	}
	if err != nil {
		return err
	}
	if err := r.fallBack(ctx); err != nil {
		return err
	}
	for range settling {
		keys, seen := r.outdated()
		if len(keys) == 0 {
			break
		}
		if _, err := r.revise(ctx, Revision{Keys: keys}, circumstances{burns: seen}); err != nil {
			return err
		}
	}
	return nil
}

// stale reports whether the store holds other open incidents than are remembered:
// another node opened or closed some. What this one is just committing stands in
// the store a moment before it is remembered, so a difference is looked at
// again while nobody commits.
func (r *Router) stale(ctx context.Context) (bool, error) {
	mark, err := r.store.OpenMark(ctx)
	if err != nil || mark == r.world.mark() {
		return false, err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	mark, err = r.store.OpenMark(ctx)
	return mark != r.world.mark(), err
}

// outdated returns the incidents whose decisions are not those that would be made
// now, and the burn rates that those rest on.
func (r *Router) outdated() ([]string, map[string]float64) {
	r.changing.RLock()
	defer r.changing.RUnlock()
	v := r.view()
	var keys []string
	burns := map[string]float64{}
	for _, k := range r.world.all() {
		if !k.due.IsZero() && !k.due.After(v.now) {
			keys = append(keys, k.incident.Key)
			burns[k.incident.Key] = r.burnOf(k.incident)
			continue
		}
		if outside(k.incident) || backlogged(k.incident) {
			continue // alerts are judged one by one, see RunAlerts
		}
		p := passage{t: slo.Transition{Kind: revised, Incident: k.incident}, labels: k.labels,
			have: Existing{Decisions: k.decisions, Newest: Message{Explains: k.explains}}}
		p.burn = r.burnOf(k.incident)
		burns[k.incident.Key] = p.burn
		p = decide(v, p)
		if len(changed(p.decisions(), k.decisions)) > 0 || p.tellsMore() {
			keys = append(keys, k.incident.Key)
		}
	}
	return keys, burns
}

// burnOf is the burn rate of an incident's SLO now, where a silence's ceiling is to
// be compared with it.
func (r *Router) burnOf(in slo.Incident) float64 {
	if in.Severity != slo.Page || outside(in) || !r.world.ceilings() {
		return 0
	}
	return highestBurn(r.statuses(in.SLO)...)
}

// reviseAll takes over what the store holds as a whole and judges it.
func (r *Router) reviseAll(ctx context.Context, requeue bool) (int, error) {
	done, err := r.revise(ctx, Revision{Requeue: requeue}, circumstances{})
	return done.rows, err
}

// circumstances are why incidents are judged again.
type circumstances struct {
	// burns are burn rates that are known already, by the incident's key.
	burns map[string]float64
	// ack is what a person did; nil where nobody did anything.
	ack *Acknowledgement
	// grown is what there is to tell of incidents whose impact grew, by key.
	grown map[string]Message
}

// revision is what came of a second look: how many incidents were open, and how many rows were
// written or brought back.
type revision struct{ incidents, rows int }

// sourcesAtOnce is how many alerts are read at once.
const sourcesAtOnce = 1000

// recallSources takes note of the outside alerts that fire and that a rule of
// inhibition names as its source. Before it is known which do, nothing may be told that
// they keep quiet: a start, or a new rule, is no reason to.
func (r *Router) recallSources(ctx context.Context) error {
	r.changing.RLock()
	defer r.changing.RUnlock()
	if r.alertStore == nil || len(r.config.Inhibit) == 0 {
		return nil
	}
	for after := int64(0); ; {
		some, err := r.alertStore.FiringAlerts(ctx, "", after, sourcesAtOnce)
		if err != nil {
			return err
		}
		for _, a := range some {
			r.source(a.Print, a.Labels)
			after = a.ID
		}
		if len(some) < sourcesAtOnce {
			return nil
		}
	}
}

// revise judges open incidents within the store's transaction, by the rows that exist
// there, and writes what follows. A revision without keys takes over all.
func (r *Router) revise(ctx context.Context, what Revision, why circumstances) (revision, error) {
	r.revising.Lock()
	defer r.revising.Unlock()
	r.changing.RLock()
	defer r.changing.RUnlock()
	whole := what.Keys == nil
	if whole {
		r.world.look()
	}
	var done []passage
	asked := false // not where the revision was told before
	what.Plan = func(open []Standing) []Plan {
		asked = true
		if whole {
			r.world.replace(recalled(open))
		}
		done = r.revised(open, why)
		plans := make([]Plan, len(done))
		for i := range done {
			plans[i] = done[i].plan
		}
		return plans
	}
	n, err := r.store.Revise(ctx, what, r.now())
	if err != nil {
		return revision{}, err
	}
	if asked {
		r.world.rest(what.Keys)
	}
	v := r.view()
	for i := range done {
		p := &done[i]
		r.world.settle(p.t.Incident.Key, settled{decisions: p.decisions(), explains: newestOf(p).Explains, due: v.due(p), acks: len(p.have.Acks), evidence: newestOf(p).Evidence})
	}
	if n > 0 {
		r.wake()
	}
	return revision{incidents: len(done), rows: n}, nil
}

// newestOf is what there is to tell of an incident after a revision.
func newestOf(p *passage) Message {
	if p.plan.Newest.Summary == "" {
		return p.have.Newest
	}
	return p.plan.Newest
}

// revised sends open incidents through the pipeline once more.
func (r *Router) revised(open []Standing, why circumstances) []passage {
	v := r.view()
	done := make([]passage, len(open))
	for i, o := range open {
		if backlogged(o.Incident) || outside(o.Incident) && (len(o.Rows) == 0 || len(o.Loud) == 0) && why.ack == nil {
			// What keeps its alerts quiet is known of each alone, see RunAlerts.
			done[i] = passage{t: slo.Transition{Kind: revised, Incident: o.Incident}, have: o.Existing}
			continue
		}
		burn, known := why.burns[o.Incident.Key]
		if !known {
			burn = r.burnOf(o.Incident)
		}
		p := passage{t: slo.Transition{Kind: revised, Incident: o.Incident}, labels: labelsOf(&o),
			message: o.Newest, have: o.Existing, burn: burn, ack: why.ack}
		if m, grown := why.grown[o.Incident.Key]; grown {
			p.grow(m, v.now)
		}
		done[i] = pass(v, p)
	}
	return done
}

// recalled is what the router remembers of what the store holds.
func recalled(open []Standing) []remembered {
	all := make([]remembered, len(open))
	for i, o := range open {
		all[i] = remembered{incident: o.Incident, labels: labelsOf(&o), settled: settled{
			decisions: inForce(o.Decisions), explains: slices.Clone(o.Newest.Explains), acks: len(o.Acks), evidence: o.Newest.Evidence}}
	}
	return all
}

// labelsOf are the labels that the incident had when it was last told of; one of an
// older version is known by its own.
func labelsOf(o *Standing) slo.Labels {
	if len(o.Newest.Labels) > 0 {
		return o.Newest.Labels
	}
	return Labels(o.Incident, nil)
}
