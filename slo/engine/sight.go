package engine

import (
	"slices"
	"time"

	"burnline/slo"
)

// sight is what the machine sees of an SLO at one moment.
type sight struct {
	now time.Time
	def *slo.Definition
	// groups are the statuses in order of group.
	groups []slo.Status
	// byGroup finds a status by its group's key; made once it is needed.
	byGroup map[string]*slo.Status
	// catchingUp is true while history is read or repaired: nothing closes.
	catchingUp bool
	// started finds the data time of a breach, since the events from then on.
	started func(group slo.Labels, p slo.Policy) time.Time
	since   func(groups []slo.Labels, from time.Time) slo.Counts
	// corrected reports whether corrections take time out of the window of such a
	// length that ends now: that it has no events then proves nothing.
	corrected func(long time.Duration) bool
	// reported reports whether samples came in the window of such a length that ends
	// now: without any, that it has no events proves nothing either.
	reported func(long time.Duration) bool
	// raise says why a ticket rises although no policy pages; nil raises nothing.
	raise func(slo.Incident, *slo.Definition) string
}

// raised says why a ticket rises although no policy pages; "" is that it does not.
func (in *sight) raised(ticket *openIncident) string {
	if in.raise == nil || in.catchingUp || in.held() {
		return ""
	}
	return in.raise(ticket.Incident, in.def)
}

// held reports whether alerts are held back, so that nothing that fires no longer
// proves anything.
func (in *sight) held() bool { return len(in.groups) > 0 && len(in.groups[0].Held) > 0 }

func (in *sight) status(group slo.Labels) *slo.Status {
	if in.byGroup == nil {
		in.byGroup = make(map[string]*slo.Status, len(in.groups))
		for i := range in.groups {
			in.byGroup[in.groups[i].Group.String()] = &in.groups[i]
		}
	}
	return in.byGroup[group.String()]
}

// windowsOf returns the incident's long and short window: those of the policy
// that fired last, after a restart the longest and the shortest of its severity.
func (in *sight) windowsOf(o *openIncident) (long, short time.Duration) {
	if o.long > 0 {
		return o.long, o.short
	}
	for _, p := range in.def.Policies {
		if p.Severity == o.Severity || o.Raised != "" {
			long = max(long, p.Long)
			if short == 0 || p.Short < short {
				short = p.Short
			}
		}
	}
	if long == 0 {
		return shortestLong(in.def), shortestLong(in.def)
	}
	return long, short
}

func eventsIn(s *slo.Status, w time.Duration) float64 {
	for _, b := range s.Burns {
		if b.Window == w {
			return b.Counts.Total
		}
	}
	return 0
}

// recovers reports whether the group shows events: evidence that it recovers.
func (in *sight) recovers(o *openIncident, s *slo.Status) bool {
	_, short := in.windowsOf(o)
	return s != nil && reliable(s.State) && eventsIn(s, short) > 0
}

// over reports whether the group is known to have had no events for the whole long window
// and is idle, or no longer exists while others report. Silence is not recovery, however short the window is.
func (in *sight) over(o *openIncident, s *slo.Status) bool {
	if s == nil {
		return slices.ContainsFunc(in.groups, func(s slo.Status) bool { return reliable(s.State) })
	}
	long, _ := in.windowsOf(o)
	return s.State == slo.StateIdle && eventsIn(s, long) == 0 && in.reported(long) && !in.corrected(long)
}

// reliable reports whether data arrives and can be trusted, events or not.
func reliable(s slo.State) bool { return s.Known() || s == slo.StateIdle }

// breach returns the severity at which a group breaches and the most urgent
// policy that says so; nil when none fires.
func breach(s *slo.Status) (slo.Severity, *slo.PolicyStatus) {
	var ticket *slo.PolicyStatus
	for i := range s.Policies {
		p := &s.Policies[i]
		if p.Firing && p.Severity == slo.Page {
			return slo.Page, p
		}
		if p.Firing && ticket == nil {
			ticket = p
		}
	}
	return slo.Ticket, ticket
}

// stillFiring returns the other groups of a ticket for which a policy fires.
func (in *sight) stillFiring(o *openIncident, group string) []slo.Labels {
	var others []slo.Labels
	for _, g := range o.Groups {
		if s := in.status(g); s != nil && g.String() != group {
			if _, fires := breach(s); fires != nil {
				others = append(others, g)
			}
		}
	}
	return others
}

// step completes a transition with the evidence.
func (in *sight) step(kind slo.TransitionKind, inc slo.Incident, reason string, s *slo.Status, fires *slo.PolicyStatus) *step {
	if first := in.status(inc.Group); first != nil {
		s = first
	}
	if s == nil {
		s = &slo.Status{ID: inc.SLO, Group: inc.Group, At: in.now, State: slo.StateUnseen, Reason: "This group no longer exists."}
	}
	if fires != nil {
		copied := *fires
		fires = &copied
	}
	return &step{Transition: slo.Transition{
		Kind: kind, Incident: inc, Definition: in.def, At: in.now, Reason: reason,
		Since: in.since(inc.Groups, inc.Started), Status: *s, Policy: fires,
	}}
}
