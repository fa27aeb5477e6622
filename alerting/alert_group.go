package alerting

import (
	"strings"
	"time"

	"burnline/slo"
)

// spot is where an alert belongs: a group of a receiver, by a route.
type spot struct {
	receiver string
	labels   slo.Labels
	severity slo.Severity
	identity string
	route    *Route
}

// spots returns the groups that the routes put an alert into, each once.
func (c *Config) spots(ls slo.Labels) []spot {
	var all []spot
	seen := map[string]bool{}
	severity := alertSeverity(ls)
	for _, route := range c.Route.Match(ls) {
		s := spot{receiver: c.receiverOf(route, ls), labels: route.GroupBy.Of(ls), severity: severity, route: route}
		s.identity = identityOf(s.receiver, s.labels, severity)
		if !seen[s.identity] {
			seen[s.identity] = true
			all = append(all, s)
		}
	}
	return all
}

// receiverOf is who a route tells of an alert: a team's own receiver comes before
// that of the tree's root.
func (c *Config) receiverOf(route *Route, ls slo.Labels) string {
	if route == &c.Route {
		return c.receiver(ls.Get("team"))
	}
	return route.Receiver
}

// identityOf names the group of which only one may be open at a time.
func identityOf(receiver string, ls slo.Labels, severity slo.Severity) string {
	text := appendText(appendText(nil, receiver), string(severity))
	for _, l := range ls {
		text = appendText(appendText(text, l.Name), l.Value)
	}
	return hashed(text)
}

// routeTo returns the route by which a receiver is told of an alert now; the root where
// none leads there any more.
func (c *Config) routeTo(receiver string, ls slo.Labels) *Route {
	for _, route := range c.Route.Match(ls) {
		if c.receiverOf(route, ls) == receiver {
			return route
		}
	}
	return &c.Route
}

// heir returns who is told of a group: its receiver, or, where the configuration has
// it no longer, the one that the routes lead to now.
func (c *Config) heir(receiver string, ls slo.Labels) string {
	for _, r := range c.Receivers {
		if r.Name == receiver {
			return receiver
		}
	}
	return c.receiverOf(c.Route.Match(ls)[0], ls)
}

// interval is how long news of a group that was told are collected.
func (r *Route) interval() time.Duration {
	if r.GroupInterval <= 0 {
		return defaultGroupInterval
	}
	return r.GroupInterval
}

// incident is the group's incident, as far as the group knows it.
func (g *AlertGroup) incident() slo.Incident {
	group := g.Labels.Without(nameLabel)
	return slo.Incident{
		Key: g.Key, SLO: alertPrefix + g.Labels.Get(nameLabel), Severity: g.Severity, Cause: slo.CauseAlert, Receiver: g.Receiver,
		Group: group, Groups: []slo.Labels{group}, Started: g.Started, Opened: g.Opened, Closed: g.Closed,
		Episode: g.Key, EpisodeStarted: g.Started, Number: 1,
	}
}

// outside reports whether the incident rests on outside alerts.
func outside(in slo.Incident) bool { return in.Cause == slo.CauseAlert }

// alertName is the name that all alerts of an incident share; "" where there is none.
func alertName(in slo.Incident) string { return strings.TrimPrefix(in.SLO, alertPrefix) }

// alertLabels are those that all alerts of an incident share.
func alertLabels(in slo.Incident) slo.Labels {
	if name := alertName(in); name != "" {
		return in.Group.With(nameLabel, name)
	}
	return in.Group
}

// Adopt returns the alert, the group and its member of an open incident that was written
// before there were groups: it has one alert of a rule, and was told.
func Adopt(in slo.Incident) (*OutsideAlert, *AlertGroup, *AlertMember) {
	ls := alertLabels(in)
	a := &OutsideAlert{Print: Print(ls), Updated: in.Opened, Alert: slo.Alert{Origin: in.Origin, Labels: ls, StartsAt: in.Started}}
	g := &AlertGroup{
		Key: in.Key, Identity: identityOf(in.Receiver, ls, in.Severity), Receiver: in.Receiver, Labels: ls, Severity: in.Severity,
		Started: in.Started, Opened: in.Opened, Firing: 1, Told: in.Opened,
	}
	return a, g, &AlertMember{Alert: a, in: g, Starts: in.Started, Decision: Decision{Fate: FateSend, At: in.Opened}}
}
