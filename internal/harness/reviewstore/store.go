// Package reviewstore keeps what people write of incidents in memory, for tests that may not open the real
// store.
package reviewstore

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"burnline/alerting/reviews"
)

// Store implements reviews.Store. Its zero value is empty.
type Store struct {
	mu   sync.Mutex
	kept []reviews.Review
	err  error
}

var _ reviews.Store = (*Store)(nil)

// Break makes everything fail with the error from now on; nil mends it.
func (s *Store) Break(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// of finds what is kept of an incident.
func (s *Store) of(key string) *reviews.Review {
	for i := range s.kept {
		if s.kept[i].Incident == key {
			return &s.kept[i]
		}
	}
	s.kept = append(s.kept, reviews.Review{Incident: key})
	return &s.kept[len(s.kept)-1]
}

// AddReview implements reviews.Store.
func (s *Store) AddReview(_ context.Context, more reviews.Review) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	r := s.of(more.Incident)
	for _, n := range more.Notes {
		if !slices.ContainsFunc(r.Notes, func(o reviews.Note) bool { return o.ID == n.ID }) {
			r.Notes = append(r.Notes, n)
		}
	}
	for _, a := range more.Actions {
		if !slices.ContainsFunc(r.Actions, func(o reviews.Action) bool { return o.ID == a.ID }) {
			r.Actions = append(r.Actions, a)
		}
	}
	r.Verdicts = append(r.Verdicts, more.Verdicts...)
	return nil
}

// EndAction implements reviews.Store.
func (s *Store) EndAction(_ context.Context, incident, id string, done time.Time, by string) (reviews.Action, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return reviews.Action{}, s.err
	}
	r := s.of(incident)
	for i := range r.Actions {
		a := &r.Actions[i]
		if a.ID != id {
			continue
		}
		if a.Open() != done.IsZero() {
			a.Done, a.DoneBy = done, by
		}
		return *a, nil
	}
	return reviews.Action{}, reviews.ErrNoAction
}

// Reviews implements reviews.Store.
func (s *Store) Reviews(_ context.Context, incidents []string) ([]reviews.Review, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some []reviews.Review
	for _, r := range s.kept {
		if slices.Contains(incidents, r.Incident) {
			some = append(some, reviews.Review{Incident: r.Incident, Notes: slices.Clone(r.Notes), Verdicts: slices.Clone(r.Verdicts), Actions: slices.Clone(r.Actions)})
		}
	}
	return some, s.err
}

// OpenActions implements reviews.Store.
func (s *Store) OpenActions(_ context.Context, limit int) ([]reviews.Action, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []reviews.Action
	for _, r := range s.kept {
		for _, a := range r.Actions {
			if a.Open() {
				open = append(open, a)
			}
		}
	}
	slices.SortStableFunc(open, func(a, b reviews.Action) int { return cmp.Compare(a.Due, b.Due) })
	return open[:min(len(open), limit)], s.err
}
