package traces

import (
	"errors"
	"slices"
	"time"
)

// series are the segments of one kind of traces, the oldest first; the last one is written to.
type series struct {
	// suffix ends the names of its files.
	suffix   string
	segments []*segment
	bytes    int64
	pieces   int
}

// Bad traces have a failed span or one that an SLO counted as bad. They stand in files of
// their own, so that no flood of others pushes them out.
const (
	suffixBad    = "-bad.spans"
	suffixOthers = "-other.spans"
	// othersShare is the part of every bound that traces that aren't bad are sure of: one in
	// so many.
	othersShare = 5
	// piecesPerTrace bounds the pieces that the index knows, on average.
	piecesPerTrace = 4
)

func (g *series) add(seg *segment) { g.segments = append(g.segments, seg) }

// drop takes a segment out; its file is the caller's.
func (g *series) drop(seg *segment) {
	g.segments = slices.DeleteFunc(g.segments, func(other *segment) bool { return other == seg })
	g.bytes -= seg.size
	g.pieces -= seg.pieces
}

// last is the segment that is written to; nil before the first.
func (g *series) last() *segment {
	if len(g.segments) == 0 {
		return nil
	}
	return g.segments[len(g.segments)-1]
}

// series returns where a trace of the kind goes.
func (s *Store) series(bad bool) *series {
	if bad {
		return &s.bad
	}
	return &s.others
}

// bytes is how large all files are.
func (s *Store) bytes() int64 { return s.bad.bytes + s.others.bytes }

// bound removes segments until every bound holds. What is past the retention goes first; then
// the oldest of the others, while they have more than their share; then the oldest bad ones. A
// segment that is written to stays unless it is past the retention. The store is locked.
func (s *Store) bound(now time.Time) error {
	var errs []error
	limit := now.Add(-s.opts.Retention).UnixNano()
	for _, of := range []*series{&s.bad, &s.others} {
		for len(of.segments) > 0 && of.segments[0].newest < limit {
			errs = append(errs, s.remove(of, of.segments[0]))
		}
	}
	for s.over() {
		of := s.victim()
		if of == nil {
			break
		}
		errs = append(errs, s.remove(of, of.segments[0]))
	}
	return errors.Join(errs...)
}

func (s *Store) over() bool {
	return s.bytes() > s.opts.MaxBytes || len(s.index) > s.opts.MaxTraces ||
		s.bad.pieces+s.others.pieces > piecesPerTrace*s.opts.MaxTraces
}

// victim is the series whose oldest segment goes next; nil where none can.
func (s *Store) victim() *series {
	large := s.others.bytes > s.opts.MaxBytes/othersShare || s.others.pieces > s.opts.MaxTraces/othersShare
	first, second := &s.bad, &s.others
	if large {
		first, second = second, first
	}
	for _, of := range []*series{first, second} {
		if len(of.segments) > 1 {
			return of
		}
	}
	return nil
}

// remove deletes a segment with its file.
func (s *Store) remove(of *series, seg *segment) error {
	of.drop(seg)
	s.unlist(seg)
	return seg.remove()
}
