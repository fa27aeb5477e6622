package reviews_test

import (
	"context"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
)

// noon is a Wednesday.
var noon = time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC)

// shelf is a store in memory, which knows one incident: "k1", also as "alias".
type shelf struct {
	kept   reviews.Review
	broken error
}

var (
	_ reviews.Store     = (*shelf)(nil)
	_ reviews.Incidents = (*shelf)(nil)
)

func (s *shelf) Incident(_ context.Context, key string) (alerting.Record, bool, error) {
	r := alerting.Record{}
	r.Incident.Key = "k1"
	return r, key == "k1" || key == "alias", s.broken
}

func (s *shelf) AddReview(_ context.Context, more reviews.Review) error {
	s.kept.Incident = more.Incident
	s.kept.Notes, s.kept.Verdicts, s.kept.Actions = append(s.kept.Notes, more.Notes...), append(s.kept.Verdicts, more.Verdicts...), append(s.kept.Actions, more.Actions...)
	return s.broken
}

func (s *shelf) EndAction(_ context.Context, _, id string, done time.Time, by string) (reviews.Action, error) {
	for i, a := range s.kept.Actions {
		if a.ID == id {
			s.kept.Actions[i].Done, s.kept.Actions[i].DoneBy = done, by
			return s.kept.Actions[i], s.broken
		}
	}
	return reviews.Action{}, reviews.ErrNoAction
}

func (s *shelf) Reviews(context.Context, []string) ([]reviews.Review, error) {
	return []reviews.Review{s.kept}, s.broken
}

func (s *shelf) OpenActions(context.Context, int) ([]reviews.Action, error) {
	return s.kept.Actions, s.broken
}
