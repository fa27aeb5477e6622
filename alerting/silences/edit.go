package silences

import (
	"errors"
	"fmt"
	"time"

	"burnline/alerting"
)

// ErrUnknown says that no silence has the ID.
var ErrUnknown = errors.New("there is no silence of this ID")

// ByResolution stands as who ended a silence that lasted until what it matched was resolved.
const ByResolution = "nothing that it matched is open any more"

// place returns what has to be written for the silence next to be in force. It takes the place of
// old, the record of its ID, as Alertmanager has it: where the matchers stay and
// the time that is over is not touched, the record is changed; else old ends now and next becomes a
// record of its own, under newID. The silence in force comes last.
func place(old *alerting.Silence, next alerting.Silence, newID string, now time.Time) ([]alerting.Silence, error) {
	if next.ID == "" {
		next.ID = newID
		return []alerting.Silence{next}, nil
	}
	if old == nil {
		return nil, fmt.Errorf("change silence %s: %w", next.ID, ErrUnknown)
	}
	if old.Matchers.String() == next.Matchers.String() && old.State(now) != alerting.SilenceExpired {
		if old.State(now) == alerting.SilenceActive {
			next.StartsAt = old.StartsAt // the past stays as it was
		}
		return []alerting.Silence{next}, nil
	}
	next.ID = newID
	if old.State(now) == alerting.SilenceExpired {
		return []alerting.Silence{next}, nil
	}
	return []alerting.Silence{expired(*old, next.Author, now), next}, nil
}

// expired is the silence as it is when somebody ends it early.
func expired(s alerting.Silence, by string, now time.Time) alerting.Silence {
	now = now.UTC()
	if s.StartsAt.After(now) {
		s.StartsAt = now
	}
	s.EndsAt, s.UpdatedAt, s.ExpiredBy = now, now, by
	return s
}
