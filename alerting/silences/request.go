package silences

import (
	"log/slog"
	"math"
	"time"
	"unicode/utf8"

	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/slo"
)

// Request is a silence as somebody asks for it.
type Request struct {
	// ID is that of the silence to change; "" asks for a new one.
	ID       string
	Matchers labels.Matchers
	// StartsAt is now where it is zero.
	StartsAt, EndsAt time.Time
	// Author and Reason are required.
	Author, Reason string
	// UntilResolved ends it early, once nothing that it matched is open any more.
	UntilResolved bool
	// Ceiling is the burn rate above which an SLO's page is told all the same; 0 is
	// none. Nil lets the limits choose, see Limits.Ceiling.
	Ceiling *float64
	// Confirmed says that somebody has seen how much it mutes, and wants it.
	Confirmed bool
}

// Limits bound what one silence may do.
type Limits struct {
	// MaxDuration is how far ahead a silence may end, from its start or, once it has
	// begun, from now. Default 7 days.
	MaxDuration time.Duration `json:"max_duration"`
	// MaxBreadth is the share, 0 to 1, of all SLOs, and of all open incidents, above which a
	// silence has to be confirmed. Default 0.25. Few of either need no
	// confirmation: up to this many. Default 3.
	MaxBreadth float64 `json:"max_breadth"`
	Few        int     `json:"unconfirmed"`
	// Ceiling is the burn rate above which an SLO's page is told all the same where
	// nobody chose another: what was known when it was silenced may have become a
	// different matter. Twice the highest burn of now takes its place where that is
	// more. Default 100; 0 is none.
	Ceiling float64 `json:"burn_ceiling"`
}

// Breadth is MaxBreadth as people read it, such as 25 %.
func (l Limits) Breadth() string { return alerting.Percent(l.MaxBreadth) }

// Length is MaxDuration as people read it, such as 7d.
func (l Limits) Length() string { return slo.FormatDuration(l.MaxDuration) }

// DefaultLimits returns the limits that hold where nothing else is said.
func DefaultLimits() Limits {
	return Limits{MaxDuration: 7 * 24 * time.Hour, MaxBreadth: 0.25, Few: 3, Ceiling: 100}
}

// maxMatchers bounds the matchers of one silence.
const maxMatchers = 50

// ParseMatcher reads one matcher, such as service="checkout", as Alertmanager does:
// first by its newer rules, then by its older ones.
func ParseMatcher(text string) (*labels.Matcher, error) {
	return compat.FallbackMatcherParser(slog.New(slog.DiscardHandler))(text, "silences")
}

// check returns everything that is wrong with the request in itself.
func (r *Request) check(l Limits, now time.Time) slo.Problems {
	var found slo.Problems
	r.checkMatchers(&found)
	found.Text("reason", "write why, so that whoever is on call understands it", r.Reason)
	found.Text("author", "write who answers for it", r.Author)
	r.checkTimes(l, now, &found)
	if c := r.Ceiling; c != nil && (math.IsNaN(*c) || math.IsInf(*c, 0) || *c < 0) {
		found.Add("ceiling", "write a burn rate such as 100, or 0 for none", "%v is no burn rate", *c)
	}
	return found
}

// checkForPreview returns what is wrong with what a preview rests on: the matchers alone.
func (r *Request) checkForPreview() slo.Problems {
	var found slo.Problems
	r.checkMatchers(&found)
	return found
}

// checkTimes checks when it begins and ends.
func (r *Request) checkTimes(l Limits, now time.Time, found *slo.Problems) {
	from := r.StartsAt
	if from.Before(now) {
		from = now
	}
	switch {
	case r.EndsAt.IsZero():
		found.Add("ends_at", "write when it ends; one that lasts until its incidents are resolved needs an end as well", "it is missing")
	case !r.EndsAt.After(now):
		found.Add("ends_at", "write a moment that is still to come", "end time can't be in the past")
	case !r.EndsAt.After(r.StartsAt):
		found.Add("ends_at", "write a later moment", "start time must be before end time")
	case r.EndsAt.Sub(from) > l.MaxDuration:
		found.Add("ends_at", "end it by "+from.Add(l.MaxDuration).UTC().Format("2006-01-02 15:04 MST")+" and make it longer later, if it still has to be",
			"it lasts longer than %s", slo.FormatDuration(l.MaxDuration))
	}
}

// checkMatchers checks that the matchers name something.
func (r *Request) checkMatchers(found *slo.Problems) {
	const example = `write at least one such as service="checkout" or alertname=~"Disk.+"`
	switch n := len(r.Matchers); {
	case n == 0:
		found.Add("matchers", example, "there are none, so it would mute everything")
		return
	case n > maxMatchers:
		found.Add("matchers", "leave some out", "%d are more than %d", n, maxMatchers)
		return
	}
	narrow := false
	for _, m := range r.Matchers {
		switch {
		case m.Name == "" || !utf8.ValidString(m.Name):
			found.Add("matchers", example, "%.100q is no name of a label", m.Name)
		case len(m.Name)+len(m.Value) > slo.MaxText:
			found.Add("matchers", "shorten it", "the one of %.100q is longer than %d bytes", m.Name, slo.MaxText)
		case !utf8.ValidString(m.Value):
			found.Add("matchers", "write UTF-8", "the value for %.100q is not UTF-8", m.Name)
		}
		narrow = narrow || selects(m)
	}
	if !narrow {
		found.Add("matchers", example, "nothing in {%s} says what to mute: matchers that exclude (!=, !~), or match any value or none, leave nearly everything", texts(r.Matchers))
	}
}

// selects reports whether a matcher picks some values out: it lets no label that is missing
// through, and not whatever value there may be.
func selects(m *labels.Matcher) bool {
	if m.Type != labels.MatchEqual && m.Type != labels.MatchRegexp || m.Matches("") {
		return false
	}
	// An expression that matches all of these, which have nothing in common, matches
	// anything.
	for _, any := range []string{"q7-Zw.x_9", "0", "é\u2603", " /:\\"} {
		if !m.Matches(any) {
			return true
		}
	}
	return false
}

// texts writes matchers as people enter them.
func texts(ms labels.Matchers) string {
	s := ms.String()
	return s[1 : len(s)-1]
}

// silence is the request as a silence that begins now at the earliest.
func (r *Request) silence(now time.Time) alerting.Silence {
	s := alerting.Silence{
		ID: r.ID, Matchers: r.Matchers, StartsAt: r.StartsAt.UTC(), EndsAt: r.EndsAt.UTC(), Author: r.Author, Reason: r.Reason,
		UntilResolved: r.UntilResolved, UpdatedAt: now.UTC(),
	}
	if s.StartsAt.Before(now) {
		s.StartsAt = now.UTC()
	}
	if r.Ceiling != nil {
		s.Ceiling = *r.Ceiling
	}
	return s
}
