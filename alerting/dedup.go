package alerting

import (
	"slices"
	"time"

	"burnline/slo"
)

// act is what an integration is to be told.
type act string

const (
	// actTell triggers the incident, actHold does so when the hold is over.
	actTell act = "tell"
	actHold act = "hold"
	// actNote tells, as a ticket, that the page of a dependency tells it too.
	actNote act = "note"
	// actRefresh sends the text anew where the incident is known.
	actRefresh act = "refresh"
	// actRetell ends the note and pages after all.
	actRetell act = "retell"
	// actAbsorb ends the page, and says which other page tells it now.
	actAbsorb act = "absorb"
	// actWithdraw ends what nobody tried to send, actHush the updates among that.
	actWithdraw act = "withdraw"
	actHush     act = "hush"
	// actAcknowledge says at an integration that keeps incidents that somebody has it, and
	// actShow shows who in a message.
	actAcknowledge act = "acknowledge"
	actShow        act = "show"
	// actRepeat tells once more what nobody acknowledged; actAgain tells anew what was
	// resolved by hand and goes on, and actShowAgain shows that.
	actRepeat    act = "repeat"
	actAgain     act = "again"
	actShowAgain act = "show again"
	// actFallBack tells it in the place of a receiver that fails.
	actFallBack act = "fall back"
	// actEnd resolves, and actOver tells in one that it happened and is over.
	actEnd  act = "end"
	actOver act = "over"
)

// deed is what one integration is to be told.
type deed struct {
	to  target
	act act
	// fork is the receiver's; nil where no route leads to it any more.
	fork *fork
}

// standing is how an integration knows the incident by the rows that exist.
type standing struct {
	// open is true where the last row leaves it open, touched where a send was
	// begun since, and note where what is open is a note.
	open, touched, note bool
	// refused is true where its last row was refused and nothing of it was taken.
	refused bool
	// asOf is of when the facts are that it was told last.
	asOf time.Time
}

// standingAt reads the rows of one integration.
func standingAt(rows []Row, to target, severity slo.Severity) standing {
	if !openAt(rows, to) {
		return standing{}
	}
	s := standing{open: true, touched: !untouched(rows, to)}
	for _, r := range sinceOpen(rows, to) {
		if r.Action == ActionTrigger {
			s.note = r.Message.Severity == slo.Ticket && severity == slo.Page
		}
		s.refused = r.State == RowRefused
		s.asOf = later(s.asOf, r.Message.AsOf)
	}
	s.refused = s.refused && !slices.ContainsFunc(sinceOpen(rows, to), func(r Row) bool { return r.State == RowDelivered })
	return s
}

// need decides what an integration is to be told of an open incident: by its fate
// now and before, by what it knows, and by whether there is news (a further
// group, or a page that this one tells too). After a change of the world alone,
// one that was never due is told only where nobody has taken the incident: editing routes
// duplicates nothing.
func need(f *fork, before Fate, s standing, kind slo.TransitionKind, taken, news bool) []act {
	switch fate := f.decision.Fate; fate {
	case FateSend, FateHeld:
		switch {
		case !s.open && kind == revised && taken && !before.quiet() && (!f.escalated || before != ""):
			return nil
		case !s.open && fate == FateHeld:
			return []act{actHold}
		case !s.open:
			return []act{actTell}
		case s.note && s.touched:
			return []act{actRetell}
		case s.note:
			return []act{actWithdraw, actTell}
		case fate == FateSend && before.quiet() && s.refused:
			return []act{actTell} // a reload did not send it again while it was kept quiet
		case news:
			return []act{actRefresh}
		}
	case FateMerged:
		switch {
		case s.open && s.note:
			return nil
		case s.open && s.touched:
			return []act{actAbsorb}
		case s.open && f.elsewhere:
			return []act{actWithdraw, actNote}
		case s.open:
			return []act{actWithdraw}
		case f.elsewhere && before != FateMerged:
			return []act{actNote}
		}
	case FateSilenced, FateInhibited, FateMuted:
		switch {
		case s.open && !s.touched:
			return []act{actWithdraw}
		case s.open:
			return []act{actHush}
		}
	}
	return nil
}

// deduplicate says what each integration is to be told that does not know it yet.
func deduplicate(v *view, p passage) passage {
	switch p.t.Kind {
	case slo.IncidentRecorded:
	case slo.IncidentClosed:
		p.deeds = endings(v, p)
	default:
		p.deeds = tellings(v, p)
	}
	return p
}

// tellings are the deeds of an incident that is open.
func tellings(v *view, p passage) []deed {
	rows, severity := p.have.Rows, p.t.Incident.Severity
	news := p.t.Kind == slo.IncidentJoined || p.t.Kind == slo.IncidentUpdated || p.t.Kind == revised && (p.tellsMore() || p.grown)
	before := map[string]Fate{}
	for _, d := range inForce(p.have.Decisions) {
		before[d.Receiver] = d.Fate
	}
	deeds := switched(v, &p)
	for _, to := range targetsOf(rows) {
		led := slices.ContainsFunc(p.forks, func(f fork) bool { return f.receiver == to.receiver })
		if !led && news && openAt(rows, to) && v.hears(p, to) {
			deeds = append(deeds, deed{to, actRefresh, nil})
		}
	}
	taken := taken(rows)
	for i := range p.forks {
		f := &p.forks[i]
		for _, to := range v.targets(&p, f.receiver) {
			s := standingAt(rows, to, severity)
			s.open = s.open && !v.spared(&p, to)
			if p.have.Reopened && v.config.skipsResolved(to) {
				s = standing{} // its rows don't tell that the incident had ended
			}
			// What was told while it was kept quiet, such as a further group, is news when that ends.
			missed := p.t.Kind == revised && !outside(p.t.Incident) && before[f.receiver].quiet() && p.have.Newest.AsOf.After(s.asOf)
			for _, a := range need(f, before[f.receiver], s, p.t.Kind, taken, news || missed) {
				if a != actRefresh || v.hears(p, to) {
					deeds = append(deeds, deed{to, a, f})
				}
			}
		}
	}
	deeds = append(deeds, fallingBack(v, &p)...)
	return append(deeds, attentions(v, p, deeds)...)
}

// hears reports whether an integration that knows the incident is to be told news of it.
func (v *view) hears(p passage, to target) bool {
	return !v.rests(p, to) && !v.knows(p, to) && (!p.grown || p.tellsMore() || !v.rings(to))
}

// rests reports whether news would open the incident again where somebody resolved it by hand:
// they wait for the moment at which it is told again there.
func (v *view) rests(p passage, to target) bool {
	a, resolved := closedByHand(p.acks(), p.have.Rows)
	return resolved && v.resolvable(p.have.Rows, to, a)
}

// knows reports whether an integration has been told already what happened in a group of
// alerts, or will be with a message that waits: both list the alerts as they stand when they
// leave.
func (v *view) knows(p passage, to target) bool {
	since := sinceOpen(p.have.Rows, to)
	if p.t.Kind != slo.IncidentUpdated || p.news == 0 || len(since) == 0 || !v.config.integration(to).ListsAlerts {
		return false
	}
	last := since[len(since)-1]
	return last.State == RowDelivered && last.News >= p.news || last.State == RowPending && last.Attempts == 0
}

// tellsMore reports whether the page tells pages that its text does not name yet.
func (p *passage) tellsMore() bool {
	return slices.ContainsFunc(p.explains, func(id string) bool { return !slices.Contains(p.have.Newest.Explains, id) })
}

// taken reports whether some receiver has taken the incident as it is open now.
func taken(rows []Row) bool {
	for _, to := range targetsOf(rows) {
		for _, r := range sinceOpen(rows, to) {
			if r.State == RowDelivered {
				return true
			}
		}
	}
	return false
}

// endings are the deeds of an incident that closed: it ends wherever it was told,
// whatever the routes and the stages say now, and where that may be by another
// name. Where no attempt was made yet, trigger and resolve become one message that it
// happened and recovered; an attempted trigger may have been received, so it
// stays and the resolve follows it. A note that nobody tried to send is needed no longer.
func endings(v *view, p passage) []deed {
	var deeds []deed
	for _, to := range targetsOf(p.have.Rows) {
		switch s := standingAt(p.have.Rows, to, p.t.Incident.Severity); {
		case !s.open:
		case s.touched:
			deeds = append(deeds, deed{to, actEnd, nil})
		case s.note:
			deeds = append(deeds, deed{to, actWithdraw, nil})
		default:
			deeds = append(deeds, deed{to, actOver, nil})
		}
	}
	for _, to := range renamed(v, p, p.have.Rows) {
		deeds = append(deeds, deed{to, actEnd, nil})
	}
	return deeds
}

// renamed returns the routes' integrations that have no row while some other was told.
// Integrations are known by their receiver's name and their place in its list, so one that
// was told may stand under another name or number since: the incident would stay open there
// for good. Where incidents are kept, a resolve of what is not open changes nothing; all
// others would show it, so they get it only where one that was told is gone.
func renamed(v *view, p passage, rows []Row) []target {
	told := targetsOf(rows)
	open := slices.DeleteFunc(slices.Clone(told), func(to target) bool {
		return to.isShadow() || !openAt(rows, to) || untouched(rows, to)
	})
	if len(open) == 0 {
		return nil
	}
	gone := slices.ContainsFunc(open, func(to target) bool { return v.config.integration(to).Name == "" })
	var more []target
	for i := range p.forks {
		for _, to := range v.targets(&p, p.forks[i].receiver) {
			if !slices.Contains(told, to) && (gone || v.config.integration(to).KeepsIncidents) {
				more = append(more, to)
			}
		}
	}
	return more
}
