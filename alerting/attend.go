package alerting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"burnline/slo"
)

// Acknowledge takes note that somebody has an open incident: it is not told again until
// that is given back, and other receivers are told who has it. via is where that was
// said, see Acknowledgement. Acknowledging twice changes nothing; a second person is kept beside the first. The error wraps ErrNotOpen
// where no incident of the key is open.
func (r *Router) Acknowledge(ctx context.Context, key, by, via string, at time.Time) error {
	return r.Attend(ctx, key, Acknowledgement{Kind: AckTaken, By: by, Via: via, At: at}, "")
}

// Attend takes note of what somebody did about an open incident, in one transaction with
// all that follows. once is the ID under which that is told, see Revision.Once. Telling it again
// changes nothing. The error wraps ErrNotOpen where no incident of the key is open, or once was told before.
func (r *Router) Attend(ctx context.Context, key string, a Acknowledgement, once string) error {
	if now := r.now(); a.At.IsZero() || a.At.After(now) {
		a.At = now
	}
	found, err := r.revise(ctx, Revision{Keys: []string{key}, Once: once}, circumstances{ack: &a})
	switch {
	case err != nil:
		return fmt.Errorf("keep what was done about incident %s: %w", shortKey(key), err)
	case found.incidents == 0:
		return fmt.Errorf("incident %s: %w", shortKey(key), ErrNotOpen)
	}
	r.logger.Info("somebody did something about an incident", "key", key, "kind", a.Kind, "by", a.By, "via", a.Via)
	return nil
}

// attend takes what a person did into what is known of the incident, if it changes
// anything. It settles whether others are told of it.
func attend(v *view, p passage) passage {
	if p.ack == nil {
		return p
	}
	a := *p.ack
	p.ack = nil
	if slices.ContainsFunc(p.have.Acks, a.same) {
		return p
	}
	if a.Kind == AckResolved && !slices.ContainsFunc(targetsOf(p.have.Rows), func(to target) bool { return v.resolvable(p.have.Rows, to, a) }) {
		return p // it ended there because it was told to
	}
	all := inOrder(append(slices.Clone(p.have.Acks), a))
	i := slices.IndexFunc(all, a.same)
	before := Acknowledgement{Kind: AckGiven}
	if i > 0 {
		before = all[i-1]
	}
	further := a.Kind == AckTaken && before.Kind == AckTaken && !slices.ContainsFunc(Holders(all[:i]), func(o Acknowledgement) bool { return o.By == a.By })
	if a.Kind == before.Kind && a.Kind != AckResolved && !further {
		return p // they have it already, or nobody does
	}
	p.have.Acks = append(slices.Clone(p.have.Acks), a)
	p.newAcks = []Acknowledgement{a}
	if i == len(all)-1 {
		p.ack = &a
	}
	return p
}

// resolvable reports whether an integration knows the incident as open, so that a person could resolve it
// there.
func (v *view) resolvable(rows []Row, to target, a Acknowledgement) bool {
	return kindOf(to.integration) == a.Via && v.config.integration(to).KeepsIncidents && openAt(rows, to)
}

// escalate adds the receivers that are told of what is open for long.
func escalate(v *view, p passage) passage {
	if p.t.Kind == slo.IncidentClosed || p.t.Kind == slo.IncidentRecorded || p.unheard() {
		return p
	}
	forks := slices.Clone(p.forks)
	for _, f := range p.forks {
		for _, r := range f.routes {
			for _, e := range r.Escalate {
				known := slices.ContainsFunc(forks, func(o fork) bool { return o.receiver == e.Receiver })
				if known || v.now.Before(p.t.Incident.Opened.Add(e.After)) {
					continue
				}
				further := v.fork(e.Receiver, r)
				further.escalated = true
				if further.decision.Fate == FateSend {
					further.decision.Reason = fmt.Sprintf("it is open for more than %s, so %s is told too", Duration(e.After), inline(e.Receiver))
				}
				forks = append(forks, further)
			}
		}
	}
	p.forks = forks
	return p
}

// unheard reports whether all alerts of an incident are kept quiet for reasons of their
// own, which a revision does not judge.
func (p *passage) unheard() bool {
	return p.t.Kind == revised && outside(p.t.Incident) && len(p.have.Loud) == 0
}

// attended reports whether an incident is not to be told again now: somebody has it, or
// resolved it a moment ago.
func (v *view) attended(acks []Acknowledgement, rows []Row) bool {
	_, has := Acknowledged(acks)
	a, resolved := closedByHand(acks, rows)
	return has || resolved && v.now.Before(a.At.Add(v.config.grace()))
}

// repeatAt is when a receiver's integration is to be told of the incident again; zero
// where it is not.
func (v *view) repeatAt(p *passage, f *fork, to target, rows []Row) time.Time {
	since := sinceOpen(rows, to)
	if f.decision.Fate != FateSend || len(since) == 0 || v.attended(p.acks(), rows) {
		return time.Time{}
	}
	interval := f.routes[0].repeat()
	for _, r := range f.routes[1:] {
		interval = min(interval, r.repeat())
	}
	told := since[0].CreatedAt
	for _, r := range since {
		if r.Message.News == "" { // that more is known rings nowhere
			told = r.CreatedAt
		}
	}
	if told.IsZero() { // just planned
		told = v.now
	}
	return told.Add(interval)
}

// acks are what people did about the incident since it opened.
func (p *passage) acks() []Acknowledgement {
	return sinceOpened(p.have.Acks, p.t.Incident.Opened)
}

// sinceOpened leaves out what was done before an incident was opened again.
func sinceOpened(acks []Acknowledgement, opened time.Time) []Acknowledgement {
	return slices.DeleteFunc(slices.Clone(acks), func(a Acknowledgement) bool { return a.At.Before(opened) })
}

// Holder returns who has the incident; false when nobody does, or it is over.
func (r *Record) Holder() (Acknowledgement, bool) {
	a, has := Acknowledged(sinceOpened(r.Acks, r.Incident.Opened))
	return a, has && r.Incident.Closed.IsZero()
}

// Also returns who else has the incident, beside its holder.
func (r *Record) Also() []Acknowledgement {
	all := Holders(sinceOpened(r.Acks, r.Incident.Opened))
	if len(all) < 2 || !r.Incident.Closed.IsZero() {
		return nil
	}
	return all[1:]
}

// repeat is after what time an incident is told again.
func (r *Route) repeat() time.Duration {
	if r.RepeatInterval <= 0 {
		return defaultRepeatInterval
	}
	return r.RepeatInterval
}

// attentions are the deeds that follow from what people did about an open incident, or
// did not. done are those that follow from its news.
func attentions(v *view, p passage, done []deed) []deed {
	rows := p.have.Rows
	var more []deed
	again, resolved := closedByHand(p.acks(), rows)
	due := resolved && !p.unheard() && !v.now.Before(again.At.Add(v.config.grace())) && p.sends()
	for _, to := range targetsOf(rows) {
		in := v.config.integration(to)
		told := slices.ContainsFunc(done, func(d deed) bool { return d.to == to })
		switch {
		case !openAt(rows, to), to.isShadow() && !v.config.Shadow.Covers(p.team()):
		case due && v.resolvable(rows, to, again):
			more = append(more, deed{to: to, act: actAgain})
		case told:
		case due && in.ShowsWho:
			more = append(more, deed{to: to, act: actShowAgain})
		case p.ack != nil && in.ShowsWho:
			more = append(more, deed{to: to, act: actShow})
		case p.ack != nil && p.ack.Kind == AckTaken && len(Holders(p.acks())) == 1 && in.KeepsIncidents && !v.knowsAlready(rows, to, *p.ack):
			more = append(more, deed{to: to, act: actAcknowledge})
		}
	}
	return append(more, repeats(v, &p, append(done, more...))...)
}

// knowsAlready reports whether an acknowledgement comes from an integration itself.
func (v *view) knowsAlready(rows []Row, to target, a Acknowledgement) bool {
	same := 0
	for _, other := range targetsOf(rows) {
		if v.resolvable(rows, other, a) {
			same++
		}
	}
	return kindOf(to.integration) == a.Via && same == 1
}

// repeats are the deeds of an incident that nobody has acknowledged, by the integrations
// that are not told anything else.
func repeats(v *view, p *passage, done []deed) []deed {
	if p.t.Kind != revised || p.unheard() {
		return nil
	}
	var more []deed
	for i := range p.forks {
		f := &p.forks[i]
		for _, to := range v.targets(p, f.receiver) {
			at := v.repeatAt(p, f, to, p.have.Rows)
			told := slices.ContainsFunc(done, func(d deed) bool { return d.to == to })
			if !told && !at.IsZero() && !v.now.Before(at) && !untouched(p.have.Rows, to) {
				more = append(more, deed{to: to, act: actRepeat, fork: f})
			}
		}
	}
	return more
}

// sends reports whether somebody is told of the incident.
func (p *passage) sends() bool {
	return slices.ContainsFunc(p.forks, func(f fork) bool { return f.decision.Fate == FateSend })
}

// mostIdle is when an incident is looked at again whose time has come without anything
// to be told.
const mostIdle = time.Minute

// due is when an incident is to be judged again for its own sake: to be told again, or to
// a further receiver. Zero is never.
func (v *view) due(p *passage) time.Time {
	if p.t.Kind == slo.IncidentClosed || p.t.Kind == slo.IncidentRecorded || p.unheard() {
		return time.Time{}
	}
	var next time.Time
	soonest := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	rows := p.afterwards()
	if a, resolved := closedByHand(p.acks(), rows); resolved {
		soonest(a.At.Add(v.config.grace()))
	}
	for i := range p.forks {
		f := &p.forks[i]
		for _, to := range v.targets(p, f.receiver) {
			soonest(v.repeatAt(p, f, to, rows))
		}
		for _, r := range f.routes {
			for _, e := range r.Escalate {
				if !slices.ContainsFunc(p.forks, func(o fork) bool { return o.receiver == e.Receiver }) {
					soonest(p.t.Incident.Opened.Add(e.After))
				}
			}
		}
	}
	if !next.IsZero() && !next.After(v.now) {
		return v.now.Add(mostIdle)
	}
	return next
}

// afterwards are the incident's rows once the plan is written.
func (p *passage) afterwards() []Row {
	key := orElse(p.have.Key, p.t.Incident.Key)
	rows := slices.DeleteFunc(slices.Concat(p.have.Rows, p.plan.Rows), func(r Row) bool { return r.Key != key })
	for i := range rows {
		if rows[i].ID != 0 && slices.Contains(p.plan.Supersede, rows[i].ID) {
			rows[i].State = RowSuperseded
		}
	}
	return rows
}
