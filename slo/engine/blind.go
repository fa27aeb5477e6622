package engine

import (
	"slices"
	"time"

	"burnline/slo"
)

const (
	// together is how far the newest data of SLOs may lie apart that fell dark by one
	// cause.
	together = 90 * time.Second
	// settleFor is for how long a darkness whose patience is over waits for others, which
	// are judged at other moments.
	settleFor = 20 * time.Second
)

// blindness turns dark SLOs into incidents: one for all that fell dark through
// one source. Like machine it is a pure state machine: next proposes a step, and
// only its apply changes what is open.
type blindness struct {
	open []*blackout
	// closed is when the newest incident closed, by ID and severity.
	closed map[string]time.Time
	// seen is since when each SLO is dark beyond its patience.
	seen map[string]time.Time
	last time.Time
}

// blackout is one open incident without data.
type blackout struct {
	slo.Incident
	members map[string]*sufferer
	// dark is what was told last; nil after a restart.
	dark *slo.Darkness
}

// sufferer is one SLO of a blackout.
type sufferer struct {
	// known is false after a restart, until the SLO's history was read; events says
	// that only events prove that its data is back, since its traffic was steady.
	known, events bool
	// clear is for how long data has been seen again.
	clear     time.Duration
	calm      bool
	recovered bool
}

// survey is what can be seen of all SLOs at one moment.
type survey struct {
	now   time.Time
	looks []*outlook // in order of ID
	byID  map[string]*outlook
}

// tellable reports whether somebody is to be told that the SLO is dark, now or,
// if nothing comes, soon.
func (l *outlook) tellable() bool { return l.dark != nil && l.dark.Severity != "" && !l.held }

// restore adopts an incident of before a restart.
func (b *blindness) restore(inc slo.Incident) {
	if !inc.Closed.IsZero() {
		b.forbid(inc, inc.Closed)
		return
	}
	o := &blackout{Incident: inc, members: map[string]*sufferer{}}
	for _, id := range concerned(inc) {
		o.members[id] = &sufferer{}
	}
	b.open = append(b.open, o)
}

// concerned returns the IDs of the SLOs that an incident without data is about.
func concerned(inc slo.Incident) []string {
	if len(inc.SLOs) > 0 {
		return inc.SLOs
	}
	return []string{inc.SLO}
}

func (b *blindness) forbid(inc slo.Incident, at time.Time) {
	if k := inc.SLO + " " + string(inc.Severity); b.closed[k].Before(at) {
		b.closed[k] = at
	}
}

// observe advances clocks; it needs no commit.
func (b *blindness) observe(in *survey) {
	tick := min(in.now.Sub(b.last), longestTick)
	if b.last.IsZero() || tick < 0 {
		tick = 0
	}
	b.last = in.now
	for id := range b.seen {
		if l := in.byID[id]; l == nil || !l.tellable() || !l.over {
			delete(b.seen, id)
		}
	}
	for _, l := range in.looks {
		if _, ok := b.seen[l.id]; !ok && l.tellable() && l.over {
			b.seen[l.id] = in.now
		}
	}
	for _, o := range b.open {
		for id, m := range o.members {
			if l := in.byID[id]; l != nil && l.ready {
				m.observe(l, tick)
			}
		}
	}
}

// observe advances the clock of one SLO's recovery, only while data is seen.
func (m *sufferer) observe(l *outlook, tick time.Duration) {
	if !m.known {
		m.known, m.events = true, l.steady
	}
	if m.recovered {
		return
	}
	clear := l.dark == nil && l.reports && (l.flows || !m.events)
	if clear && m.calm {
		m.clear += tick
	}
	if l.over {
		m.clear = 0
	}
	m.calm = clear
	m.recovered = m.clear >= l.def.ResolveAfter && m.clear > 0
}

// next returns the next step that the survey calls for, nil when there is none.
func (b *blindness) next(in *survey) *step {
	for _, o := range b.open {
		if ending, reason := in.ended(o); reason != "" {
			return b.close(in, o, ending, reason)
		}
	}
	for _, l := range in.looks {
		if since, ok := b.seen[l.id]; ok && in.now.Sub(since) >= settleFor {
			if st := b.tell(in, l); st != nil {
				return st
			}
		}
	}
	return nil
}

// ended gives the reason for which the incident closes, "" when it stays open: all
// its SLOs have data again, or nobody is to be told of them any more.
func (in *survey) ended(o *blackout) (slo.Ending, string) {
	recovered, ignored := false, false
	for id, m := range o.members {
		l := in.byID[id]
		switch {
		case l == nil:
		case l.def.NoData == slo.NoDataIgnore:
			ignored = true
		case !m.recovered:
			return "", ""
		default:
			recovered = true
		}
	}
	switch {
	case recovered:
		return slo.EndingRecovered, "data has arrived again for as long as resolve_after asks for"
	case ignored:
		return slo.EndingRemoved, "a lack of data is ignored by now (no_data: ignore)"
	}
	return slo.EndingRemoved, removedReason
}

// tell proposes what a dark SLO calls for: to open an incident, to join one, or
// to make a page of a ticket.
func (b *blindness) tell(in *survey, l *outlook) *step {
	if o := b.of(l.id); o != nil {
		if l.dark.Severity == slo.Page && o.Severity == slo.Ticket {
			return b.rise(in, o, nil)
		}
		return nil
	}
	cohort := b.cohort(in, l)
	near := b.near(in, l)
	switch {
	case near != nil && near.many() && near.Severity == slo.Ticket && worst(cohort) == slo.Page:
		return b.rise(in, near, cohort)
	case near != nil && near.many():
		return b.join(in, near, cohort)
	case near == nil && len(cohort) == 1 && !l.storage:
		return b.openOne(in, l)
	}
	return b.openMany(in, cohort)
}

// of returns the open incident that tells of the SLO; nil when there is none.
func (b *blindness) of(id string) *blackout {
	for _, o := range b.open {
		if m := o.members[id]; m != nil && !m.recovered {
			return o
		}
	}
	return nil
}

// near returns an open incident of the same source, one of several SLOs rather
// than one of a single SLO.
func (b *blindness) near(in *survey, l *outlook) *blackout {
	var single *blackout
	for _, o := range b.open {
		if o.members[l.id] != nil { // it was in it and has recovered: that is news
			continue
		}
		alike := o.SLO == blindEverything && in.everything()
		for id, m := range o.members {
			other := in.byID[id]
			alike = alike || other != nil && !m.recovered && other.dark != nil && l.shares(other)
		}
		if alike && o.many() {
			return o
		}
		if alike && single == nil {
			single = o
		}
	}
	return single
}

// many reports whether the incident stands under the name of a source.
func (o *blackout) many() bool { return len(o.SLOs) > 0 }

// cohort returns the SLO and all that fell dark with it and are in no incident
// yet, also those that would be told of only a little later.
func (b *blindness) cohort(in *survey, l *outlook) []*outlook {
	all := l.dark.Silent && in.everything()
	var some []*outlook
	for _, other := range in.looks {
		if other == l {
			some = append(some, l)
			continue
		}
		if !other.tellable() || other.dark.Silent != l.dark.Silent || b.of(other.id) != nil {
			continue
		}
		apart := other.dark.Since.Sub(l.dark.Since).Abs()
		if apart <= together && (all || l.shares(other)) {
			some = append(some, other)
		}
	}
	return some
}

// everything reports whether no SLO that ever had data has any now.
func (in *survey) everything() bool {
	n := 0
	for _, l := range in.looks {
		switch {
		case l.filling && !l.storage, l.ready && (l.dark == nil || !l.dark.Silent):
			return false
		case l.ready || l.storage:
			n++
		}
	}
	return n > 1
}

// worst returns the highest severity that any of them asks for.
func worst(some []*outlook) slo.Severity {
	if slices.ContainsFunc(some, func(l *outlook) bool { return l.dark.Severity == slo.Page }) {
		return slo.Page
	}
	return slo.Ticket
}
