package engine

import (
	"math"
	"time"

	"burnline/slo"
)

// tierLengths returns the longest windows that each tier serves; its step is
// slo.Step of that length. The last tier is as long as the SLO needs.
func tierLengths() []time.Duration {
	return []time.Duration{5 * time.Minute, time.Hour, 6 * time.Hour, 72 * time.Hour, math.MaxInt64}
}

// tier is one resolution of a ring. Bucket i covers (i·step, (i+1)·step], so
// that a window (T − L, T] with T on an edge is exactly L long.
type tier struct {
	step, keep int64 // milliseconds
	first      int64 // number of the first page
	pages      []*page
	// sums are those of long stretches as they were asked for last, and sealed is where
	// the newest of them ends: they hold until an earlier bucket changes.
	sums   []stretch
	sealed int64
}

// rings are the counts of one group in all the tiers that its windows need.
type rings struct {
	tiers []tier
	// clip, while history is read again, is the time up to which the counts are
	// already known: nothing is added there.
	clip int64
	// slices is nil where events are counted as they are.
	slices *slicing
}

// newRings returns empty rings for windows of up to k.longest. Every tier up to
// the one of the longest window is there, since the end of a long window is
// summed from the finer tiers.
func newRings(k keep) *rings {
	r := &rings{clip: math.MinInt64, slices: newSlicing(k)}
	for _, length := range tierLengths() {
		length = min(length, k.longest)
		step := slo.Step(length).Milliseconds()
		if length == k.longest && k.step > 0 {
			step = min(step, k.step.Milliseconds())
		}
		if n := len(r.tiers); n > 0 && r.tiers[n-1].step == step {
			break
		}
		r.tiers = append(r.tiers, tier{step: step, keep: length.Milliseconds() + 2*step + 60_000})
	}
	return r
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// bucket returns the number of the bucket that holds the moment t.
func (tr *tier) bucket(t int64) int64 { return floorDiv(t-1, tr.step) }

// at returns the page and place of a bucket, making it where it is missing;
// nil when the bucket is older than what the tier keeps. It is asked for to be changed.
func (tr *tier) at(bucket, now int64) (*page, int) {
	if (bucket+1)*tr.step <= now-tr.keep {
		return nil, 0
	}
	if bucket < tr.sealed {
		tr.unseal()
	}
	no := floorDiv(bucket, pageSize)
	if len(tr.pages) == 0 {
		tr.first = no
	}
	if no < tr.first {
		tr.pages = append(make([]*page, tr.first-no), tr.pages...)
		tr.first = no
	}
	for no >= tr.first+int64(len(tr.pages)) {
		tr.pages = append(tr.pages, nil)
	}
	p := tr.pages[no-tr.first]
	if p == nil {
		p = &page{}
		tr.pages[no-tr.first] = p
	}
	return p, int(bucket - no*pageSize)
}

// settle adds two numbers; what is only rounding becomes 0, so that taking a
// spread difference back leaves nothing.
func settle(a, b float64) float64 {
	sum := a + b
	if math.Abs(sum) < 1e-12*math.Abs(b) {
		return 0
	}
	return sum
}

// add counts events: at the moment to, or, where they are spread, evenly over
// (from, to]. It returns what they count as, which differs where slices of time are
// what counts.
func (r *rings) add(from, to int64, total, bad float64, spread bool, now int64) (counted, lost float64) {
	if r.slices != nil {
		return r.addSlices(from, to, total, bad, spread, now)
	}
	r.put(from, to, total, bad, spread, now)
	return total, bad
}

// put adds to the buckets.
func (r *rings) put(from, to int64, total, bad float64, spread bool, now int64) {
	if total == 0 && bad == 0 {
		return
	}
	for i := range r.tiers {
		tr := &r.tiers[i]
		if to <= now-tr.keep {
			continue
		}
		if spread {
			tr.spread(from, to, max(from, r.clip, now-tr.keep), total, bad, now)
			continue
		}
		if to <= r.clip {
			return
		}
		if p, at := tr.at(tr.bucket(to), now); p != nil {
			p.add(at, total, bad)
		}
	}
}

// spread adds the part of (from, to] that lies after begin.
func (tr *tier) spread(from, to, begin int64, total, bad float64, now int64) {
	span := float64(to - from)
	for b := floorDiv(begin, tr.step); b*tr.step < to; b++ {
		low, high := max(b*tr.step, begin), min((b+1)*tr.step, to)
		if p, at := tr.at(b, now); p != nil && high > low {
			share := float64(high-low) / span
			p.add(at, total*share, bad*share)
		}
	}
}

// sum returns the events of (from, to], where from lies on an edge of the tier
// with the given step and to is taken up to its full second. Whole buckets of
// that tier are added first, then the remainder from the finer tiers, so that
// nothing after to is counted.
func (r *rings) sum(step time.Duration, from, to int64) slo.Counts {
	k := r.tierOf(step)
	var total, bad float64
	for p := from; k >= 0; k-- {
		tr := &r.tiers[k]
		end := floorDiv(to, tr.step)
		if k == 0 {
			end = floorDiv(to-1, tr.step) + 1
		}
		if end*tr.step <= p {
			continue
		}
		t, b := tr.total(floorDiv(p, tr.step), end)
		total, bad = total+t, bad+b
		p = end * tr.step
	}
	total, bad = snap(total), snap(bad)
	return slo.Counts{Total: total, Good: total - bad}
}

// finest returns the step of the finest tier that reaches back that far.
func (r *rings) finest(back time.Duration) time.Duration {
	for i := range r.tiers {
		tr := &r.tiers[i]
		if back.Milliseconds() <= tr.keep-tr.step-60_000 {
			return time.Duration(tr.step) * time.Millisecond
		}
	}
	return time.Duration(r.tiers[len(r.tiers)-1].step) * time.Millisecond
}

func (r *rings) tierOf(step time.Duration) int {
	for i := len(r.tiers) - 1; i > 0; i-- {
		if r.tiers[i].step <= step.Milliseconds() {
			return i
		}
	}
	return 0
}

// total returns the sum of the buckets [from, to).
func (tr *tier) total(from, to int64) (total, bad float64) {
	if to-from < longStretch {
		return tr.addUp(from, to)
	}
	for i := range tr.sums {
		if s := &tr.sums[i]; s.from == from && s.to == to {
			return s.total, s.bad
		}
	}
	total, bad = tr.addUp(from, to)
	tr.seal(stretch{from, to, total, bad})
	return total, bad
}

// addUp adds the buckets [from, to).
func (tr *tier) addUp(from, to int64) (total, bad float64) {
	if len(tr.pages) == 0 {
		return 0, 0
	}
	low := max(from, tr.first*pageSize)
	high := min(to, (tr.first+int64(len(tr.pages)))*pageSize)
	for b := low; b < high; {
		no := floorDiv(b, pageSize)
		end := min(high, (no+1)*pageSize)
		if p := tr.pages[no-tr.first]; p != nil {
			t, f := p.sum(int(b-no*pageSize), int(end-no*pageSize))
			total, bad = total+t, bad+f
		}
		b = end
	}
	return total, bad
}

// snap removes the rounding that spreading leaves: three thirds are one event.
func snap(v float64) float64 {
	whole := math.Round(v)
	if math.Abs(v-whole) <= min(1e-6, 1e-11*max(1, math.Abs(v))) {
		return whole
	}
	return v
}

// parts returns everything that holds buckets: the tiers and, last, the slices.
func (r *rings) parts() []*tier {
	all := make([]*tier, 0, len(r.tiers)+1)
	for i := range r.tiers {
		all = append(all, &r.tiers[i])
	}
	if r.slices != nil {
		all = append(all, &r.slices.tier)
	}
	return all
}

// evict frees what no tier keeps any longer.
func (r *rings) evict(now int64) {
	for _, tr := range r.parts() {
		oldest := floorDiv(floorDiv(now-tr.keep, tr.step), pageSize)
		n := min(max(0, oldest-tr.first), int64(len(tr.pages)))
		if n > 0 {
			tr.unseal()
			tr.pages = append([]*page(nil), tr.pages[n:]...)
			tr.first += n
		}
	}
}

// adopt copies the buckets of old that end at or before upTo, which is an edge of
// every tier.
func (r *rings) adopt(old *rings, upTo, now int64) {
	into := r.parts()
	for i, src := range old.parts() {
		if i >= len(into) {
			break
		}
		end := min(floorDiv(upTo, src.step), (src.first+int64(len(src.pages)))*pageSize)
		for b := src.first * pageSize; b < end; b++ {
			total, bad := src.total(b, b+1)
			if total == 0 && bad == 0 {
				continue
			}
			if p, at := into[i].at(b, now); p != nil {
				p.add(at, total, bad)
			}
		}
	}
}

// all returns everything that the rings hold.
func (r *rings) all() slo.Counts {
	tr := &r.tiers[len(r.tiers)-1]
	total, bad := tr.total(math.MinInt64/pageSize, math.MaxInt64/pageSize)
	return slo.Counts{Total: total, Good: total - bad}
}
