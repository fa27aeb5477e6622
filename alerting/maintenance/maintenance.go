package maintenance

import (
	"errors"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// ErrUnknown says that no maintenance has the ID.
var ErrUnknown = errors.New("there is no maintenance of this ID")

// ErrOver says that the maintenance ended before somebody wanted to stop it.
var ErrOver = errors.New("the maintenance is over")

// stopped ends all three now: what is over of its time stays corrected. What somebody has ended already stays
// as it is.
func stopped(s alerting.MaintenanceParts, at time.Time, by string) alerting.MaintenanceParts {
	s.Stopped, s.StoppedBy, s.To = at, by, slo.Latest(at, s.From)
	if c := s.Correction; c != nil && c.Removed.IsZero() && c.To.After(at) {
		ended := *c
		if ended.From.Before(at) {
			ended.To = at
		} else {
			ended.Removed, ended.RemovedBy = at, by
		}
		s.Correction = &ended
	}
	if one := s.Silence; one != nil && one.State(at) != alerting.SilenceExpired {
		ended := *one
		ended.StartsAt, ended.EndsAt = slo.Earliest(ended.StartsAt, at), at
		ended.UpdatedAt, ended.ExpiredBy = at, by
		s.Silence = &ended
	}
	return s
}
