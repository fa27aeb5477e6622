package alerting

import (
	"context"
	"fmt"
	"time"

	"burnline/slo"
)

const (
	// patience is how long a page waits for its evidence. What is not known by then follows
	// with an update.
	patience = 10 * time.Millisecond
	// lookEvery is how often it is looked whether the impact of open incidents grew.
	lookEvery = 5 * time.Second
	// tellEvery is after what time at the earliest a message tells that the impact grew once
	// more, and learnEvery after what time it tells what was not known before.
	tellEvery  = 5 * time.Minute
	learnEvery = 30 * time.Second
	// busy is how much longer than it takes to look it is rested: looking never takes more
	// than a tenth of the time of a storm.
	busy = 9
)

// growth is why evidence is worth telling, and after what time since the last.
type growth struct {
	why  string
	wait time.Duration
}

// materially reports whether evidence says so much more than what was told last that people
// should hear of it. Nil is that nothing is known.
func materially(told, now *slo.Evidence) (growth, bool) {
	if !informs(now) {
		return growth{}, false
	}
	if !informs(told) {
		return growth{why: "what it does to customers is known now"}, true
	}
	switch {
	case !located(told) && located(now):
		return growth{"it is known where", learnEvery}, true
	case len(told.Changes) == 0 && len(now.Changes) > 0:
		return growth{"a change before it is known", learnEvery}, true
	case len(told.Examples) == 0 && len(now.Examples) > 0:
		return growth{"there are failing traces to look at", learnEvery}, true
	}
	if before, after := hurt(told), hurt(now); after >= 2*before && after >= before+fewCustomers {
		return growth{fmt.Sprintf("customers hurt rose from %s to %s", Count(before), Count(after)), tellEvery}, true
	}
	if region := newRegion(told.Impact, now.Impact); region != "" {
		return growth{"it hurts a further region: " + inline(region), tellEvery}, true
	}
	return growth{}, false
}

// due returns why evidence is to be told at a moment; "" where it is not.
func due(told, now *slo.Evidence, at time.Time) string {
	g, grown := materially(told, now)
	if !grown || told != nil && at.Before(told.AsOf.Add(g.wait)) {
		return ""
	}
	return g.why
}

// grow takes the text of an incident whose impact has grown, unless that was told already.
func (p *passage) grow(m Message, at time.Time) {
	if p.ack != nil || outside(p.t.Incident) {
		return
	}
	if m.News = due(p.have.Newest.Evidence, m.Evidence, at); m.News == "" {
		return
	}
	p.message, p.grown = m, true
}

// rings reports whether every message of an integration reaches people anew, as mails do:
// these are not sent again because more is known.
func (v *view) rings(to target) bool {
	in := v.config.integration(to)
	return !in.KeepsIncidents && !in.ShowsWho && !in.ListsAlerts
}

// fewCustomers is by how many customers it must have grown at least: from one to two is no
// news.
const fewCustomers = 5

// informs reports whether evidence says more than the SLO's own counts do.
func informs(e *slo.Evidence) bool {
	return e != nil && (hurt(e) > 0 || located(e) || e.Where != nil && e.Where.Everywhere || len(e.Changes) > 0 || len(e.Examples) > 0)
}

func hurt(e *slo.Evidence) float64 {
	if e == nil || e.Impact == nil || e.Impact.Customers == nil {
		return 0
	}
	return e.Impact.Customers.Hurt
}

func located(e *slo.Evidence) bool {
	return e != nil && e.Where != nil && len(e.Where.Explanations) > 0
}

// newRegion returns a region that was not among those that were hurt; "" is none. A few
// failures are no hurt: some always fail.
func newRegion(told, now *slo.Impact) string {
	const least, share = 5, 0.05
	if told == nil || now == nil || len(told.Regions) == 0 {
		return ""
	}
	all, were := 0.0, map[string]bool{}
	for _, r := range now.Regions {
		all += r.Failed
	}
	for _, r := range told.Regions {
		sum := 0.0
		for _, o := range told.Regions {
			sum += o.Failed
		}
		were[r.Name] = r.Failed >= least && r.Failed >= share*sum
	}
	for _, r := range now.Regions {
		if r.Failed >= least && r.Failed >= share*all && !were[r.Name] {
			return r.Name
		}
	}
	return ""
}

// hurts reports whether an incident is one of which customers and places may be known: an
// SLO burns.
func hurts(in slo.Incident) bool { return judged(in) && !dark(in) }

// witness asks for the evidence of a transition that is about to be told. It never keeps a
// page waiting, even where who is asked doesn't end in time: in a storm, or while a disk is slow, most
// go without, and updates follow.
func (r *Router) witness(ctx context.Context, t slo.Transition) *slo.Evidence {
	if r.evidence == nil || !hurts(t.Incident) || t.Kind == slo.IncidentRecorded {
		return nil
	}
	key := t.Incident.Key
	if !r.spare.TryLock() {
		return r.Evidence(key)
	}
	if r.now().Before(r.rested) {
		r.spare.Unlock()
		return r.Evidence(key)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer := make(chan *slo.Evidence, 1)
	go func() { // RunEvidence waits for it
		defer r.spare.Unlock()
		began := r.now()
		e, err := r.ask(ctx, t, true)
		if err != nil {
			r.logger.Error("what an incident does to customers can't be told with its page", "incident", shortKey(key), "error", err)
		}
		r.rested = r.now().Add(busy * r.now().Sub(began))
		r.remember(key, e)
		answer <- e
	}()
	select {
	case e := <-answer:
		return e
	case <-ctx.Done():
	}
	select {
	case e := <-answer: // both came at once
		return e
	default:
		return r.Evidence(key)
	}
}

// ask asks for evidence. Nothing that is wrong there may end what tells of the incident.
func (r *Router) ask(ctx context.Context, t slo.Transition, urgent bool) (e *slo.Evidence, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, err = nil, fmt.Errorf("ask what incident %s does to customers: %v", shortKey(t.Incident.Key), p)
		}
	}()
	return r.evidence(ctx, t, urgent), nil
}

// RunEvidence looks every few seconds whether the impact of open incidents has grown, and
// tells it where it has, until ctx ends.
func (r *Router) RunEvidence(ctx context.Context) error {
	if r.evidence == nil {
		<-ctx.Done()
		return nil
	}
	defer func() {
		r.spare.Lock() // until nobody asks any more
		defer r.spare.Unlock()
	}()
	failing := false
	for {
		began := r.now()
		err := r.lookAround(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			r.logger.Error("what open incidents do to customers can't be told; it is tried on", "error", err)
		}
		failing = err != nil
		timer := time.NewTimer(max(lookEvery, busy*r.now().Sub(began)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

// lookAround looks at every open incident once.
func (r *Router) lookAround(ctx context.Context) error {
	open := map[string]bool{}
	var unknown error
	for _, k := range r.world.all() {
		key := k.incident.Key
		if open[key] = true; !hurts(k.incident) {
			continue
		}
		t, ok := r.sight(k.incident)
		if !ok || ctx.Err() != nil {
			continue
		}
		t.Kind, t.Incident, t.At = slo.IncidentUpdated, k.incident, r.now()
		var err error
		if t.Evidence, err = r.ask(ctx, t, false); err != nil {
			unknown = err
		}
		r.remember(key, t.Evidence)
		if due(k.evidence, t.Evidence, r.now()) == "" || !figured(t) {
			continue
		}
		grown := map[string]Message{key: Text(t, r.text)}
		if _, err := r.revise(ctx, Revision{Keys: []string{key}}, circumstances{grown: grown}); err != nil {
			return fmt.Errorf("tell what incident %s does to customers: %w", shortKey(key), err)
		}
	}
	r.latest.Range(func(key, _ any) bool {
		if name, _ := key.(string); !open[name] {
			r.latest.Delete(key)
		}
		return true
	})
	return unknown
}

// figured reports whether it is known how much fails: a text without figures would replace one that has them. It is told
// once they are known.
func figured(t slo.Transition) bool { return t.Since.Total > 0 || t.Policy != nil }

// remember keeps what is known now for those who look at the incident.
func (r *Router) remember(key string, e *slo.Evidence) {
	if e != nil {
		r.latest.Store(key, e)
	}
}

// Evidence returns what is known now of an open incident; nil where nothing is, or it is not
// open.
func (r *Router) Evidence(key string) *slo.Evidence {
	e, _ := r.latest.Load(key)
	known, _ := e.(*slo.Evidence)
	return known
}
