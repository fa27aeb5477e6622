package slo

import (
	"math"
	"slices"
	"time"
)

// HeatBucket counts the requests of one step that took longer than Lower and at most Upper seconds.
type HeatBucket struct{ Lower, Upper, Count float64 }

// HeatStep is one step of time, which ends at T, with its buckets in any order.
type HeatStep struct {
	T       time.Time
	Buckets []HeatBucket
}

// Heat is how long requests took over time, in rows that all steps share.
type Heat struct {
	// Steps are the ends of the steps.
	Steps []time.Time
	// Bounds are the upper bounds of the rows in seconds, ascending; the last may be +Inf. Lowest is
	// where the first row begins.
	Bounds []float64
	Lowest float64
	// Cells are the counts by step and row.
	Cells [][]float64
}

// NewHeat puts steps into at most so many rows. Rows end where buckets end, so no count is split; where
// there are too many buckets, neighbours become one row, but none goes across the threshold, in seconds.
// Rows below the fastest and above the slowest request are left out.
func NewHeat(steps []HeatStep, threshold float64, most int) Heat {
	h := Heat{Lowest: math.Inf(1)}
	var bounds []float64
	for _, s := range steps {
		for _, b := range s.Buckets {
			if b.Count > 0 {
				bounds = append(bounds, b.Upper)
				h.Lowest = min(h.Lowest, max(b.Lower, 0))
			}
		}
	}
	slices.Sort(bounds)
	h.Bounds = merged(slices.Compact(bounds), threshold, most)
	if len(h.Bounds) == 0 {
		h.Lowest = 0
	}
	for _, s := range steps {
		row := make([]float64, len(h.Bounds))
		for _, b := range s.Buckets {
			if b.Count > 0 {
				i, _ := slices.BinarySearch(h.Bounds, b.Upper)
				row[i] += b.Count
			}
		}
		h.Steps, h.Cells = append(h.Steps, s.T), append(h.Cells, row)
	}
	return h
}

// merged keeps at most so many of the bounds: the last of each run of neighbours, the last of those
// that are at most the threshold, and the last of all.
func merged(bounds []float64, threshold float64, most int) []float64 {
	if len(bounds) <= most {
		return bounds
	}
	below := len(bounds)
	for i, b := range bounds {
		if b > threshold*(1+1e-9) {
			below = i
			break
		}
	}
	for run := 2; ; run++ {
		var kept []float64
		for i, b := range bounds {
			at, end := i, below
			if i >= below {
				at, end = i-below, len(bounds)
			}
			if at%run == run-1 || i == end-1 {
				kept = append(kept, b)
			}
		}
		if len(kept) <= max(most, 2) {
			return kept
		}
	}
}

// Total is how many requests all steps have.
func (h Heat) Total() float64 {
	n := 0.0
	for _, row := range h.Cells {
		for _, c := range row {
			n += c
		}
	}
	return n
}

// Below returns the bound that a share of all requests, 0–1, took at most, in seconds; false without
// requests. It is +Inf where they took longer than the last bound.
func (h Heat) Below(share float64) (float64, bool) {
	total, sum := h.Total(), 0.0
	if total <= 0 {
		return 0, false
	}
	for i, b := range h.Bounds {
		for _, row := range h.Cells {
			sum += row[i]
		}
		if sum >= share*total*(1-1e-9) {
			return b, true
		}
	}
	return h.Bounds[len(h.Bounds)-1], true
}

// Slow returns how many requests of a step took longer than the threshold, in seconds, and all of
// them. Of a bucket that the threshold cuts, all do.
func (h Heat) Slow(step int, threshold float64) (slow, all float64) {
	for i, n := range h.Cells[step] {
		if h.Above(i, threshold) {
			slow += n
		}
		all += n
	}
	return slow, all
}

// Above reports whether a row ends above the threshold, in seconds.
func (h Heat) Above(row int, threshold float64) bool { return h.Bounds[row] > threshold*(1+1e-9) }
