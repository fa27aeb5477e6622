package engine

import (
	"math"
	"sort"

	"burnline/slo"
)

// span is the time (from, to] in milliseconds.
type span struct{ from, to int64 }

// spans are stretches of time in order that neither overlap nor touch: what
// corrections take out of an SLO's budget.
type spans []span

// spansOf returns the intervals, which are in order and don't touch, as spans.
func spansOf(intervals []slo.Interval) spans {
	var all spans
	for _, in := range intervals {
		if s := (span{in.From.UnixMilli(), in.To.UnixMilli()}); s.from < s.to {
			all = append(all, s)
		}
	}
	return all
}

// after returns the place of the first span that ends after t.
func (s spans) after(t int64) int {
	return sort.Search(len(s), func(i int) bool { return s[i].to > t })
}

// hold reports whether the moment t lies in a span.
func (s spans) hold(t int64) bool {
	i := s.after(t - 1)
	return i < len(s) && s[i].from < t
}

// touch reports whether a part of (from, to] lies in a span.
func (s spans) touch(from, to int64) bool {
	i := s.after(from)
	return i < len(s) && s[i].from < to
}

// cut yields the parts of (from, to] in order, and whether each lies in a span.
func (s spans) cut(from, to int64, yield func(from, to int64, in bool)) {
	for i := s.after(from); from < to && i < len(s) && s[i].from < to; i++ {
		if from < s[i].from {
			yield(from, s[i].from, false)
		}
		end := min(to, s[i].to)
		yield(max(from, s[i].from), end, true)
		from = end
	}
	if from < to {
		yield(from, to, false)
	}
}

// differ returns the oldest moment of (after, upTo] that lies in a span of one, but not of
// the other; false when there is none.
func differ(a, b spans, after, upTo int64) (int64, bool) {
	i, j := a.after(after), b.after(after)
	for {
		x, y := at(a, i), at(b, j)
		x.from, y.from = max(x.from, after), max(y.from, after)
		from := min(x.from, y.from)
		switch {
		case from >= upTo:
			return 0, false
		case x.from != y.from:
			return from, true
		case x.to != y.to:
			end := min(x.to, y.to)
			return end, end < upTo
		}
		i, j = i+1, j+1
	}
}

// at returns the i-th span, and one at the end of time where there is none.
func at(s spans, i int) span {
	if i < len(s) {
		return s[i]
	}
	return span{math.MaxInt64, math.MaxInt64}
}
