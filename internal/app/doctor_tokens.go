package app

import (
	"context"
	"slices"
	"time"

	"burnline/internal/auth"
	"burnline/web"
)

const (
	// endsSoon is how long before its end a token is told of, and usedOfLate how long ago it may have been used last.
	endsSoon   = 14 * 24 * time.Hour
	usedOfLate = 7 * 24 * time.Hour
)

// ending are the tokens in use that end soon, the first first.
func ending(all []auth.Token, at time.Time) (soon []auth.Token) {
	for _, t := range all {
		if t.Holds(at) && t.Expires.Sub(at) <= endsSoon && !t.Used.IsZero() && at.Sub(t.Used) <= usedOfLate {
			soon = append(soon, t)
		}
	}
	slices.SortStableFunc(soon, func(a, b auth.Token) int { return a.Expires.Compare(b.Expires) })
	return soon
}

// tokens warns of those in use that end soon: what their senders send is refused from then on.
func (x *examination) tokens(ctx context.Context) {
	all, err := x.parts.access.Tokens(ctx, "")
	if err != nil {
		x.add("access", web.DiagnosisWarning, "tokens", "see whether the state database answers", "which tokens end soon can't be read: %s", err)
		return
	}
	for _, t := range ending(all, x.health.At) {
		x.add("access", web.DiagnosisWarning, "token "+t.Name, "burnline tokens create NAME, with --scope as it has and --for how long; give its sender that one before",
			"it is in use and ends in %s, at %s: what comes with it is refused from then on", spoken(t.Expires.Sub(x.health.At)), t.Expires.UTC().Format("2006-01-02 15:04 MST"))
	}
}
