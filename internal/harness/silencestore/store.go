// Package silencestore keeps silences in memory, for tests that may not open the real store.
package silencestore

import (
	"context"
	"slices"
	"sync"
	"time"

	"burnline/alerting"
)

// Store implements alerting.SilenceStore. Its zero value is empty.
type Store struct {
	mu  sync.Mutex
	all []alerting.Silence
	err error
}

var _ alerting.SilenceStore = (*Store)(nil)

// Break makes everything fail with the error from now on; nil mends it.
func (s *Store) Break(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Silences implements alerting.SilenceStore.
func (s *Store) Silences(_ context.Context, since time.Time) ([]alerting.Silence, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var some []alerting.Silence
	for _, one := range s.all {
		if one.EndsAt.After(since) {
			some = append(some, one)
		}
	}
	slices.SortStableFunc(some, func(a, b alerting.Silence) int { return a.EndsAt.Compare(b.EndsAt) })
	return some, s.err
}

// Silence implements alerting.SilenceStore.
func (s *Store) Silence(_ context.Context, id string) (alerting.Silence, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.index(id); i >= 0 && s.err == nil {
		return s.all[i], true, nil
	}
	return alerting.Silence{}, false, s.err
}

// EditSilence implements alerting.SilenceStore.
func (s *Store) EditSilence(_ context.Context, id string, edit func(*alerting.Silence) ([]alerting.Silence, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	var old *alerting.Silence
	if i := s.index(id); i >= 0 {
		copied := s.all[i]
		old = &copied
	}
	changed, err := edit(old)
	if err != nil {
		return err
	}
	for _, one := range changed {
		if i := s.index(one.ID); i >= 0 {
			s.all[i] = one
			continue
		}
		s.all = append(s.all, one)
	}
	return nil
}

func (s *Store) index(id string) int {
	return slices.IndexFunc(s.all, func(one alerting.Silence) bool { return one.ID == id })
}
