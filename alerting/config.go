package alerting

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/slo"
)

// ReceiverConfig is one receiver: a name and where it tells people.
type ReceiverConfig struct {
	// Name is what routes and rows of the outbox call the receiver.
	Name string
	// Integrations are where it tells people. A row is kept per integration.
	Integrations []Integration
	// Fallback is the receiver that is told as well when an integration of this one
	// has failed for so long that nobody may have heard; "" is none.
	Fallback string
}

// Integration is one place where a receiver tells people.
type Integration struct {
	// Name is kind and place in the list, such as "pagerduty/0".
	Name string
	// SkipResolved leaves the end of incidents out.
	SkipResolved bool
	// KeepsIncidents is true where people acknowledge and resolve the incident itself, as
	// in PagerDuty; it is told what was acknowledged elsewhere.
	KeepsIncidents bool
	// ShowsWho is true where the message of the incident shows who has it, as in Slack.
	ShowsWho bool
	// ListsAlerts is true where a message is made of the alerts as they stand when it is
	// sent, as a webhook's: one that leaves late tells what came meanwhile.
	ListsAlerts bool
}

// Config is who is told of incidents.
type Config struct {
	// Receivers may be empty: incidents are then recorded and nobody is told.
	Receivers []ReceiverConfig
	// Route is the root of the routing tree. Its receiver may be empty with no
	// receiver or just one.
	Route Route
	// Inhibit are the rules by which one alert keeps others quiet.
	Inhibit []InhibitRule
	// Intervals are the named times that routes mute in or are active in.
	Intervals map[string][]timeinterval.TimeInterval
	// ResolveTimeout is after what time without news an outside alert that names no
	// end is over. Default 5m.
	ResolveTimeout time.Duration
	// ResolvedGrace is after what time an incident that was resolved by hand at a receiver
	// is told there again, if it is still open here. Default 5m.
	ResolvedGrace time.Duration
	// Teams are the receivers of teams that have one of their own, by the team's
	// name; an incident of such a team goes there where only the root of the routing
	// tree matches it. A route that somebody wrote for it comes first.
	Teams map[string]string
	// Shadow says who is not told for real.
	Shadow Shadow
	// DependsOn are the SLOs that an SLO names as its dependencies.
	DependsOn slo.Dependencies
}

// Validate reports everything that is wrong with the configuration at once,
// joined, and says what to write instead.
func (c Config) Validate() error {
	var errs []error
	names := make([]string, 0, len(c.Receivers))
	for i, r := range c.Receivers {
		switch {
		case r.Name == "":
			errs = append(errs, fmt.Errorf("alerting.receivers[%d]: name is missing; write name: oncall", i))
		case slices.Contains(names, r.Name):
			errs = append(errs, fmt.Errorf("alerting.receivers[%d]: the name %q is taken; give each receiver its own name", i, r.Name))
		}
		names = append(names, r.Name)
	}
	switch {
	case c.Route.Receiver == "" && len(c.unclaimed()) > 1:
		errs = append(errs, fmt.Errorf("alerting.route.receiver is missing; name one of %q", c.unclaimed()))
	case c.Route.Receiver != "" && !slices.Contains(names, c.Route.Receiver):
		errs = append(errs, fmt.Errorf("alerting.route.receiver: there is no receiver %q; name one of %q", c.Route.Receiver, names))
	}
	for _, team := range slices.Sorted(maps.Keys(c.Teams)) {
		if !slices.Contains(names, c.Teams[team]) {
			errs = append(errs, fmt.Errorf("team %s: there is no receiver %q; name one of %q", team, c.Teams[team], names))
		}
	}
	return errors.Join(errs...)
}

// target is one integration of one receiver.
type target struct{ receiver, integration string }

// unclaimed are the names of the receivers that are no team's own.
func (c *Config) unclaimed() []string {
	var names []string
	teams := slices.Collect(maps.Values(c.Teams))
	for _, r := range c.Receivers {
		if !slices.Contains(teams, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

// receiver returns the receiver of a team's incidents that only the root of the
// routing tree matches; "" when there is none.
func (c *Config) receiver(team string) string {
	if name, ok := c.Teams[team]; ok {
		return name
	}
	if rest := c.unclaimed(); c.Route.Receiver == "" && len(rest) == 1 {
		return rest[0]
	}
	return c.Route.Receiver
}

// targets returns the integrations of a receiver.
func (c *Config) targets(receiver string) []target {
	var ts []target
	for _, r := range c.Receivers {
		if r.Name != receiver {
			continue
		}
		for _, in := range r.Integrations {
			ts = append(ts, target{r.Name, in.Name})
		}
	}
	return ts
}

// skipsResolved reports whether an integration leaves the end of incidents out.
func (c *Config) skipsResolved(to target) bool {
	return c.integration(to).SkipResolved
}
