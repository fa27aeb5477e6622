package alerting

import (
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/slo"
)

// Route is a node of the routing tree, with what it inherits filled in. It means what
// it means to Alertmanager, but that the first alert of a group is told at once.
type Route struct {
	// Receiver is the name of the receiver that is told.
	Receiver string
	// Matchers must all match; an empty list matches everything. The root has none.
	Matchers labels.Matchers
	// Continue lets siblings after this node match as well.
	Continue bool
	// GroupBy says which outside alerts make one incident.
	GroupBy Grouping
	// GroupInterval is how long news of a group that was told are collected.
	// Default 5m.
	GroupInterval time.Duration
	// RepeatInterval is after what time an incident that is open, and that nobody
	// acknowledged, is told again. Default 4h.
	RepeatInterval time.Duration
	// Escalate are further receivers that are told of what stays open for long.
	Escalate []Escalation
	// Mute names intervals in which nothing is told, Active those outside of which
	// nothing is told. Neither is inherited.
	Mute, Active []string
	// Routes are asked in order before this node takes an alert itself.
	Routes []Route
	// Source is where the route was read.
	Source slo.Source
}

// Escalation is a further receiver that is told of an incident that has not closed for a
// time, whether somebody acknowledged it or not; once each.
type Escalation struct {
	After    time.Duration
	Receiver string
}

// Grouping says which alerts of a route make one incident. Its zero value makes every alert an
// incident of its own, which is what holds where nobody wrote group_by: a second alert
// that only updates an incident wakes nobody.
type Grouping struct {
	// Labels are the labels whose values alerts of one incident share. A list that is empty
	// and not nil makes one incident of all alerts.
	Labels []string
	// Each makes every alert an incident of its own, whatever Labels say.
	Each bool
}

// Alone reports whether every alert is an incident of its own.
func (g Grouping) Alone() bool { return g.Each || g.Labels == nil }

// Match returns the nodes that take an alert of these labels: the deepest that
// match, in order, and never none for the root.
func (r *Route) Match(ls slo.Labels) []*Route {
	if !matches(r.Matchers, ls) {
		return nil
	}
	var taken []*Route
	for i := range r.Routes {
		child := &r.Routes[i]
		below := child.Match(ls)
		taken = append(taken, below...)
		if len(below) > 0 && !child.Continue {
			break
		}
	}
	if len(taken) == 0 {
		return []*Route{r}
	}
	return taken
}

// Of returns the labels that name the alert's group.
func (g Grouping) Of(ls slo.Labels) slo.Labels {
	if g.Alone() {
		return ls
	}
	return ls.Keep(g.Labels)
}

// InhibitRule keeps alerts quiet while another fires.
type InhibitRule struct {
	// Source must match the alert that fires, Target the one that is kept quiet.
	Source, Target labels.Matchers
	// Equal are labels whose values both must share; missing equals empty.
	Equal []string
	// From is where the rule was read.
	From slo.Source
}
