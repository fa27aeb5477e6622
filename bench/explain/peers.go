package main

import (
	"cmp"
	"math"
	"slices"

	"burnline/slo"
	"burnline/slo/explain"
)

// finder names the causes of a table; most is how many there are in truth, which only the
// peers are told.
type finder struct {
	name string
	find func(t explain.Table, most int) []slo.Labels
}

func finders() []finder {
	return []finder{
		{"burnline", burnline},
		{"best attribute", bestAttribute},
		{"lift ranking", liftRanking},
	}
}

func burnline(t explain.Table, _ int) []slo.Labels {
	var found []slo.Labels
	for _, e := range explain.Find(t, explain.Options{}).Explanations {
		found = append(found, e.Labels)
	}
	return found
}

// counted is a combination with its events.
type counted struct {
	labels           slo.Labels
	bad, total       float64
	badWas, totalWas float64
}

// combinations counts every combination of up to depth attributes.
func combinations(t explain.Table, depth int) (all []counted, sum counted) {
	codes, rows := encode(t)
	for _, r := range t.Rows {
		sum.add(r)
	}
	each(len(t.Attributes), depth, func(columns []int) {
		byCodes := map[[3]uint16]int{}
		for i, r := range t.Rows {
			key, missing := [3]uint16{}, false
			for k, c := range columns {
				key[k] = codes[i][c]
				missing = missing || r.Values[c] == ""
			}
			if missing {
				continue
			}
			at, ok := byCodes[key]
			if !ok {
				at = len(all)
				byCodes[key] = at
				all = append(all, counted{labels: rows(i, columns)})
			}
			all[at].add(r)
		}
	})
	return all, sum
}

// encode numbers the values of each attribute; rows names those of one row.
func encode(t explain.Table) (codes [][8]uint16, rows func(int, []int) slo.Labels) {
	codes = make([][8]uint16, len(t.Rows))
	for a := range t.Attributes {
		known := map[string]uint16{}
		for i, r := range t.Rows {
			code, ok := known[r.Values[a]]
			if !ok {
				code = uint16(len(known))
				known[r.Values[a]] = code
			}
			codes[i][a] = code
		}
	}
	return codes, func(i int, columns []int) slo.Labels {
		var pairs []string
		for _, c := range columns {
			pairs = append(pairs, t.Attributes[c], t.Rows[i].Values[c])
		}
		return slo.NewLabels(pairs...)
	}
}

func (c *counted) add(r explain.Row) {
	c.bad, c.total = c.bad+r.Bad, c.total+r.Total
	c.badWas, c.totalWas = c.badWas+r.BaselineBad, c.totalWas+r.BaselineTotal
}

// each yields the choices of 1–depth of n columns.
func each(n, depth int, yield func([]int)) {
	var choose func(from int, chosen []int)
	choose = func(from int, chosen []int) {
		if len(chosen) > 0 {
			yield(chosen)
		}
		for c := from; c < n && len(chosen) < depth; c++ {
			choose(c+1, append(chosen, c))
		}
	}
	choose(0, make([]int, 0, depth))
}

// support is the least part of all events that the peers look at.
const support = 0.01

// bestAttribute names the values of single attributes with the highest difference of the
// error ratio to the rest, or to the time before where that is known: what one sees by going
// through a dashboard.
func bestAttribute(t explain.Table, most int) []slo.Labels {
	all, sum := combinations(t, 1)
	return top(all, most, func(c counted) float64 {
		if c.total < support*sum.total || c.total == sum.total {
			return 0
		}
		if c.totalWas > 0 {
			return c.bad/c.total - c.badWas/c.totalWas
		}
		return c.bad/c.total - (sum.bad-c.bad)/(sum.total-c.total)
	})
}

// liftRanking names the combinations with the highest lift of {combination} → failed, as
// association rules do, of those with enough support; one that holds another which was named
// with a higher lift, or is held by it, is passed over. With a baseline it is the lift over
// the ratio before.
func liftRanking(t explain.Table, most int) []slo.Labels {
	all, sum := combinations(t, 3)
	return top(all, most, func(c counted) float64 {
		if c.total < support*sum.total || c.bad < 5 {
			return 0
		}
		if sum.totalWas > 0 {
			return c.bad / c.total / math.Max(c.badWas/c.totalWas, sum.badWas/sum.totalWas)
		}
		return c.bad / c.total / (sum.bad / sum.total)
	})
}

func top(all []counted, most int, score func(counted) float64) []slo.Labels {
	scores := make(map[int]float64, len(all))
	var order []int
	for i, c := range all {
		if v := score(c); v > 0 {
			scores[i] = v
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if d := cmp.Compare(scores[b], scores[a]); d != 0 {
			return d
		}
		return len(all[a].labels) - len(all[b].labels)
	})
	var named []slo.Labels
	for _, i := range order {
		one := all[i].labels
		if len(named) == most {
			break
		}
		if !slices.ContainsFunc(named, func(n slo.Labels) bool { return within(n, one) || within(one, n) }) {
			named = append(named, one)
		}
	}
	return named
}

// within reports whether a has all labels of b.
func within(a, b slo.Labels) bool {
	return !slices.ContainsFunc(b, func(l slo.Label) bool { return a.Get(l.Name) != l.Value })
}
