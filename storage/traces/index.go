package traces

import (
	"slices"
	"time"

	"burnline/internal/tracesearch"
)

// entry is what the index knows of one trace. With its place and filter a trace of one piece
// and 12 spans takes about 200 bytes (BenchmarkSearch tells), and never more than 0.6 KiB.
type entry struct {
	start, end  int64 // Unix nanoseconds
	written     int64
	failed, bad bool
	pieces      []place
}

// place is where one piece of a trace stands, and what is in it.
type place struct {
	seg  *segment
	at   int64
	keys bloom
}

var _ tracesearch.Index = (*entry)(nil)

// Has implements tracesearch.Index.
func (e *entry) Has(key uint64) bool {
	return slices.ContainsFunc(e.pieces, func(p place) bool { return p.keys.has(key) })
}

// Failed implements tracesearch.Index.
func (e *entry) Failed() bool { return e.failed }

// Duration implements tracesearch.Index.
func (e *entry) Duration() time.Duration { return time.Duration(e.end - e.start) }

// note adds a record to the index. The store is locked.
func (s *Store) note(seg *segment, at int64, h head) {
	seg.newest = max(seg.newest, h.written)
	e, ok := s.index[h.id]
	if !ok {
		e = &entry{start: h.start, end: h.end}
		s.index[h.id] = e
	}
	if n := len(e.pieces); n == 0 || e.pieces[n-1].seg != seg {
		seg.traces = append(seg.traces, h.id)
	}
	e.start, e.end = min(e.start, h.start), max(e.end, h.end)
	e.written = max(e.written, h.written)
	e.failed, e.bad = e.failed || h.failed, e.bad || h.bad()
	e.pieces = append(e.pieces, place{seg, at, h.keys})
	seg.pieces++
}

// unlist takes a segment out of the index. A trace that has pieces elsewhere stays, with what
// is known of it. The store is locked.
func (s *Store) unlist(seg *segment) {
	for _, id := range seg.traces {
		e, ok := s.index[id]
		if !ok {
			continue
		}
		e.pieces = slices.DeleteFunc(e.pieces, func(p place) bool { return p.seg == seg })
		if len(e.pieces) == 0 {
			delete(s.index, id)
		}
	}
}
