package engine

import "sync"

// share is what one batch brought for one SLO.
type share struct {
	t       *tracked
	entries []entry
}

// shares are the samples of one batch by SLO. Their memory is used again, since batches come
// all the time.
type shares struct {
	of   map[*tracked]int // places in list
	list []share
}

// sharesPool lends shares.
type sharesPool struct{ pool sync.Pool }

func (p *sharesPool) get() *shares {
	if s, ok := p.pool.Get().(*shares); ok {
		return s
	}
	return &shares{of: map[*tracked]int{}}
}

// put takes them back, and lets go of all samples.
func (p *sharesPool) put(s *shares) {
	clear(s.of)
	for i := range s.list {
		one := &s.list[i]
		clear(one.entries)
		one.t, one.entries = nil, one.entries[:0]
	}
	s.list = s.list[:0]
	p.pool.Put(s)
}

func (s *shares) add(t *tracked, e entry) {
	i := len(s.list) - 1
	if i < 0 || s.list[i].t != t { // series of one SLO mostly come together
		var known bool
		if i, known = s.of[t]; !known {
			i = len(s.list)
			s.of[t] = i
			if i < cap(s.list) {
				s.list = s.list[:i+1] // with the room for entries that it had
			} else {
				s.list = append(s.list, share{})
			}
			s.list[i].t = t
		}
	}
	s.list[i].entries = append(s.list[i].entries, e)
}

func (s *shares) deliver() {
	for i := range s.list {
		s.list[i].t.deliver(s.list[i].entries)
	}
}
