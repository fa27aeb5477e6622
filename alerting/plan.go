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
	ReasonClosed   Reason = "the incident closed"
	ReasonMerged   Reason = "it recovered before the first attempt to send it"
	ReasonRecorded Reason = "it was over when its data came, so nobody is told"
	ReasonNothing  Reason = "nobody was told, so nobody is told of the end"
)

// plan decides, from configuration, transition and the rows that exist, what is
// written to the outbox. It reads nothing else and changes nothing.
func plan(c Config, text TextOptions, t slo.Transition, have Existing) Plan {
	p := Plan{Title: Title(t.Definition, t.Incident), Reason: ReasonNobody}
	message := Text(t, text)
	p.Newest = message
	switch t.Kind {
	case slo.IncidentRecorded:
		p.Reason = ReasonRecorded
	case slo.IncidentOpened:
		planOpened(&p, c, text, t, have, message)
	case slo.IncidentJoined, slo.IncidentUpdated:
		planJoined(&p, c, t, have, message)
	case slo.IncidentClosed:
		planClosed(&p, c, text, t, have, message)
	}
	return p
}

// planUntold tells the route of an open incident that nobody has taken: there
// was no receiver when it opened, or those of then have been renamed or removed
// before they answered.
//
// A group of alerts that was never told is left to those who judge its alerts.
func planUntold(c Config, in slo.Incident, newest Message, have []Row) []Row {
	if outside(in) {
		if len(have) == 0 {
			return nil
		}
		c = c.only(c.heir(in.Receiver, newest.Labels))
	}
	for _, to := range targetsOf(have) {
		for _, r := range sinceOpen(have, to) {
			if r.State == RowDelivered {
				return nil
			}
		}
	}
	var rows []Row
	for _, to := range c.targets(in.Team) {
		if !openAt(have, to) {
			rows = append(rows, to.row(in.Key, ActionTrigger, newest))
		}
	}
	return rows
}

// planOpened triggers at every integration of the route that has not been told
// of the incident, and ends the ticket that it rises from.
func planOpened(p *Plan, c Config, text TextOptions, t slo.Transition, have Existing, m Message) {
	told := targetsOf(have.Rows)
	paged := slices.Clone(told)
	for _, to := range c.targets(t.Incident.Team) {
		if !openAt(have.Rows, to) {
			p.Rows = append(p.Rows, to.row(t.Incident.Key, ActionTrigger, m))
			p.Reason = ReasonOpened
			paged = append(paged, to)
		}
	}
	if t.Incident.Replaces == "" {
		return
	}
	end := roseText(t, text)
	for _, to := range targetsOf(have.Replaced) {
		p.Reason = ReasonRose
		if slices.Contains(paged, to) && untouched(have.Replaced, to) {
			// The page tells the whole story where the ticket was never sent.
			p.Supersede = append(p.Supersede, unattempted(have.Replaced, to)...)
			continue
		}
		p.Supersede = append(p.Supersede, updates(have.Replaced, to)...)
		p.Rows = append(p.Rows, to.row(t.Incident.Replaces, ActionResolve, end))
	}
	for _, to := range renamed(c, t.Incident.Team, have.Replaced) {
		p.Rows = append(p.Rows, to.row(t.Incident.Replaces, ActionResolve, end))
	}
}

// planJoined refreshes the text wherever the incident was told, and triggers
// where the route leads by now. An update that nobody tried to send yet is
// overtaken by the new one.
func planJoined(p *Plan, c Config, t slo.Transition, have Existing, m Message) {
	told := targetsOf(have.Rows)
	for _, to := range told {
		p.Supersede = append(p.Supersede, updates(have.Rows, to)...)
		p.Rows = append(p.Rows, to.row(t.Incident.Key, ActionUpdate, m))
	}
	for _, to := range c.targets(t.Incident.Team) {
		if !slices.Contains(told, to) {
			p.Rows = append(p.Rows, to.row(t.Incident.Key, ActionTrigger, m))
		}
	}
	if len(p.Rows) > 0 {
		p.Reason = ReasonJoined
	}
}

// planClosed resolves wherever the incident was told, whatever the route says
// now, and where that may be by another name. Where no attempt was made yet, trigger and resolve become one message
// that it happened and recovered; an attempted trigger may have been received,
// so it stays and the resolve follows it.
func planClosed(p *Plan, c Config, text TextOptions, t slo.Transition, have Existing, m Message) {
	p.Reason = ReasonNothing
	for _, to := range targetsOf(have.Rows) {
		if !openAt(have.Rows, to) {
			continue
		}
		if p.Reason == ReasonNothing {
			p.Reason = ReasonClosed
		}
		if !untouched(have.Rows, to) {
			p.Supersede = append(p.Supersede, updates(have.Rows, to)...)
			p.Rows = append(p.Rows, to.row(t.Incident.Key, ActionResolve, m))
			continue
		}
		p.Reason = ReasonMerged
		over := overText(t, text)
		p.Supersede = append(p.Supersede, unattempted(have.Rows, to)...)
		p.Rows = append(p.Rows,
			to.row(t.Incident.Key, ActionTrigger, over),
			to.row(t.Incident.Key, ActionResolve, over))
	}
	for _, to := range renamed(c, t.Incident.Team, have.Rows) {
		p.Rows = append(p.Rows, to.row(t.Incident.Key, ActionResolve, m))
	}
}

// renamed returns the route's integrations that have no row while some other
// may have been told. Integrations are known by their receiver's name and their
// place in its list, so one that was told may stand under another name or number
// since: the incident would stay open there for good. A resolve of what is not
// open changes nothing.
func renamed(c Config, team string, rows []Row) []target {
	told := targetsOf(rows)
	if !slices.ContainsFunc(told, func(to target) bool { return openAt(rows, to) && !untouched(rows, to) }) {
		return nil
	}
	return slices.DeleteFunc(c.targets(team), func(to target) bool { return slices.Contains(told, to) })
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
