package alerting

import (
	"context"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/slo"
)

// Silence keeps what matches it quiet for a time. It mutes telling, never
// watching, and never the end of what was told.
type Silence struct {
	ID       string          `json:"id"`
	Matchers labels.Matchers `json:"matchers"`
	// StartsAt and EndsAt bound it; the end is not part of it.
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	// Author and Reason are required.
	Author string `json:"author"`
	Reason string `json:"reason"`
	// UntilResolved ends it early, once nothing that it matched is open any more.
	UntilResolved bool `json:"until_resolved"`
	// Ceiling is the burn rate above which an SLO's page is told in spite of the
	// silence; 0 is none.
	Ceiling float64 `json:"ceiling"`
	// UpdatedAt is when it was last written; ExpiredBy who ended it early, if anybody.
	UpdatedAt time.Time `json:"updated_at"`
	ExpiredBy string    `json:"expired_by,omitempty"`
}

// Active reports whether the silence holds at a moment.
func (s *Silence) Active(at time.Time) bool {
	return !at.Before(s.StartsAt) && at.Before(s.EndsAt)
}

// Matches reports whether all matchers match the labels; one that is missing
// counts as empty, as in Alertmanager.
func (s *Silence) Matches(ls slo.Labels) bool { return matches(s.Matchers, ls) }

// SilenceState is where a silence stands at a moment, in Alertmanager's words.
type SilenceState string

// The states of silences.
const (
	SilenceActive  SilenceState = "active"
	SilencePending SilenceState = "pending"
	SilenceExpired SilenceState = "expired"
)

// State returns where the silence stands at a moment.
func (s *Silence) State(at time.Time) SilenceState {
	switch {
	case !at.Before(s.EndsAt):
		return SilenceExpired
	case at.Before(s.StartsAt):
		return SilencePending
	}
	return SilenceActive
}

// SilenceStore keeps silences for good. storage/state implements it.
type SilenceStore interface {
	// Silences returns those that end after a moment, the first to end first.
	Silences(ctx context.Context, since time.Time) ([]Silence, error)
	// Silence returns one; false when the ID is unknown.
	Silence(ctx context.Context, id string) (Silence, bool, error)
	// EditSilence shows edit the silence of the ID, which is nil where there is none, and
	// writes what it returns, all in one transaction that is safe on disk when
	// EditSilence returns nil. An error of edit changes nothing and is returned. Edits
	// of one ID take turns. Edit must be pure: it may be asked again.
	EditSilence(ctx context.Context, id string, edit func(*Silence) ([]Silence, error)) error
}
