package main

import (
	"cmp"
	"math/rand/v2"
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/explain"
)

// fewer is how many events the worlds of the tests have: half of those of the table, so that the tests
// are quick under the race detector too.
const fewer = 10_000

// What the table shows is held, of smaller worlds somewhat less but for that of which a figure is promised. The seeds are
// fixed, so these figures are the same every time. The race detector finds what it may in one world of each kind; of one world
// no figure is held, but that which is promised is of all worlds there, too.
func TestCausesAreNamedAsWellAsTheTableSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scenario
		f1 float64
	}{
		{scenario{name: "one cause of depth 1, 10 % fail", depth: 1, causes: 1, ratio: 0.1}, 0.95},
		{scenario{name: "one cause of depth 2, 10 % fail", depth: 2, causes: 1, ratio: 0.1, events: events}, 0.9},
		{scenario{name: "one cause of depth 3, 10 % fail", depth: 3, causes: 1, ratio: 0.1}, 0.9},
		{scenario{name: "one cause of depth 2, 5 % fail", depth: 2, causes: 1, ratio: 0.05}, 0.75},
		{scenario{name: "one of depth 2, 10 %, baseline", depth: 2, causes: 1, ratio: 0.1, baseline: true}, 0.85},
		{scenario{name: "two of depth 2, 10 %", depth: 2, causes: 2, ratio: 0.1}, 0.9},
		{scenario{name: "three of depth 2, 10 %", depth: 2, causes: 3, ratio: 0.1}, 0.9},
		{scenario{name: "three of depth 1–3, 2–50 %", causes: 3}, 0.7},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			worlds := 8
			if raced && c.events == 0 {
				worlds, c.f1 = 1, 0
			}
			c.events = cmp.Or(c.events, fewer)
			s := measure(c.scenario, worlds, 1, finders()[:1])[0]
			if s.f1() < c.f1 {
				t.Errorf("F1 is %.2f (precision %.2f, recall %.2f), want at least %.2f", s.f1(), s.precision(), s.recall(), c.f1)
			}
		})
	}
}

func TestWhatFailsEverywhereIsGivenNoCause(t *testing.T) {
	t.Parallel()
	worlds, invented, everywhere := 0, 0, 0
	for _, s := range withoutCause() {
		s.events = fewer
		each := 6
		if raced {
			each = 1
		}
		one := measure(s, each, 1, finders()[:1])[0]
		worlds, invented, everywhere = worlds+one.worlds, invented+one.invented, everywhere+one.everywhere
	}
	if part(invented, worlds) > 0.05 || part(everywhere, worlds) < 0.95 {
		t.Errorf("of %d worlds a cause is invented in %d, and %d are told to fail everywhere", worlds, invented, everywhere)
	}
}

func TestThePeersFindWhatIsPlain(t *testing.T) {
	t.Parallel()
	s := scenario{depth: 1, causes: 1, ratio: 0.5, events: fewer}
	scores := measure(s, 4, 3, finders())
	if scores[1].f1() < 0.75 {
		t.Errorf("the best attribute finds half of all failing in one value with an F1 of %.2f only", scores[1].f1())
	}
	rows := explain.Table{Attributes: []string{"a", "b"}}
	for range 100 {
		rows.Rows = append(rows.Rows, explain.Row{Values: []string{"x", "y"}, Bad: 1, Total: 1}, explain.Row{Values: []string{"x", "z"}, Total: 1}, explain.Row{Values: []string{"w", "y"}, Total: 1})
	}
	if found := liftRanking(rows, 1); len(found) != 1 || found[0].String() != `{a="x", b="y"}` {
		t.Errorf("the highest lift is that of %v", found)
	}
}

func TestAWorldHasTheCausesThatItIsAskedFor(t *testing.T) {
	t.Parallel()
	w := scenario{depth: 2, causes: 2, ratio: 0.5, baseline: true}.make(rand.New(rand.NewPCG(1, 1)))
	if len(w.causes) != 2 || len(w.table.Rows) != 2*events {
		t.Fatalf("%d causes in %d rows", len(w.causes), len(w.table.Rows))
	}
	for _, c := range w.causes {
		var bad, total, was, wasTotal float64
		for _, r := range w.table.Rows {
			if holds(w.table, c, r) {
				bad, total, was, wasTotal = bad+r.Bad, total+r.Total, was+r.BaselineBad, wasTotal+r.BaselineTotal
			}
		}
		if len(c) != 2 || bad/total < 0.4 || was/wasTotal > 0.3 {
			t.Errorf("in %s %v of %v fail, and %v of %v did before", c, bad, total, was, wasTotal)
		}
	}
}

func holds(t explain.Table, labels slo.Labels, r explain.Row) bool {
	for i, name := range t.Attributes {
		if v := labels.Get(name); v != "" && v != r.Values[i] {
			return false
		}
	}
	return true
}

func TestTheTableIsPrinted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-worlds", "1", "-only", "of depth 1, 50"}, &out, &strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| one cause of depth 1, 50 % fail | 100 %", "F1, lift ranking", "a cause is invented"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if err := run(t.Context(), []string{"-worlds", "0"}, &out, &strings.Builder{}); err == nil || !strings.Contains(err.Error(), "write 1 or more") {
		t.Errorf("got %v", err)
	}
}
