package traces

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// A search reads at most so many traces, so many bytes of them, and for so long. What the
// index rules out costs nothing of it.
const (
	mostInspected = 5000
	// mostSearches is how many run at the same time; further ones wait for their turn, so that
	// searches take no more than that many processors from counting and paging.
	mostSearches  = 2
	mostRead      = 256 << 20
	longestSearch = 5 * time.Second
	// mostSurveyed is how many traces are read to know what attributes and values there are.
	mostSurveyed = 500
	// mostKnown bounds the fields and values that are told.
	mostKnown = 5000
	// defaultMatches is how many matching spans are told of a trace.
	defaultMatches = 3
)

// Search returns the traces that match, the latest first. It reads the candidates that the
// index leaves and stops at its bounds; the answer says so.
func (s *Store) Search(ctx context.Context, q tracesearch.Query) (tracesearch.Answer, error) {
	if q.Limit <= 0 {
		q.Limit = tracesearch.DefaultLimit
	}
	q.Limit = min(q.Limit, tracesearch.MostResults)
	if q.Spans <= 0 {
		q.Spans = defaultMatches
	}
	q = s.hashed(q)
	var answer tracesearch.Answer
	err := s.walk(ctx, q, mostInspected, &answer, func(sum tracesearch.Summary, td ptrace.Traces) bool {
		n, first := tracesearch.Matches(td, &sum, q.Where, q.Spans)
		if n > 0 {
			answer.Traces = append(answer.Traces, tracesearch.Found{Summary: sum, Matched: n, Matches: first})
		}
		return len(answer.Traces) < q.Limit
	})
	return answer, err
}

// Fields returns the attributes that the latest traces within the query's time have.
func (s *Store) Fields(ctx context.Context, q tracesearch.Query) ([]tracesearch.Field, error) {
	seen := map[tracesearch.Field]bool{}
	var answer tracesearch.Answer
	err := s.walk(ctx, s.hashed(q), mostSurveyed, &answer, func(_ tracesearch.Summary, td ptrace.Traces) bool {
		tracesearch.Fields(td, func(f tracesearch.Field) { seen[f] = true })
		return len(seen) < mostKnown
	})
	fields := make([]tracesearch.Field, 0, len(seen))
	for f := range seen {
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b tracesearch.Field) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Name, b.Name))
	})
	return fields, err
}

// Values returns the values that a field has in the spans of the latest traces that match.
func (s *Store) Values(ctx context.Context, q tracesearch.Query, f tracesearch.Field) ([]tracesearch.Known, error) {
	seen := map[tracesearch.Known]bool{}
	var answer tracesearch.Answer
	q = s.hashed(q)
	err := s.walk(ctx, q, mostSurveyed, &answer, func(sum tracesearch.Summary, td ptrace.Traces) bool {
		tracesearch.Values(td, &sum, q.Where, f, func(v tracesearch.Known) { seen[v] = true })
		return len(seen) < mostKnown
	})
	values := make([]tracesearch.Known, 0, len(seen))
	for v := range seen {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b tracesearch.Known) int {
		return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Type, b.Type))
	})
	return values[:min(len(values), mostKnown)], err
}

// hashed replaces values of attributes that are stored as hashes.
func (s *Store) hashed(q tracesearch.Query) tracesearch.Query {
	if s.opts.Stored != nil {
		q.Where = tracesearch.Rewrite(q.Where, s.opts.Stored)
	}
	return q
}

// walk reads the candidates of a query, the latest first, until visit returns false or a bound
// is reached, which the answer tells then. A trace that is damaged is left out.
func (s *Store) walk(ctx context.Context, q tracesearch.Query, most int, answer *tracesearch.Answer,
	visit func(tracesearch.Summary, ptrace.Traces) bool,
) error {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	candidates, began := s.candidates(q), s.opts.Now()
	for _, c := range candidates {
		if err := ctx.Err(); err != nil {
			return err
		}
		if answer.Inspected >= most || answer.Bytes >= mostRead || s.opts.Now().Sub(began) > longestSearch {
			answer.Until = time.Unix(0, c.start)
			return nil
		}
		td, size, err := s.whole(c.id)
		if errors.Is(err, ErrNotFound) {
			continue // it went meanwhile
		}
		answer.Inspected++
		answer.Bytes += size
		if err != nil {
			s.unreadable.Inc()
			s.opts.Logger.Debug("a trace can't be read", "error", err)
			continue
		}
		sum := tracesearch.Summarize(c.id, td)
		if within(q, sum.Start, sum.End) && !visit(sum, td) {
			return nil
		}
	}
	return nil
}

// candidate is a trace that may match.
type candidate struct {
	id    pcommon.TraceID
	start int64
}

// candidates asks the index.
func (s *Store) candidates(q tracesearch.Query) []candidate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []candidate
	limit := s.oldest()
	for id, e := range s.index {
		if e.written >= limit && within(q, e.start, e.end) && tracesearch.May(q.Where, e) {
			all = append(all, candidate{id, e.start})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.start, a.start), cmp.Compare(string(a.id[:]), string(b.id[:])))
	})
	return all
}

// within reports whether the trace's times are those that the query asks for.
func within(q tracesearch.Query, start, end int64) bool {
	switch {
	case !q.From.IsZero() && start < q.From.UnixNano(),
		!q.To.IsZero() && start > q.To.UnixNano(),
		end-start < q.MinDuration.Nanoseconds(),
		q.MaxDuration > 0 && end-start > q.MaxDuration.Nanoseconds():
		return false
	}
	return true
}
