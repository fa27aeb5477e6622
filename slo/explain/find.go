package explain

import (
	"math"

	"burnline/slo"
)

// Find returns where the events of the table fail. Nothing stands out is the verdict
// Everywhere, which is only given where a cause with half of all events would have been seen; an
// answer with neither a verdict nor an explanation means that it can't be told.
//
// Each explanation is the combination with the highest log-likelihood ratio less its cost
// among the events that the ones before it leave; see docs/explain.md.
func Find(table Table, o Options) slo.Where {
	o = o.complete()
	c := encode(table, o)
	where := slo.Where{Events: c.all.total}
	for i := range c.cols {
		where.Attributes = append(where.Attributes, c.cols[i].name)
	}
	if c.all.bad < o.MinFailures || len(c.cols) == 0 {
		return where
	}
	usual := c.expect(o)
	s := newScan(c, c.now, c.rows, o)
	s.usual = usual
	found, _ := s.peel(c.rows, c.past)
	where.Explanations = c.told(found)
	where.Everywhere = len(found) == 0 && s.wouldSee()
	return where
}

// holds reports whether the row has all values of the cause.
func (c *columns) holds(one *cause, row int32) bool {
	for i, col := range one.columns {
		if c.cols[col].codes[row] != one.codes[i] {
			return false
		}
	}
	return true
}

// told counts every cause over the whole table.
func (c *columns) told(found []cause) []slo.Explanation {
	var told []slo.Explanation
	covered := make([]bool, len(c.now))
	for i := range found {
		var in, out, before weight
		for r := range c.now {
			inside := c.holds(&found[i], int32(r))
			if inside {
				in.add(&c.now[r])
				before.add(&c.before[r])
			}
			if covered[r] = covered[r] || inside; !covered[r] {
				out.add(&c.now[r])
			}
		}
		e := slo.Explanation{
			Labels: c.labels(&found[i]), Failed: in.bad, Total: in.total, Ratio: ratio(in.bad, in.total),
			Outside: ratio(out.bad, out.total), Baseline: -1, Share: ratio(in.bad, c.all.bad), Score: found[i].score,
		}
		if before.total > 0 {
			e.Baseline = before.bad / before.total
		}
		told = append(told, e)
	}
	return told
}

func (c *columns) labels(one *cause) slo.Labels {
	var pairs []string
	for i, col := range one.columns {
		pairs = append(pairs, c.cols[col].name, c.cols[col].values[one.codes[i]])
	}
	return slo.NewLabels(pairs...)
}

// wouldSee reports whether one attribute's value that held all failures and half of the events
// would have been found: else there are too few failures to say that they are everywhere. Its
// log-likelihood ratio is ln 2 for each failure, or more where failures are frequent.
func (s *scan) wouldSee() bool {
	least := math.Inf(1)
	for i := range s.cols.cols {
		least = min(least, s.costs.of([]int{i}))
	}
	return s.cols.all.bad*math.Ln2 > least
}
