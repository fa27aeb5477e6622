package main

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"burnline/slo"
	"burnline/slo/explain"
)

// events is how many a world has unless its scenario says otherwise, of the breach and, where there is one, of the
// time before.
const events = 20_000

// scenario is one kind of world.
type scenario struct {
	name string
	// depth and causes say how many attributes a cause has and how many causes there are; of
	// depth 0 each has 1–3.
	depth, causes int
	// ratio is the error ratio inside a cause; 0 draws one of 2–50 %.
	ratio float64
	// baseline says that the time before is known, and that a combination was always bad.
	baseline bool
	// spread is the error ratio of all events, for what fails everywhere.
	spread float64
	// events is how many there are; 0 is the usual number.
	events int
	// uneven has the background differ between routes by up to a factor of two.
	uneven bool
}

// world is a table with the causes that were put into it.
type world struct {
	table  explain.Table
	causes []slo.Labels
}

// traffic draws events. Values are skewed as real ones are, and attributes hang together: a
// zone and a pod lie in a region, new versions run on some pods only, small customers have
// their own browsers, and one attribute in ten is missing.
type traffic struct{ rng *rand.Rand }

func attributes() []string {
	return []string{"region", "route", "version", "tier", "zone", "browser", "flag", "pod"}
}

// draw picks one of n values, the i-th with a weight of 1/(i+1).
func (t *traffic) draw(n int) int {
	total := 0.0
	for i := range n {
		total += 1 / float64(i+1)
	}
	at := t.rng.Float64() * total
	for i := range n {
		if at -= 1 / float64(i+1); at < 0 {
			return i
		}
	}
	return n - 1
}

func (t *traffic) event() []string {
	region := t.draw(5)
	zone := t.rng.IntN(3)
	pod := t.rng.IntN(8)
	version := 0
	if pod >= 5 && t.rng.Float64() < 0.9 {
		version = 1 + pod%2
	}
	tier := t.draw(3)
	browser := t.draw(6)
	if tier == 2 && t.rng.Float64() < 0.7 {
		browser = 5
	}
	flag := ""
	if t.rng.Float64() < 0.9 {
		flag = []string{"off", "on"}[t.rng.IntN(8)/7]
	}
	return []string{
		fmt.Sprint("region-", region), fmt.Sprint("/route/", t.draw(12)), fmt.Sprint("v", version), fmt.Sprint("tier-", tier),
		fmt.Sprint("zone-", region, "-", zone), fmt.Sprint("browser-", browser), flag, fmt.Sprint("pod-", region, "-", pod),
	}
}

// make draws a world of the scenario.
func (s scenario) make(rng *rand.Rand) world {
	t := &traffic{rng}
	now := make([][]string, cmp.Or(s.events, events))
	for i := range now {
		now[i] = t.event()
	}
	w := world{table: explain.Table{Attributes: attributes()}}
	var rules []rule
	for range s.causes {
		rules = append(rules, s.cause(rng, now, rules))
	}
	w.causes = labelsOf(rules)
	background := math.Exp(rng.Float64()*math.Log(10)) / 1000 // 0.1–1 %
	uneven := map[string]float64{}
	factor := func(route string) float64 {
		if !s.uneven {
			return 1
		}
		if uneven[route] == 0 {
			uneven[route] = 0.7 + 0.7*rng.Float64()
		}
		return uneven[route]
	}
	var old []rule
	if s.baseline {
		old = []rule{s.cause(rng, now, rules)}
		old[0].ratio = 0.05 + 0.2*rng.Float64()
	}
	ratio := func(values []string, rules []rule) float64 {
		good := 1 - (background+s.spread)*factor(values[1])
		for _, r := range rules {
			if r.holds(values) {
				good *= 1 - r.ratio
			}
		}
		return 1 - good
	}
	for _, values := range now {
		row := explain.Row{Values: values, Total: 1}
		if rng.Float64() < ratio(values, slices.Concat(rules, old)) {
			row.Bad = 1
		}
		w.table.Rows = append(w.table.Rows, row)
	}
	if s.baseline {
		s.spread = 0
		for range now {
			row := explain.Row{Values: t.event(), BaselineTotal: 1}
			if rng.Float64() < ratio(row.Values, old) {
				row.BaselineBad = 1
			}
			w.table.Rows = append(w.table.Rows, row)
		}
	}
	return w
}

// rule is a combination with the ratio at which it fails; "" is any value.
type rule struct {
	values []string
	ratio  float64
}

func (r *rule) holds(values []string) bool {
	for i, v := range r.values {
		if v != "" && v != values[i] {
			return false
		}
	}
	return true
}

// cause draws a combination that an event has, so that it occurs. It holds 1–50 % of all
// events, no attribute of it can be left out without that it holds a quarter more, and it
// shares little with the others.
func (s scenario) cause(rng *rand.Rand, now [][]string, others []rule) rule {
	for {
		depth := s.depth
		if depth == 0 {
			depth = 1 + rng.IntN(3)
		}
		r := rule{values: make([]string, len(now[0])), ratio: s.ratio}
		if r.ratio == 0 {
			r.ratio = 0.02 * math.Exp(rng.Float64()*math.Log(25))
		}
		event := now[rng.IntN(len(now))]
		for _, a := range rng.Perm(len(event))[:depth] {
			r.values[a] = event[a]
		}
		if r.fits(now, depth, others) {
			return r
		}
	}
}

func (r *rule) fits(now [][]string, depth int, others []rule) bool {
	named := 0
	for _, v := range r.values {
		if v != "" {
			named++
		}
	}
	size := r.size(now)
	if named != depth || size < len(now)/100 || size > len(now)/2 {
		return false
	}
	for a, v := range r.values {
		if v == "" || depth == 1 {
			continue
		}
		wider := rule{values: slices.Clone(r.values)}
		wider.values[a] = ""
		if wider.size(now)*4 < size*5 {
			return false
		}
	}
	for i := range others {
		both := 0
		for _, values := range now {
			if r.holds(values) && others[i].holds(values) {
				both++
			}
		}
		if both*5 > min(size, others[i].size(now)) {
			return false
		}
	}
	return true
}

func (r *rule) size(now [][]string) int {
	n := 0
	for _, values := range now {
		if r.holds(values) {
			n++
		}
	}
	return n
}

func labelsOf(rules []rule) []slo.Labels {
	var all []slo.Labels
	for _, r := range rules {
		var pairs []string
		for a, v := range r.values {
			if v != "" {
				pairs = append(pairs, attributes()[a], v)
			}
		}
		all = append(all, slo.NewLabels(pairs...))
	}
	return all
}
