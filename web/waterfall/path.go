package waterfall

import (
	"cmp"
	"slices"
	"time"
)

// overlap is how much of its length a call may still run when the next one begins that waited
// for it: one part in so many. Clocks and threads are no more exact.
const overlap = 20

// criticalPath finds what the main span waited for: from its end back, always the call that
// ended last, and within it the same; the time between belongs to the caller itself. The parts
// add up to how long the main span took. A call that outlives its caller was not waited for.
func (t *Trace) criticalPath() {
	type task struct {
		at       int
		from, to int64
	}
	main := &t.Nodes[t.Main]
	for tasks := []task{{t.Main, main.Start, main.End}}; len(tasks) > 0; {
		now := tasks[len(tasks)-1]
		tasks = tasks[:len(tasks)-1]
		n := &t.Nodes[now.at]
		end := now.to
		for _, c := range t.byEnd(n) {
			call := &t.Nodes[c]
			until := min(call.End, end)
			late := call.End > end && end < now.to && (call.End-end)*overlap > call.End-call.Start
			if call.End > n.End || late || max(call.Start, now.from) >= until {
				continue
			}
			n.waited(until, end)
			end = max(call.Start, now.from)
			tasks = append(tasks, task{c, end, until})
		}
		n.waited(now.from, end)
	}
	for i := range t.Nodes {
		slices.SortFunc(t.Nodes[i].Path, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	}
}

func (n *Node) waited(from, to int64) {
	if to > from {
		n.Path = append(n.Path, Interval{from, to})
		n.Self += time.Duration(to - from)
	}
}

// byEnd are the calls of a span, the one that ended last first; of two that ended together the
// longer one.
func (t *Trace) byEnd(n *Node) []int {
	calls := slices.Clone(n.Children)
	slices.SortStableFunc(calls, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.Nodes[b].End, t.Nodes[a].End), cmp.Compare(t.Nodes[a].Start, t.Nodes[b].Start))
	})
	return calls
}

// Hot is where the critical path spent most time: all spans of one service and name together.
type Hot struct {
	Service, Name string
	Self          time.Duration
	// Share is the part of the main span's time, 0–1.
	Share float64
	Spans int
}

// Hottest returns where the time went, most first.
func (t *Trace) Hottest() []Hot {
	by := map[[2]string]*Hot{}
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if n.Self == 0 {
			continue
		}
		key := [2]string{n.Service, n.Name}
		if by[key] == nil {
			by[key] = &Hot{Service: n.Service, Name: n.Name}
		}
		by[key].Self += n.Self
		by[key].Spans++
	}
	all := make([]Hot, 0, len(by))
	for _, h := range by {
		h.Share = float64(h.Self) / float64(t.Nodes[t.Main].Took())
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b Hot) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// Failure returns the place of the span where the failure began: one that failed while nothing
// that it called did. Of several it is one that the trace waited for, and of those the last
// one. It is below 0 where nothing failed.
func (t *Trace) Failure() int {
	best := none
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if !n.Failed || n.FailedBelow > 0 {
			continue
		}
		if best == none || t.worse(n, &t.Nodes[best]) {
			best = i
		}
	}
	return best
}

func (t *Trace) worse(a, b *Node) bool {
	if waited := len(a.Path) > 0; waited != (len(b.Path) > 0) {
		return waited
	}
	return a.End > b.End
}
