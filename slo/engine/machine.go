package engine

import (
	"fmt"
	"slices"
	"time"

	"burnline/slo"
)

// joinWithin is for how long after its opening other groups join an incident.
const joinWithin = 5 * time.Minute

// longestTick bounds by how much one judging may advance a resolve clock, so
// that a process that stood still doesn't close an incident at a stroke.
const longestTick = 15 * time.Second

// machine turns statuses into incidents. An episode is one continuous breach
// of a group (and of those that joined it): it ends when none of its incidents is
// open and no policy has fired in its groups for the SLO's shortest long
// window. Within it there is at most one ticket, and one page after another.
//
// The machine is a pure state machine over (sight): next proposes a step, and
// only its apply, called after the commit, changes what is open.
type machine struct {
	episodes []*episode
	last     time.Time
	// closed is when the newest incident closed, by group and severity: the
	// next one starts no earlier.
	closed map[string]time.Time
}

type episode struct {
	key            string
	started        time.Time
	groups         map[string]bool
	page, ticket   *openIncident
	pages, tickets int
	active         time.Time // when a policy last fired or an incident was open
}

type openIncident struct {
	slo.Incident
	// clear is how long good events have been seen without any policy firing.
	clear time.Duration
	calm  bool // nothing fired and events were seen when last looked
	// long and short are the windows of the policy that fired last; 0 after a restart.
	long, short time.Duration
	// keys are those of the first named of Groups.
	keys  map[string]bool
	named int
	// rest is what was last found of its end.
	rest rest
}

// step is a proposed transition and what becomes true once it is committed.
type step struct {
	slo.Transition
	apply func()
}

// restore adopts an incident of before a restart. An open one keeps its key, and
// its resolve clock begins anew; a closed one is remembered, so that the next
// starts after it and counts on in their episode. They come in order of opening.
func (m *machine) restore(inc slo.Incident, now time.Time) {
	isOpen := inc.Closed.IsZero()
	ep := m.episode(inc)
	for _, g := range inc.Groups {
		m.leave(g.String())
		ep.groups[g.String()] = true
	}
	var open *openIncident
	if isOpen {
		open, ep.active = &openIncident{Incident: inc}, now
	} else {
		m.forbid(inc, inc.Closed)
		if ep.active.Before(inc.Closed) {
			ep.active = inc.Closed
		}
	}
	if inc.Severity == slo.Page {
		ep.pages = max(ep.pages, inc.Number)
		if inc.Replaces != "" {
			ep.tickets = max(ep.tickets, 1)
		}
		if isOpen {
			ep.page = open
		}
		return
	}
	ep.tickets = max(ep.tickets, inc.Number)
	if isOpen {
		ep.ticket = open
	}
}

// episode returns the episode that a restored incident is of, making it where
// it is the first.
func (m *machine) episode(inc slo.Incident) *episode {
	for _, have := range m.episodes {
		if have.key == inc.Episode {
			return have
		}
	}
	ep := &episode{key: inc.Episode, started: inc.EpisodeStarted, groups: map[string]bool{}}
	m.episodes = append(m.episodes, ep)
	return ep
}

// forbid notes that the incident closed: the next one of its severity in any of
// its groups starts no earlier, so that no key is used twice.
func (m *machine) forbid(inc slo.Incident, at time.Time) {
	for _, g := range inc.Groups {
		m.closed[g.String()+string(inc.Severity)] = at
	}
}

// open returns the open incidents in order of opening.
func (m *machine) open() []slo.Incident {
	var all []slo.Incident
	for _, ep := range m.episodes {
		for _, o := range ep.incidents() {
			all = append(all, o.Incident)
		}
	}
	return all
}

func (ep *episode) incidents() []*openIncident {
	var all []*openIncident
	if ep.page != nil {
		all = append(all, ep.page)
	}
	if ep.ticket != nil {
		all = append(all, ep.ticket)
	}
	return all
}

func (o *openIncident) has(group string) bool {
	if o.keys == nil {
		o.keys = map[string]bool{}
	}
	for ; o.named < len(o.Groups); o.named++ { // groups only join
		o.keys[o.Groups[o.named].String()] = true
	}
	return o.keys[group]
}

// observe advances clocks and ends episodes; it needs no commit.
func (m *machine) observe(in *sight) {
	tick := min(in.now.Sub(m.last), longestTick)
	if m.last.IsZero() || tick < 0 {
		tick = 0
	}
	m.last = in.now
	quiet := shortestLong(in.def)
	for _, ep := range m.episodes {
		for _, o := range ep.incidents() {
			ep.active = in.now
			o.observe(in, tick)
		}
		for i := range in.groups {
			if _, fires := breach(&in.groups[i]); fires != nil && ep.groups[in.groups[i].Group.String()] {
				ep.active = in.now
			}
		}
	}
	m.episodes = slices.DeleteFunc(m.episodes, func(ep *episode) bool { return in.now.Sub(ep.active) >= quiet })
	for k, at := range m.closed {
		if in.now.Sub(at) > in.def.Window.Nominal() {
			delete(m.closed, k)
		}
	}
}

// observe advances the incident's resolve clock: only while nothing fires and
// every group shows events, or no longer has any.
func (o *openIncident) observe(in *sight, tick time.Duration) {
	clear := true
	for _, g := range o.Groups {
		s := in.status(g)
		if s != nil {
			for _, p := range s.Policies {
				if holds(o, &p) {
					o.long, o.short, o.clear, o.calm = p.Policy.Long, p.Policy.Short, 0, false
					return
				}
			}
		}
		clear = clear && (in.recovers(o, s) || in.over(o, s))
	}
	clear = clear && !in.catchingUp && !in.held()
	if clear && o.calm {
		o.clear += tick
	}
	o.calm = clear
}

// holds reports whether a policy keeps the incident from closing.
func holds(o *openIncident, p *slo.PolicyStatus) bool {
	return p.Firing && (o.Severity == slo.Ticket || p.Severity == slo.Page || o.Raised != "")
}

// next returns the next step that the sight calls for, nil when there is none.
func (m *machine) next(in *sight) *step {
	for i := range in.groups {
		severity, fires := breach(&in.groups[i])
		if fires == nil {
			continue
		}
		if s := m.raise(in, &in.groups[i], severity, fires); s != nil {
			return s
		}
	}
	if in.catchingUp || in.held() {
		return nil
	}
	for _, ep := range m.episodes {
		for _, o := range ep.incidents() {
			if ending, reason := m.recovered(in, o); reason != "" {
				return m.close(in, ep, o, ending, reason)
			}
		}
	}
	return nil
}

// recovered gives the reason for which the incident closes and what is known of
// its end; the reason is "" when it stays open.
func (m *machine) recovered(in *sight, o *openIncident) (slo.Ending, string) {
	over, ending := true, slo.EndingRecovered
	for _, g := range o.Groups {
		if in.over(o, in.status(g)) {
			ending = slo.EndingIdle // of this group at least
			continue
		}
		over = false
	}
	if long, _ := in.windowsOf(o); over {
		return slo.EndingIdle, fmt.Sprintf("no events for %s: the service is idle", slo.FormatDuration(long))
	}
	if o.clear >= in.def.ResolveAfter && o.clear > 0 {
		of := string(o.Severity) + " "
		if o.Raised != "" {
			of = ""
		}
		return ending, fmt.Sprintf("no %spolicy has fired for %s while events arrived", of, slo.FormatDuration(in.def.ResolveAfter))
	}
	return "", ""
}

// raise proposes what a firing policy calls for: an incident, or joining one.
func (m *machine) raise(in *sight, s *slo.Status, severity slo.Severity, fires *slo.PolicyStatus) *step {
	group := s.Group.String()
	for _, ep := range m.episodes {
		if !ep.groups[group] {
			continue
		}
		if severity == slo.Ticket && ep.page == nil && ep.ticket != nil && ep.ticket.has(group) {
			if why := in.raised(ep.ticket); why != "" {
				return m.openAs(in, ep, s, slo.Page, fires, why)
			}
		}
		switch {
		case ep.page != nil && ep.page.has(group), severity == slo.Ticket && ep.ticket != nil && ep.ticket.has(group):
			return nil
		case severity == slo.Page && ep.page == nil:
			if st := m.joinAny(in, s, severity, fires); st != nil {
				return st
			}
			return m.openIn(in, ep, s, severity, fires)
		case ep.page == nil && ep.ticket == nil:
			if ep.tickets > 0 {
				return nil // at most one ticket in an episode
			}
			return m.openIn(in, ep, s, severity, fires)
		}
	}
	if st := m.joinAny(in, s, severity, fires); st != nil {
		return st
	}
	return m.openIn(in, nil, s, severity, fires)
}

// joinAny proposes that a group joins a young incident of another one, of the
// same severity or a page; nil when there is none.
func (m *machine) joinAny(in *sight, s *slo.Status, severity slo.Severity, fires *slo.PolicyStatus) *step {
	for _, ep := range m.episodes {
		for _, o := range ep.incidents() {
			if (o.Severity == severity || o.Severity == slo.Page) && in.now.Sub(o.Opened) <= joinWithin {
				return m.join(in, ep, o, s, fires)
			}
		}
	}
	return nil
}

// openIn proposes a new incident in an episode, or in a new one where it is nil.
func (m *machine) openIn(in *sight, ep *episode, s *slo.Status, severity slo.Severity, fires *slo.PolicyStatus) *step {
	return m.openAs(in, ep, s, severity, fires, "")
}

// openAs is openIn with the reason for which a ticket was raised, or "".
func (m *machine) openAs(in *sight, ep *episode, s *slo.Status, severity slo.Severity, fires *slo.PolicyStatus, raised string) *step {
	group := s.Group.String()
	inc := slo.Incident{
		SLO: in.def.ID, Severity: severity, Group: s.Group, Groups: []slo.Labels{s.Group},
		Started: in.started(s.Group, fires.Policy), Opened: in.now, Number: 1, Raised: raised,
	}
	if after := m.closed[group+string(severity)]; inc.Started.Before(after) {
		inc.Started = after
	}
	inc.Key = key(inc.SLO, inc.Group, inc.Started, string(severity))
	reason := fires.Reason
	if raised != "" {
		reason = "raised from a ticket: " + raised + "; " + reason
	}
	fresh := ep == nil
	if fresh {
		ep = &episode{
			key: key(inc.SLO, inc.Group, inc.Started, "episode"), started: inc.Started, groups: map[string]bool{group: true},
		}
	} else {
		inc.Number = ep.tickets + 1
		if severity == slo.Page {
			inc.Number = ep.pages + 1
		}
		if inc.Number > 1 {
			reason = fmt.Sprintf("again, number %d since %s: %s", inc.Number, ep.started.Format("15:04"), reason)
		}
	}
	if severity == slo.Page && ep.ticket != nil {
		inc.Replaces = ep.ticket.Key
		inc.Groups = append(inc.Groups, in.stillFiring(ep.ticket, group)...)
	}
	inc.Episode, inc.EpisodeStarted = ep.key, ep.started
	st := in.step(slo.IncidentOpened, inc, reason, s, fires)
	st.apply = func() {
		open := &openIncident{Incident: inc, long: fires.Policy.Long, short: fires.Policy.Short}
		if fresh {
			m.leave(group)
			m.episodes = append(m.episodes, ep)
		}
		ep.active = in.now
		if severity == slo.Page {
			ep.page, ep.pages = open, inc.Number
			if ep.ticket != nil {
				m.forbid(ep.ticket.Incident, in.now)
			}
			ep.ticket = nil
		} else {
			ep.ticket, ep.tickets = open, inc.Number
		}
	}
	return st
}

// leave takes a group out of the episodes that it was in.
func (m *machine) leave(group string) {
	for _, ep := range m.episodes {
		delete(ep.groups, group)
	}
}

func (m *machine) join(in *sight, ep *episode, o *openIncident, s *slo.Status, fires *slo.PolicyStatus) *step {
	inc := o.Incident
	inc.Groups = append(slices.Clone(inc.Groups), s.Group)
	st := in.step(slo.IncidentJoined, inc, fires.Reason, s, fires)
	st.apply = func() {
		m.leave(s.Group.String())
		ep.groups[s.Group.String()] = true
		o.Incident, o.clear, o.calm = inc, 0, false
	}
	return st
}

func (m *machine) close(in *sight, ep *episode, o *openIncident, ending slo.Ending, reason string) *step {
	inc := o.Incident
	inc.Closed = in.now
	st := in.step(slo.IncidentClosed, inc, reason, in.status(inc.Group), nil)
	st.Ending = ending
	st.apply = func() {
		m.forbid(inc, in.now)
		ep.active = in.now
		if ep.page == o {
			ep.page = nil
		}
		if ep.ticket == o {
			ep.ticket = nil
		}
	}
	return st
}

// closeAny proposes to close the first open incident because the SLO is gone;
// nil when none is open.
func (m *machine) closeAny(in *sight, reason string) *step {
	for _, ep := range m.episodes {
		for _, o := range ep.incidents() {
			return m.close(in, ep, o, slo.EndingRemoved, reason)
		}
	}
	return nil
}
