package waterfall

import (
	"slices"
	"time"
)

// The bounds of what is shown at once.
const (
	// whole is how many spans a trace may have that is shown unfolded.
	whole = 200
	// first and important are how many calls of a folded span are shown because they came
	// first, and because they failed or took the time.
	first, important = 5, 25
	// most is how many calls of a span are shown that was unfolded, and mostRows the rows of
	// all together.
	most, mostRows = 500, 1000
)

// Row is one line of the picture: a span, or how many of its caller's calls are folded away.
type Row struct {
	// At is the place of the span; with Folded it is that of the caller.
	At     int
	Depth  int
	Folded *Folded
}

// Folded are calls that are not shown.
type Folded struct {
	// Spans counts them with all under them, Failed those that failed.
	Spans, Failed int
	// Name is the most frequent name of the calls themselves, which Times of Calls have.
	Name         string
	Calls, Times int
	// Took is how long the calls took together.
	Took time.Duration
	// Beyond is set where even unfolding would not show them.
	Beyond bool
}

// Rows returns what to show. Large traces are folded: of each span some calls are shown, those
// that failed or that the trace waited for before others; all calls of spans whose ids are in
// open, and the span at selected with its callers.
func (t *Trace) Rows(open []string, selected int) []Row {
	f := folder{t: t, all: len(t.Nodes) <= whole, open: open, wanted: map[int]bool{}}
	for at := selected; at >= 0; at = t.Nodes[at].Caller {
		f.wanted[at] = true
	}
	f.rank()
	f.calls(none, t.Tops, 0)
	return f.rows
}

type folder struct {
	t       *Trace
	all     bool
	open    []string
	matters []bool
	wanted  map[int]bool
	rows    []Row
	full    bool
}

// rank finds the spans that matter: failures, what took the time, and their callers.
func (f *folder) rank() {
	f.matters = make([]bool, len(f.t.Nodes))
	least := f.t.Nodes[f.t.Main].Took() / 100
	for i := range f.t.Nodes {
		n := &f.t.Nodes[i]
		if !n.Failed && (n.Self == 0 || n.Self < least) && !slices.Contains(f.open, n.ID) {
			continue
		}
		for at := i; at != none && !f.matters[at]; at = f.t.Nodes[at].Caller {
			f.matters[at] = true
		}
	}
}

// calls adds the rows of a span's calls.
func (f *folder) calls(caller int, calls []int, depth int) {
	opened := f.all || caller != none && slices.Contains(f.open, f.t.Nodes[caller].ID)
	var hidden []int
	shown, mattering := 0, 0
	for k, c := range calls {
		show := opened && shown < most || !opened && k < first
		if !show && !opened && f.matters[c] && mattering < important {
			show = true
			mattering++
		}
		show = show || f.wanted[c]
		if !show || len(f.rows) >= mostRows {
			hidden = append(hidden, c)
			continue
		}
		shown++
		f.rows = append(f.rows, Row{At: c, Depth: depth})
		f.calls(c, f.t.Nodes[c].Children, depth+1)
	}
	if len(hidden) > 0 && (len(f.rows) < mostRows || !f.full) {
		f.full = f.full || len(f.rows) >= mostRows
		f.rows = append(f.rows, Row{At: caller, Depth: depth, Folded: f.fold(hidden, opened || f.full)})
	}
}

func (f *folder) fold(hidden []int, beyond bool) *Folded {
	out := &Folded{Calls: len(hidden), Beyond: beyond}
	names := map[string]int{}
	for _, i := range hidden {
		n := &f.t.Nodes[i]
		out.Spans += n.Below + 1
		out.Failed += n.FailedBelow
		if n.Failed {
			out.Failed++
		}
		out.Took += n.Took()
		names[n.Name]++
		if times := names[n.Name]; times > out.Times || times == out.Times && n.Name < out.Name {
			out.Name, out.Times = n.Name, times
		}
	}
	return out
}
