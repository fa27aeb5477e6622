package main

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"burnline/slo"
	"burnline/slo/explain"
)

// score counts the causes that a finder names.
type score struct {
	// hits of named were causes, and of all causes hits were named.
	hits, named, causes int
	// worlds is how many there were, and invented in how many a cause was named that is none
	// where there is none.
	worlds, invented, everywhere int
	took                         []time.Duration
}

func (s *score) precision() float64 { return part(s.hits, s.named) }
func (s *score) recall() float64    { return part(s.hits, s.causes) }

func (s *score) f1() float64 {
	p, r := s.precision(), s.recall()
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func part(a, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(a) / float64(of)
}

// measure lets each finder name the causes of the same worlds; a world's seed is its number.
// The first finder is burnline.
func measure(s scenario, worlds int, seed uint64, all []finder) []score {
	scores := make([]score, len(all))
	var mu sync.Mutex
	var wg sync.WaitGroup
	turns := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			runtime.LockOSThread() // whose time is taken
			defer runtime.UnlockOSThread()
			for i := range turns {
				w := s.make(rand.New(rand.NewPCG(seed, uint64(i))))
				for k, f := range all {
					began := threadTime()
					found := f.find(w.table, max(1, s.causes))
					took := threadTime() - began
					mu.Lock()
					scores[k].take(w, found, took)
					mu.Unlock()
				}
				if where := explain.Find(w.table, explain.Options{}); where.Everywhere {
					mu.Lock()
					scores[0].everywhere++
					mu.Unlock()
				}
			}
		})
	}
	for i := range worlds {
		turns <- i
	}
	close(turns)
	wg.Wait()
	return scores
}

// threadTime is the CPU time of this thread: what else runs on the machine doesn't count.
func threadTime() time.Duration {
	var u syscall.Rusage
	const thread = 1 // RUSAGE_THREAD
	if syscall.Getrusage(thread, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (s *score) take(w world, found []slo.Labels, took time.Duration) {
	s.worlds++
	s.named += len(found)
	s.causes += len(w.causes)
	s.took = append(s.took, took)
	if len(w.causes) == 0 && len(found) > 0 {
		s.invented++
	}
	left := slices.Clone(w.causes)
	for _, f := range found {
		i := slices.IndexFunc(left, func(c slo.Labels) bool { return w.same(c, f) })
		if i >= 0 {
			s.hits++
			left = slices.Delete(left, i, i+1)
		}
	}
}

// same reports whether two combinations hold the same events.
func (w *world) same(a, b slo.Labels) bool {
	if slices.Equal(a, b) {
		return true
	}
	holds := func(of slo.Labels, r *explain.Row) bool {
		for i, name := range w.table.Attributes {
			if v := of.Get(name); v != "" && v != r.Values[i] {
				return false
			}
		}
		return true
	}
	for i := range w.table.Rows {
		if holds(a, &w.table.Rows[i]) != holds(b, &w.table.Rows[i]) {
			return false
		}
	}
	return true
}
