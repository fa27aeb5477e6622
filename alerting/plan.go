package alerting

import (
	"slices"

	"burnline/slo"
)

// Reason names the rule by which a plan was made.
type Reason string

// The reasons of plans.
const (
	ReasonNobody   Reason = "no receiver is configured, nobody is told"
	ReasonOpened   Reason = "the incident opened"
	ReasonRose     Reason = "a ticket rose to a page"
	ReasonJoined   Reason = "a further group joined the incident"
	ReasonUpdated  Reason = "there is news of its alerts"
	ReasonClosed   Reason = "the incident closed"
	ReasonMerged   Reason = "it recovered before the first attempt to send it"
	ReasonRecorded Reason = "it was over when its data came, so nobody is told"
	ReasonNothing  Reason = "nobody was told, so nobody is told of the end"
	ReasonAttended Reason = "somebody did something about it"
	ReasonAgain    Reason = "it was resolved by hand and is not over"
	ReasonRepeated Reason = "nobody has acknowledged it, so it is told again"
	ReasonGrew     Reason = "more is known of what it does to customers"
	ReasonRevised  Reason = "what kept it back is over, or there is news of what it explains"
)

// enqueue turns deeds into rows of the outbox, and into the decisions that are
// kept. It reads nothing else and changes nothing.
func enqueue(v *view, p passage) passage {
	q := enqueuing{v: v, passage: &p}
	p.plan = Plan{Reason: ReasonNobody, Acks: p.newAcks}
	if p.grown {
		p.message.AsOf = v.now
	} else {
		p.message.News = "" // of an update before
	}
	if p.t.Kind != revised {
		p.message.AsOf = v.now
		p.plan.Title, p.plan.Newest = Title(p.t.Definition, p.t.Incident), p.message
	}
	if p.t.Kind == slo.IncidentRecorded {
		p.plan.Reason = ReasonRecorded
		return p
	}
	if p.t.Kind != slo.IncidentClosed {
		p.plan.Decisions = changed(p.decisions(), p.have.Decisions)
		if p.t.Kind != revised || p.tellsMore() || p.grown {
			p.message = explaining(p.message, p.have.Newest.Explains, p.explains)
			p.plan.Newest = p.message
		}
	}
	p.message.Acknowledged = nil
	if a, has := Acknowledged(p.acks()); has {
		p.message.Acknowledged = &a
	}
	for _, d := range p.deeds {
		q.do(d)
	}
	q.rise()
	p.plan.Reason = q.reason()
	p.plan.Rows = slices.DeleteFunc(p.plan.Rows, func(r Row) bool {
		return r.Action == ActionResolve && v.config.skipsResolved(target{r.Receiver, r.Integration})
	})
	return p
}

// enqueuing is the making of one plan.
type enqueuing struct {
	v *view
	*passage
	rose, merged bool
}

// key is the key under which the incident is kept.
func (q *enqueuing) key() string { return orElse(q.have.Key, q.t.Incident.Key) }

// put adds a row to the plan.
func (q *enqueuing) put(to target, a Action, m Message) {
	q.plan.Rows = append(q.plan.Rows, to.row(q.key(), a, m))
}

// do writes what one deed takes.
func (q *enqueuing) do(d deed) {
	have, p := q.have.Rows, &q.plan
	switch d.act {
	case actTell, actHold:
		row := d.to.row(q.key(), ActionTrigger, q.opening(d.fork, d.to))
		row.NextAt = d.fork.decision.Until
		p.Rows = append(p.Rows, row)
	case actNote:
		q.put(d.to, ActionTrigger, noteText(q.message, d.fork.page))
	case actRefresh:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
		q.put(d.to, ActionUpdate, q.message)
	case actRetell:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
		q.put(d.to, ActionResolve, retoldText(q.message))
		q.put(d.to, ActionTrigger, q.opening(d.fork, d.to))
	case actAbsorb:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
		q.put(d.to, ActionResolve, absorbedText(q.message, d.fork.page, q.v))
	case actWithdraw:
		p.Supersede = append(p.Supersede, unattempted(have, d.to)...)
	case actHush:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
	case actAcknowledge:
		q.put(d.to, ActionAcknowledge, ackText(q.message, *q.ack, q.v))
	case actShow, actRepeat, actShowAgain:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
		q.put(d.to, ActionUpdate, q.attention(d.act))
	case actAgain:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
		q.put(d.to, ActionTrigger, q.attention(d.act))
	case actFallBack:
		failed, _ := stranded(q.v, q.passage, d.to.receiver)
		q.put(d.to, ActionTrigger, fallbackText(q.message, failed))
	case actEnd:
		p.Supersede = append(p.Supersede, updates(have, d.to)...)
		q.put(d.to, ActionResolve, q.message)
	case actOver:
		q.merged = true
		over := overText(q.t, q.v.text)
		p.Supersede = append(p.Supersede, unattempted(have, d.to)...)
		q.put(d.to, ActionTrigger, over)
		q.put(d.to, ActionResolve, over)
	}
}

// attention is the text of what people did about the incident, or did not.
func (q *enqueuing) attention(a act) Message {
	switch a {
	case actShow:
		return ackText(q.message, *q.ack, q.v)
	case actRepeat:
		return repeatText(q.message, q.t.Incident, q.v)
	}
	resolved, _ := closedByHand(q.acks(), q.have.Rows)
	return againText(q.message, resolved, q.v)
}

// opening is the text of a trigger: what there is to tell, and, where it was kept
// back until now, that this is over.
func (q *enqueuing) opening(f *fork, to target) Message {
	m := q.message
	if onlyShown(q.have.Rows, to) {
		m.Summary = "It began in shadow mode, which is over. " + m.Summary
	}
	if f.escalated {
		return escalatedText(m, q.t.Incident, q.v)
	}
	if q.t.Kind != revised && q.freed == nil {
		return m
	}
	for _, d := range inForce(q.have.Decisions) {
		if d.Receiver == f.receiver {
			if q.freed != nil && d.Fate.quiet() {
				d = *q.freed
			}
			return afterText(m, d, q.v)
		}
	}
	return m
}

// rise ends the ticket that the page takes the place of.
func (q *enqueuing) rise() {
	if q.t.Kind != slo.IncidentOpened || len(q.have.Replaced) == 0 {
		return
	}
	q.rose = true
	paged := targetsOf(slices.Concat(q.have.Rows, q.plan.Rows))
	ticket := q.have.Replaced[0].Key
	end := func(to target) Message { return roseText(q.t, ticket, lastTold(q.have.Replaced, to), q.v.text) }
	for _, to := range targetsOf(q.have.Replaced) {
		if slices.Contains(paged, to) && untouched(q.have.Replaced, to) {
			// The page tells the whole story where the ticket was never sent.
			q.plan.Supersede = append(q.plan.Supersede, unattempted(q.have.Replaced, to)...)
			continue
		}
		q.plan.Supersede = append(q.plan.Supersede, updates(q.have.Replaced, to)...)
		q.plan.Rows = append(q.plan.Rows, to.row(ticket, ActionResolve, end(to)))
	}
	for _, to := range renamed(q.v, *q.passage, q.have.Replaced) {
		q.plan.Rows = append(q.plan.Rows, to.row(ticket, ActionResolve, end(to)))
	}
}

// reason names the rule by which the plan was made.
func (q *enqueuing) reason() Reason {
	switch nothing := len(q.plan.Rows)+len(q.plan.Supersede) == 0; {
	case q.t.Kind == slo.IncidentClosed && q.merged:
		return ReasonMerged
	case q.t.Kind == slo.IncidentClosed && nothing:
		return ReasonNothing
	case q.t.Kind == slo.IncidentClosed:
		return ReasonClosed
	case q.rose:
		return ReasonRose
	}
	does := func(of ...act) bool {
		return slices.ContainsFunc(q.deeds, func(d deed) bool { return slices.Contains(of, d.act) })
	}
	switch {
	case q.ack != nil:
		return ReasonAttended
	case does(actAgain):
		return ReasonAgain
	case does(actRepeat):
		return ReasonRepeated
	}
	for _, f := range q.forks {
		if f.decision.Fate.quiet() && f.decision.Fate != FateNobody {
			return Reason(f.decision.Reason)
		}
	}
	switch {
	case len(q.plan.Rows) == 0:
		return ReasonNobody
	case q.t.Kind == slo.IncidentJoined:
		return ReasonJoined
	case q.t.Kind == slo.IncidentUpdated:
		return ReasonUpdated
	case q.grown:
		return ReasonGrew
	case q.t.Kind == revised:
		return ReasonRevised
	}
	return ReasonOpened
}

// row returns a new row for the target.
func (to target) row(key string, a Action, m Message) Row {
	return Row{Key: key, Receiver: to.receiver, Integration: to.integration, Action: a, Message: m, State: RowPending}
}

// targetsOf returns every integration that has a row, in order of its first.
func targetsOf(rows []Row) []target {
	var ts []target
	for _, r := range rows {
		if to := (target{r.Receiver, r.Integration}); !slices.Contains(ts, to) {
			ts = append(ts, to)
		}
	}
	return ts
}

// openAt reports whether the target's last row leaves the incident open there.
func openAt(rows []Row, to target) bool {
	open := false
	for _, r := range rows {
		if r.Receiver == to.receiver && r.Integration == to.integration && r.State != RowSuperseded {
			open = r.Action != ActionResolve
		}
	}
	return open
}

// sinceOpen returns the target's rows after its last resolve: what tells of the
// incident as it is open now.
func sinceOpen(rows []Row, to target) []Row {
	var since []Row
	for _, r := range rows {
		if r.Receiver != to.receiver || r.Integration != to.integration || r.State == RowSuperseded {
			continue
		}
		if r.Action == ActionResolve {
			since = nil
			continue
		}
		since = append(since, r)
	}
	return since
}

// lastTold returns the newest message that the target was told or will be, or, where it has none,
// the newest of any other.
func lastTold(rows []Row, to target) Message {
	var own, other *Message
	for i, r := range rows {
		switch unsent := r.State == RowPending && r.Attempts == 0 && r.Action == ActionUpdate; {
		case unsent, r.State == RowSuperseded:
		case r.Receiver == to.receiver && r.Integration == to.integration:
			own = &rows[i].Message
		default:
			other = &rows[i].Message
		}
	}
	switch {
	case own != nil:
		return *own
	case other != nil:
		return *other
	}
	return Message{}
}

// untouched reports whether no send to the target was ever begun since the
// incident opened.
func untouched(rows []Row, to target) bool {
	for _, r := range sinceOpen(rows, to) {
		if r.Attempts > 0 || r.State != RowPending {
			return false
		}
	}
	return true
}

// unattempted returns the IDs of the target's rows that nobody tried to send.
func unattempted(rows []Row, to target) []int64 {
	var ids []int64
	for _, r := range sinceOpen(rows, to) {
		if r.State == RowPending && r.Attempts == 0 {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// updates returns the IDs of the target's updates that nobody tried to send.
func updates(rows []Row, to target) []int64 {
	var ids []int64
	for _, r := range sinceOpen(rows, to) {
		if r.State == RowPending && r.Attempts == 0 && r.Action == ActionUpdate {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
