package alerting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// ClassBacklog is the class of messages that tell of what waits behind a limit.
const ClassBacklog = "backlog"

// backlogID is what the incidents of backlogs have instead of an SLO's ID.
const backlogID = "burnline/backlog"

// Backlog is what waits behind the limit of a destination.
type Backlog struct {
	// Target is the integration that is told of it: one that ends at the destination.
	Target      Target
	Destination Destination
	// Limited is true where the limit is what they wait for, and false where the
	// destination fails.
	Limited bool
	// Incidents is how many incidents nobody was told of wait, and Titles are those of
	// the most important.
	Incidents int
	Titles    []string
}

// backlogged reports whether an incident is that of a backlog: no route leads it anywhere and
// nothing keeps it quiet.
func backlogged(in slo.Incident) bool { return in.Cause == slo.CauseBacklog }

// Backlog takes note of all that waits behind limits. Where more incidents wait than a
// destination takes in a minute one message tells of them, as an incident of its own; it
// ends when nothing waits there any more.
func (r *Router) Backlog(ctx context.Context, waiting []Backlog) error {
	open := map[string]slo.Incident{}
	for _, k := range r.world.all() {
		if backlogged(k.incident) {
			open[k.incident.Group.Get("destination")] = k.incident
		}
	}
	for _, b := range waiting {
		name := b.Destination.Name
		if _, known := open[name]; !known && b.Limited && b.Incidents > b.Destination.PerMinute {
			if err := r.commitBacklog(ctx, slo.IncidentOpened, b.incident(r.now()), b.text(r.text)); err != nil {
				return err
			}
		}
		delete(open, name)
	}
	for _, in := range open {
		if err := r.commitBacklog(ctx, slo.IncidentClosed, in, Message{Summary: "All that waited behind the limit has been sent."}); err != nil {
			return err
		}
	}
	return nil
}

// incident is that of a backlog which begins now.
func (b Backlog) incident(now time.Time) slo.Incident {
	sum := sha256.Sum256(fmt.Appendf(nil, "backlog %q %d", b.Destination.Name, now.UnixNano()))
	group := slo.NewLabels("destination", b.Destination.Name)
	key := hex.EncodeToString(sum[:])
	return slo.Incident{
		Key: key, SLO: backlogID, Severity: slo.Page, Cause: slo.CauseBacklog, Receiver: b.Target.Receiver,
		Group: group, Groups: []slo.Labels{group}, Started: now, Opened: now, Episode: key, EpisodeStarted: now, Number: 1,
	}
}

// text is the one message for all that waits.
func (b Backlog) text(o TextOptions) Message {
	titles := slices.Clone(b.Titles)
	for i := range titles {
		titles[i] = inline(titles[i])
	}
	for range b.Incidents - len(titles) {
		titles = append(titles, "") // list counts what it does not name
	}
	m := Message{Severity: slo.Page, Source: "burnline", Component: inline(b.Target.Receiver), Class: ClassBacklog,
		Details: []Detail{
			{"Waiting", fmt.Sprintf("%d incidents", b.Incidents)},
			{"Limit", fmt.Sprintf("%d messages a minute", b.Destination.PerMinute)},
			{"First of them", strings.Join(b.Titles, "; ")},
		}}
	m.Summary = fmt.Sprintf("%d more incidents wait behind the limit of %s, which takes %d messages a minute: %s. The most important go first.",
		b.Incidents, names([]Target{b.Target}), b.Destination.PerMinute, list(titles))
	if o.ExternalURL != "" {
		all := strings.TrimSuffix(o.ExternalURL, "/") + "/incidents"
		m.Summary += " See " + all
		m.Links = []Link{{"All incidents", all}}
	}
	return m
}

// commitBacklog opens or ends the incident of a backlog.
func (r *Router) commitBacklog(ctx context.Context, kind slo.TransitionKind, in slo.Incident, m Message) error {
	r.changing.RLock()
	defer r.changing.RUnlock()
	now := r.now()
	m.Time = in.Started
	t := slo.Transition{Kind: kind, Incident: in, At: now, Reason: "more waits than the receiver takes in a minute"}
	if kind == slo.IncidentClosed {
		t.Incident.Closed, t.Reason = now, "nothing waits any more"
		m.Severity, m.Source, m.Component, m.Class = in.Severity, "burnline", in.Receiver, ClassBacklog
	}
	planned := false
	change := Change{Transition: t, Plan: func(have Existing) Plan {
		planned = true
		return planBacklog(&r.config, t, have, m)
	}}
	if err := r.store.Commit(ctx, change, now); err != nil {
		return fmt.Errorf("commit %s backlog of %s: %w", kind, in.Receiver, err)
	}
	if kind == slo.IncidentClosed {
		r.world.forget(in.Key)
	} else if planned {
		r.world.learn(remembered{incident: in})
	}
	r.wake()
	r.logger.Warn("the backlog of a receiver's limit", "kind", kind, "receiver", in.Receiver, "text", m.Summary)
	return nil
}

// planBacklog tells the first integration of the receiver of a backlog, and of its end
// where an attempt was made to tell of the beginning.
func planBacklog(c *Config, t slo.Transition, have Existing, m Message) Plan {
	p := Plan{Title: "Messages wait", Newest: m, Reason: ReasonOpened}
	if t.Kind == slo.IncidentOpened {
		if to := c.targets(t.Incident.Receiver); len(have.Rows) == 0 && len(to) > 0 {
			p.Rows = []Row{to[0].row(orElse(have.Key, t.Incident.Key), ActionTrigger, m)}
		}
		return p
	}
	p.Reason = ReasonClosed
	for _, to := range targetsOf(have.Rows) {
		if untouched(have.Rows, to) {
			p.Supersede = append(p.Supersede, unattempted(have.Rows, to)...)
			continue
		}
		p.Rows = append(p.Rows, to.row(orElse(have.Key, t.Incident.Key), ActionResolve, m))
	}
	return p
}
