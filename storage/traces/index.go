package traces

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// entry is what the index knows of one trace.
type entry struct {
	start, end    int64 // Unix nanoseconds
	written       int64
	service, name string
	spans         uint32
	failed, root  bool
	pieces        []place
}

// place is where one piece of a trace stands.
type place struct {
	seg *segment
	at  int64
}

// note adds a record to the index. The store is locked.
func (s *Store) note(seg *segment, at int64, h head) {
	seg.newest = max(seg.newest, h.written)
	e, ok := s.index[h.id]
	if !ok {
		e = &entry{start: h.start, end: h.end, service: h.service, name: h.name, root: h.root}
		s.index[h.id] = e
	}
	if n := len(e.pieces); n == 0 || e.pieces[n-1].seg != seg {
		seg.traces = append(seg.traces, h.id)
	}
	if h.root && !e.root {
		e.service, e.name, e.root = h.service, h.name, true
	}
	e.start, e.end = min(e.start, h.start), max(e.end, h.end)
	e.written = max(e.written, h.written)
	e.spans += h.spans
	e.failed = e.failed || h.failed
	e.pieces = append(e.pieces, place{seg, at})
}

// forget takes a segment out of the index. A trace that has pieces elsewhere
// stays, with what is known of it. The store is locked.
func (s *Store) forget(seg *segment) {
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

// Summary is what a search tells of a trace.
type Summary struct {
	ID pcommon.TraceID
	// Service and Name are those of the root span, or of the first span that
	// came when the root is not kept.
	Service, Name string
	// Start and End are those of the earliest and latest span, in Unix
	// nanoseconds.
	Start, End int64
	// Spans is how many spans are kept.
	Spans int
	// Failed is true when at least one span has the status error.
	Failed bool
}
