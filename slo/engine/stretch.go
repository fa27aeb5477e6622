package engine

// An SLO with bad events is judged every second, and from one second to the next hardly
// any bucket changes but the newest. So the sums of long stretches of buckets are kept
// until one of their buckets changes. They are added up anew then, never corrected.

// stretch is the sum of the buckets [from, to) of a tier.
type stretch struct {
	from, to   int64
	total, bad float64
}

const (
	// longStretch is the least number of buckets of which a sum is kept.
	longStretch = 16
	// maxStretches is how many sums a tier keeps: those of the two windows that policies
	// have of each length, and one for who else asks.
	maxStretches = 3
)

// seal keeps a sum, in place of the oldest where there is no room.
func (tr *tier) seal(s stretch) {
	if len(tr.sums) == maxStretches {
		copy(tr.sums, tr.sums[1:])
		tr.sums = tr.sums[:maxStretches-1]
	}
	tr.sums = append(tr.sums, s)
	tr.sealed = max(tr.sealed, s.to)
}

// unseal forgets all sums.
func (tr *tier) unseal() { tr.sums, tr.sealed = tr.sums[:0], 0 }
