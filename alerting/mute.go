package alerting

import (
	"fmt"
	"strings"
	"time"
)

// muted returns which time interval keeps a route quiet now: one that it is muted
// in, or, where it names those that it is active in, that none of them holds.
func muted(c *Config, r *Route, now time.Time) (Decision, bool) {
	for _, name := range r.Mute {
		if c.within(name, now) {
			return Decision{Receiver: r.Receiver, Fate: FateMuted, By: name, At: now,
				Reason: fmt.Sprintf("the route to %s is muted in the time interval %s", inline(r.Receiver), inline(name))}, true
		}
	}
	for _, name := range r.Active {
		if c.within(name, now) {
			return Decision{}, false
		}
	}
	if len(r.Active) == 0 {
		return Decision{}, false
	}
	return Decision{Receiver: r.Receiver, Fate: FateMuted, By: strings.Join(r.Active, ", "), At: now,
		Reason: fmt.Sprintf("the route to %s is active only in the time interval %s", inline(r.Receiver), list(inlined(r.Active)))}, true
}

// within reports whether a named interval holds the moment; one that is not
// defined holds none. An interval without a time zone is in UTC, as in Alertmanager, and not
// in the zone of the server.
func (c *Config) within(name string, now time.Time) bool {
	for _, interval := range c.Intervals[name] {
		if interval.ContainsTime(now.UTC()) {
			return true
		}
	}
	return false
}
