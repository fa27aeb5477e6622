package impact

import "burnline/slo"

// totals are what spans add up to over a minute, or over an incident. They never depend on
// the order in which spans came.
type totals struct {
	failed, total float64
	// named are the events that name a customer, and namedFailed the failed ones of these.
	named, namedFailed float64
	hurt, seen         distinct
	regions, journeys  parts
}

// tally says how spans are added up.
type tally struct {
	// exact is up to how many customers are counted exactly.
	exact int
	pool  *sketchPool
	// region and journey are the places of these attributes among the compared; -1 for none.
	region, journey int
}

// add counts one span; region and journey are its own.
func (t *totals) add(s *slo.JudgedSpan, by tally) {
	one := part{Total: 1}
	t.total++
	if s.Bad {
		one.Failed = 1
		t.failed++
	}
	t.regions.add(valueAt(s.Values, by.region), one)
	t.journeys.add(valueAt(s.Values, by.journey), one)
	if s.Customer == 0 {
		return
	}
	t.named++
	t.seen.add(s.Customer, by.exact, by.pool)
	if s.Bad {
		t.namedFailed++
		t.hurt.add(s.Customer, by.exact, by.pool)
	}
}

// merge adds what others add up to.
func (t *totals) merge(o *totals, by tally) {
	t.failed += o.failed
	t.total += o.total
	t.named += o.named
	t.namedFailed += o.namedFailed
	t.hurt.merge(&o.hurt, by.exact, by.pool)
	t.seen.merge(&o.seen, by.exact, by.pool)
	t.regions.merge(o.regions)
	t.journeys.merge(o.journeys)
}

func (t *totals) free(pool *sketchPool) {
	t.hurt.free(pool)
	t.seen.free(pool)
}

// maxValue is how much of a value is kept, in bytes.
const maxValue = 200

// valueAt returns the value in a place, "" where there is none.
func valueAt(values []string, i int) string {
	if i < 0 || i >= len(values) {
		return ""
	}
	return clipped(values[i])
}

func clipped(s string) string {
	if len(s) > maxValue {
		return s[:maxValue]
	}
	return s
}
