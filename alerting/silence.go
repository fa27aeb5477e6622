package alerting

import (
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
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
