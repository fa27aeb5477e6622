package explain

import (
	"slices"

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
	p := price(c, o)
	s := &scan{cols: c, costs: &p, opt: &o, least: o.MinShare * c.all.bad}
	rows := make([]int32, len(c.weights))
	for i := range rows {
		rows[i] = int32(i)
	}
	found := s.peel(rows)
	where.Explanations = c.told(found)
	where.Everywhere = len(found) == 0 && c.wouldSee(&p)
	return where
}

// peel returns the causes one after another, each among the rows that the ones before leave.
func (s *scan) peel(rows []int32) []cause {
	var found []cause
	rows = slices.Clone(rows)
	for len(found) < s.opt.Causes {
		best := s.run(rows, s.opt.Depth-len(s.taken))
		if best.score <= 0 {
			break
		}
		found = append(found, best)
		rows = slices.DeleteFunc(rows, func(r int32) bool { return s.cols.holds(&best, r) })
	}
	return found
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
	covered := make([]bool, len(c.weights))
	for i := range found {
		var in, out weight
		for r := range c.weights {
			inside := c.holds(&found[i], int32(r))
			if inside {
				in.add(&c.weights[r])
			}
			if covered[r] = covered[r] || inside; !covered[r] {
				out.add(&c.weights[r])
			}
		}
		e := slo.Explanation{
			Labels: c.labels(&found[i]), Failed: in.bad, Total: in.total, Ratio: ratio(in.bad, in.total),
			Outside: ratio(out.bad, out.total), Baseline: -1, Share: ratio(in.bad, c.all.bad), Score: found[i].score,
		}
		if in.total0 > 0 {
			e.Baseline = in.bad0 / in.total0
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
// would have been found: else there are too few failures to say that they are everywhere.
func (c *columns) wouldSee(p *costs) bool {
	least := p.of([]int{0})
	for i := range c.cols {
		least = min(least, p.of([]int{i}))
	}
	half := weight{bad: min(c.all.bad, c.all.total/2), total: c.all.total / 2}
	return judge(half, weight{bad: c.all.bad, total: c.all.total}).llr > least
}
