// Package waterfall puts the spans of a trace in order: who called whom, where the time went,
// what failed first, and what is wrong with the trace itself. It is pure.
package waterfall

import (
	"cmp"
	"slices"
	"time"
)

// Span is one span of a trace.
type Span struct {
	// ID and Parent are in hexadecimal; Parent is "" for a root.
	ID, Parent string
	// Service and Name say whose it is; Kind is client, server and so on.
	Service, Name, Kind string
	// Start and End are Unix nanoseconds.
	Start, End int64
	// Failed is true where the status is error, and Message what the status or an exception says.
	Failed  bool
	Message string
}

// Took is how long the span lasted.
func (s Span) Took() time.Duration { return time.Duration(s.End - s.Start) }

// none stands for no span.
const none = -1

// Node is a span in its place.
type Node struct {
	Span
	// Caller is the place of the parent in Trace.Nodes, below 0 where there is none.
	Caller int
	// Children are the places of those that it called, by start.
	Children []int
	Depth    int
	// Below and FailedBelow count the spans under it, and how many of them failed.
	Below, FailedBelow int
	// Moved is by how much Start and End were moved because clocks differ.
	Moved time.Duration
	// Path is when the trace waited for this very span, and Self how long that was.
	Path []Interval
	Self time.Duration
}

// Interval is a stretch of time in Unix nanoseconds.
type Interval struct{ From, To int64 }

// Trace is a trace in order.
type Trace struct {
	// Nodes are the spans in the order in which they were given.
	Nodes []Node
	// Tops are spans without a caller here, by start; Main is the place of the one that the
	// trace is about.
	Tops []int
	Main int
	// Start and End are those of all spans, after clocks were set right.
	Start, End int64
	// Orphans counts spans whose caller is named and not here.
	Orphans int
	// Circles counts spans that call each other in a circle.
	Circles int
	// Rooted is true where a span without any caller is here.
	Rooted bool
	// Skews tell which clocks differ.
	Skews []Skew
}

// Skew is by how much the spans of a service were moved to lie within their calls.
type Skew struct {
	Caller, Service string
	By              time.Duration
	Spans           int
}

// Build puts spans in order; there has to be at least one.
func Build(spans []Span) *Trace {
	t := &Trace{Nodes: make([]Node, len(spans)), Main: none}
	byID := make(map[string]int, len(spans))
	for i, s := range spans {
		t.Nodes[i] = Node{Span: s, Caller: none}
		// Where both ends of a call have one id, the first that came is the caller's.
		if _, taken := byID[s.ID]; !taken {
			byID[s.ID] = i
		}
	}
	for i := range t.Nodes {
		t.place(i, byID)
	}
	t.openCircles()
	byStart := func(a, b int) int {
		return cmp.Or(cmp.Compare(t.Nodes[a].Start, t.Nodes[b].Start), cmp.Compare(a, b))
	}
	for i := range t.Nodes {
		slices.SortFunc(t.Nodes[i].Children, byStart)
	}
	slices.SortFunc(t.Tops, byStart)
	t.setClocks()
	t.measure()
	t.Main = t.main()
	t.criticalPath()
	return t
}

// place finds a span's caller.
func (t *Trace) place(i int, byID map[string]int) {
	n := &t.Nodes[i]
	caller, known := byID[n.Parent]
	switch {
	case n.Parent == "":
		t.Rooted = true
		t.Tops = append(t.Tops, i)
	case !known || caller == i:
		t.Orphans++
		t.Tops = append(t.Tops, i)
	default:
		n.Caller = caller
		t.Nodes[caller].Children = append(t.Nodes[caller].Children, i)
	}
}

// openCircles makes a top of one span of every circle, which nothing leads to otherwise.
func (t *Trace) openCircles() {
	reached := make([]bool, len(t.Nodes))
	mark := func(i int) {
		for stack := []int{i}; len(stack) > 0; {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !reached[at] {
				reached[at] = true
				stack = append(stack, t.Nodes[at].Children...)
			}
		}
	}
	for _, top := range t.Tops {
		mark(top)
	}
	for i := range t.Nodes {
		if reached[i] {
			continue
		}
		t.Circles++
		caller := &t.Nodes[t.Nodes[i].Caller]
		caller.Children = slices.DeleteFunc(caller.Children, func(c int) bool { return c == i })
		t.Nodes[i].Caller = none
		t.Tops = append(t.Tops, i)
		mark(i)
	}
}

// each visits every span after its caller.
func (t *Trace) each(visit func(i int)) {
	stack := slices.Clone(t.Tops)
	slices.Reverse(stack)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		visit(i)
		for _, c := range slices.Backward(t.Nodes[i].Children) {
			stack = append(stack, c)
		}
	}
}

// measure finds depths, the spans below each, and the trace's own times.
func (t *Trace) measure() {
	var order []int
	t.each(func(i int) {
		order = append(order, i)
		n := &t.Nodes[i]
		if n.Caller != none {
			n.Depth = t.Nodes[n.Caller].Depth + 1
		}
		if len(order) == 1 {
			t.Start, t.End = n.Start, n.End
		}
		t.Start, t.End = min(t.Start, n.Start), max(t.End, n.End)
	})
	for _, i := range slices.Backward(order) {
		n := &t.Nodes[i]
		if n.Caller == none {
			continue
		}
		up := &t.Nodes[n.Caller]
		up.Below += n.Below + 1
		up.FailedBelow += n.FailedBelow
		if n.Failed {
			up.FailedBelow++
		}
	}
}

// main is the root that started first; without a root, the top that took longest.
func (t *Trace) main() int {
	best := t.Tops[0]
	for _, i := range t.Tops {
		n, b := &t.Nodes[i], &t.Nodes[best]
		switch {
		case n.Parent == "" && b.Parent != "":
			best = i
		case n.Parent != "" && b.Parent != "" && n.Took() > b.Took():
			best = i
		}
	}
	return best
}
