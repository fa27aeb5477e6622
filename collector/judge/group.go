package judge

import (
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
)

// The places of a group's two counters.
const (
	good = iota
	bad
)

func outcome(i int) string {
	if i == bad {
		return "bad"
	}
	return "good"
}

// group is what was counted of one group of one SLO. Only the ledger's commits, one
// after the other, change it.
type group struct {
	of     *rule
	values []string
	// named are the labels by which the engine knows the group.
	named    slo.Labels
	counters [2]counter
	// sampled is the time of the newest sample of the counters, and seen that of the newest event,
	// in milliseconds.
	sampled, seen int64
	// gone is set when the group was forgotten: who still holds it looks again.
	gone bool
}

// counter is one cumulative series, and those of events that came late.
type counter struct {
	labels labels.Labels
	ref    storage.SeriesRef
	// start is when the series began; 0 where it is to begin with its next sample.
	start int64
	// value is what is committed, added what the batch under way adds.
	value, added float64
	// example is the trace of an event of the batch under way.
	example [16]byte
	// shown is when the newest example was stored.
	shown int64
	late  *lateCounter
}

// lateCounter is where events stand that came late: in their own minutes.
type lateCounter struct {
	// added are those of the batch under way, by minute.
	added map[int64]float64
	// taken is how many places of a minute are taken.
	taken map[int64]int
	// series are the labels and references by the round of the minutes' places.
	series []lateSeries
}

type lateSeries struct {
	labels labels.Labels
	ref    storage.SeriesRef
}

func newGroup(of *rule, values []string) *group {
	g := &group{of: of, values: values, named: of.groupOf(values)}
	for i := range g.counters {
		g.counters[i].labels = of.labelled(values, slo.SpanLabelOutcome, outcome(i))
	}
	return g
}

// count adds one event of the batch under way.
func (c *counter) count(e *event) {
	c.added++
	c.example = e.trace
}

// countLate adds one event of the batch under way to its own minute.
func (c *counter) countLate(minute int64) {
	if c.late == nil {
		c.late = &lateCounter{added: map[int64]float64{}, taken: map[int64]int{}}
	}
	c.late.added[minute]++
}

// forget drops what the batch under way added, and begins the counters anew where asked:
// when nobody knows whether their newest samples were stored.
func (g *group) forget(anew bool) {
	for i := range g.counters {
		c := &g.counters[i]
		if c.added = 0; anew {
			c.value, c.start = 0, 0
		}
		if c.late != nil {
			clear(c.late.added)
		}
	}
}

// commit makes what the batch under way added part of what is committed.
func (g *group) commit(t int64) {
	for i := range g.counters {
		c := &g.counters[i]
		c.value += c.added
		if c.added = 0; c.late != nil {
			clear(c.late.added)
		}
	}
	g.sampled = t
}

// placesOfMinute is how many times a series can take late events in one minute: each takes two
// milliseconds, of which the first is the minute's own beginning.
const placesOfMinute = 29_000

// place returns the series and the time of the next place in a minute. Every place takes a pair of samples, 0 and
// the number of events, a millisecond apart: 0 is a reset to whatever stands before it, so that
// the pair counts the same wherever others are put before or behind it.
func (c *counter) place(of *group, i int, minute int64, run string) (*lateSeries, int64) {
	n := c.late.taken[minute]
	c.late.taken[minute] = n + 1
	round := n / placesOfMinute
	for len(c.late.series) <= round {
		name := "late-" + run
		if k := len(c.late.series); k > 0 {
			name += "-" + strconv.Itoa(k)
		}
		c.late.series = append(c.late.series, lateSeries{
			labels: of.of.labelled(of.values, slo.SpanLabelOutcome, outcome(i), slo.SpanLabelInstance, name),
		})
	}
	return &c.late.series[round], minute + 1 + 2*int64(n%placesOfMinute)
}
