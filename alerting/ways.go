package alerting

import (
	"time"

	"burnline/slo"
)

// Way is where a route leads an alert.
type Way struct {
	// Receiver is who is told; "" is nobody.
	Receiver string
	// Route is the node that takes the alert. Where it is the root, Receiver may be that
	// of the alert's team instead of the route's.
	Route *Route
	// Group names the incident that the alert is part of.
	Group slo.Labels
	// Muted is what keeps the way quiet at the moment; its Fate is "" where nothing does.
	Muted Decision
}

// Ways says where an alert of these labels is led at a moment, by the same rules as
// the pipeline and without sending anything.
func (c *Config) Ways(ls slo.Labels, at time.Time) []Way {
	var ways []Way
	for _, r := range c.Route.Match(ls) {
		w := Way{Receiver: r.Receiver, Route: r, Group: r.GroupBy.Of(ls)}
		if r == &c.Route {
			w.Receiver = c.receiver(ls.Get("team"))
		}
		w.Muted, _ = muted(c, r, at)
		ways = append(ways, w)
	}
	return ways
}

// CouldInhibit returns the rules by which another alert could keep one of these labels
// quiet.
func (c *Config) CouldInhibit(ls slo.Labels) []InhibitRule {
	var rules []InhibitRule
	for _, rule := range c.Inhibit {
		if matches(rule.Target, ls) {
			rules = append(rules, rule)
		}
	}
	return rules
}
