package traces

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// defaultLimit is how many traces a search returns where it does not say.
const defaultLimit = 20

// Query says which traces are looked for. The zero value of a field asks for
// nothing.
type Query struct {
	// Service is the service of the root span.
	Service string
	// From and To bound the start of the trace, both included.
	From, To time.Time
	// OnlyErrors asks for traces with a failed span.
	OnlyErrors bool
	// MinDuration is the least time from the first start to the last end.
	MinDuration time.Duration
	// Limit is the greatest number of answers. Default 20.
	Limit int
}

// Search returns the traces that match, the latest first.
func (s *Store) Search(ctx context.Context, q Query) ([]Summary, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	found := s.matching(q)
	slices.SortFunc(found, func(a, b Summary) int {
		return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(string(a.ID[:]), string(b.ID[:])))
	})
	return found[:min(len(found), q.Limit)], nil
}

func (s *Store) matching(q Query) []Summary {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []Summary
	for id, e := range s.index {
		if s.tooOld(e.written) || !q.matches(e) {
			continue
		}
		found = append(found, Summary{ID: id, Service: e.service, Name: e.name, Start: e.start, End: e.end, Spans: int(e.spans), Failed: e.failed})
	}
	return found
}

func (q *Query) matches(e *entry) bool {
	switch {
	case q.Service != "" && q.Service != e.service,
		!q.From.IsZero() && e.start < q.From.UnixNano(),
		!q.To.IsZero() && e.start > q.To.UnixNano(),
		q.OnlyErrors && !e.failed,
		e.end-e.start < q.MinDuration.Nanoseconds():
		return false
	}
	return true
}
