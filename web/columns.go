package web

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"burnline/slo"
)

// column is a sortable column: its key in the URL and its order, the order
// that a reader most often wants first.
type column struct {
	Key, Title, Hint string
	Number           bool
	// rank is less for what stands first. Rows of one rank stand by name and group.
	rank func(r *row) float64
}

// usualOrder is the key of the order that nobody has to ask for.
const usualOrder = "state"

// columns are the overview's columns.
func columns() []column {
	return []column{
		{usualOrder, "Status", "most urgent first", false, func(r *row) float64 { return float64(lookOf(shownAs(r.Status)).Rank) }},
		{"name", "SLO", "by service and name", false, nil},
		{"objective", "Objective", "the promised share of good events, and the window it holds over", true, func(r *row) float64 { return -r.Def.Objective }},
		{"budget", "Budget left", "the part of the window's error budget that is left", true, func(r *row) float64 {
			if !r.Status.Budget.Known {
				return math.MaxFloat64 // unknown sorts behind every number
			}
			return r.Status.Budget.Remaining
		}},
		{"burn", "Burn", "how many times faster than allowed the budget burns now", true, func(r *row) float64 {
			return most(r.Burn(), func(b *slo.Burn) float64 { return b.Rate })
		}},
		{"errors", "Error ratio", "bad events ÷ all events over the SLO's window", true, func(r *row) float64 {
			return most(r.Whole(), func(b *slo.Burn) float64 { return b.Ratio })
		}},
		{"events", "Events", "all events in the SLO's window", true, func(r *row) float64 { return -r.Status.Budget.Counts.Total }},
	}
}

// most ranks the greatest figure first and one that is not known last.
func most(b *slo.Burn, figure func(*slo.Burn) float64) float64 {
	if b == nil {
		return 1
	}
	return -figure(b)
}

// columnOf returns the column of a key, the usual one where there is none.
func columnOf(key string) column {
	all := columns()
	return all[max(0, slices.IndexFunc(all, func(c column) bool { return c.Key == key }))]
}

// positions returns the positions of rows, which are in order of name, by a column; "-" before
// its key turns it round.
func positions(rows []row, key string) []int {
	key, reverse := strings.CutPrefix(key, "-")
	col := columnOf(key)
	order, ranks := make([]int, len(rows)), make([]float64, len(rows))
	for i := range rows {
		order[i], ranks[i] = i, float64(i)
		if col.rank != nil {
			ranks[i] = col.rank(&rows[i])
		}
		if reverse {
			ranks[i] = -ranks[i]
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(ranks[a], ranks[b]), a-b) })
	return order
}

// inOrder returns rows that are in order of name by a column.
func inOrder(rows []row, key string) []row {
	out := make([]row, len(rows))
	for to, from := range positions(rows, key) {
		out[to] = rows[from]
	}
	return out
}
