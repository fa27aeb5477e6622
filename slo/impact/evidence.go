package impact

import (
	"context"
	"time"

	"burnline/slo"
)

// Question is what evidence is asked for.
type Question struct {
	Incident   slo.Incident
	Definition *slo.Definition
	// Counts are the events that the SLO itself counted since the start; nil where they are
	// not known.
	Counts *slo.Counts
	// Urgent is true while a page waits for the answer: only memory is asked.
	Urgent bool
}

// Evidence says whom an incident hurts, where, since which change, and shows examples; nil
// where nothing is known. It asks memory alone and ends early with what it has when ctx does,
// except that what is asked without hurry may also look at stored metrics.
func (t *Tracker) Evidence(ctx context.Context, q Question) *slo.Evidence {
	began := time.Now() // of a duration, not of the domain
	defer func() { t.metrics.find.Observe(time.Since(began).Seconds()) }()
	now := t.o.Now()
	e := &slo.Evidence{AsOf: now}
	most := searched
	if q.Urgent {
		most = searchedUrgently
	}
	var v view
	if w := t.known(q.Incident.SLO); w != nil {
		e.Impact, v = t.read(w, q.Incident, now, most)
	}
	if d := q.Definition; d != nil && d.Impact.Customer != "" && e.Impact != nil && e.Impact.Customers != nil {
		e.Impact.Customers.Attribute = d.Impact.Customer
	}
	e.Impact = counted(e.Impact, q)
	t.price(e.Impact, q.Definition)
	if ctx.Err() == nil {
		e.Where = t.where(&v)
	}
	if e.Where == nil && !q.Urgent && t.o.Elsewhere != nil && len(v.bad) == 0 && q.Definition != nil {
		e.Where = t.o.Elsewhere(ctx, q.Incident, q.Definition)
	}
	if t.o.Changes != nil {
		e.Changes = t.o.Changes(q.Incident, q.Definition, e.Where)
	}
	if ctx.Err() == nil {
		e.Examples = t.examples(ctx, &v, e.Where)
	}
	if e.Impact == nil && e.Where == nil && len(e.Changes)+len(e.Examples) == 0 {
		return nil
	}
	return e
}

// read copies what is known of an incident, at most so many spans of an outcome.
func (t *Tracker) read(w *watched, of slo.Incident, now time.Time, most int) (*slo.Impact, view) {
	w.mu.Lock()
	defer w.mu.Unlock() // also where this panics: what counts spans waits for it
	in := w.incident(t, of, now)
	return t.impact(in.together(t.by, now)), w.look(in, most)
}

// known returns what is kept of an SLO; nil where nothing is.
func (t *Tracker) known(id string) *watched {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.slos[id]
}

// impact is what the counts of an incident say, which it gives back; nil where no span was seen.
// The caller holds the SLO's mu.
func (t *Tracker) impact(in whole) *slo.Impact {
	defer in.free(t.by.pool)
	if in.total == 0 {
		return nil
	}
	i := &slo.Impact{
		Failed: in.failed, Total: in.total, EventsEstimated: true,
		Regions: in.regions.list(), Journeys: in.journeys.list(), AtLeast: in.partial,
	}
	if in.named == 0 {
		return i
	}
	c := &slo.Customers{Attribute: t.o.Customer}
	var hurt, seen bool
	c.Hurt, hurt = in.hurt.count()
	c.Seen, seen = in.seen.count()
	c.Seen = max(c.Seen, c.Hurt)
	c.HurtExact = hurt
	if !seen || !hurt {
		c.Error = relativeError
	}
	if in.failed > 0 {
		c.Unnamed = (in.failed - in.namedFailed) / in.failed
	}
	i.Customers = c
	return i
}

// mostCame is the part of the SLO's own events that has to have come as spans to take these for all of
// them: spans and samples come at different moments, but a client that sends one trace of ten is far from it.
const mostCame = 0.8

// counted puts the SLO's own counts in the place of those of spans. Where these are far fewer, as
// clients send a sample of them or other nodes take the rest, they say whom it hurts at least.
func counted(i *slo.Impact, q Question) *slo.Impact {
	if q.Counts == nil || q.Counts.Total <= 0 {
		return i
	}
	if i == nil {
		i = &slo.Impact{}
	}
	failed, total := min(max(0, q.Counts.Bad()), q.Counts.Total), q.Counts.Total
	i.AtLeast = i.AtLeast || i.EventsEstimated && (i.Failed < mostCame*failed || i.Total < mostCame*total)
	i.Failed, i.Total, i.EventsEstimated = failed, total, false
	return i
}

// price says what the failed events cost, where that is known.
func (t *Tracker) price(i *slo.Impact, d *slo.Definition) {
	if i == nil || d == nil || d.Impact.PricePerFailedEvent <= 0 {
		return
	}
	i.Cost = &slo.Cost{Amount: i.Failed * d.Impact.PricePerFailedEvent, Currency: t.o.Currency}
}

// hurt returns how many distinct customers an open incident has hurt so far, whether that is exact, and whether
// it counts less than all; known is false where nobody can say. It is quick enough to be asked with every judging.
func (t *Tracker) hurt(of slo.Incident) (customers float64, exact, partial, known bool) {
	w := t.known(of.SLO)
	if w == nil {
		return 0, false, false, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := t.o.Now()
	in := w.incident(t, of, now).together(t.by, now)
	defer in.free(t.by.pool)
	customers, exact = in.hurt.count()
	return customers, exact, in.partial, in.named > 0
}
