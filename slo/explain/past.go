package explain

// alike is the log-likelihood ratio up to which a combination may have failed before as it
// does now: two standard deviations.
const alike = 2

// pastCauses is the most combinations that are known to have failed more before.
const pastCauses = 10

// expect writes into the rows how many of their events were to fail as things were before,
// and returns the least ratio that is expected of any. What always failed more is
// found as causes are, among the events of before: where a combination has too few of them to
// tell, its events are expected to fail as those of the wider one that it lies in.
func (c *columns) expect(o Options) (usual float64) {
	if len(c.past) == 0 {
		return 0
	}
	o.Causes, o.MinShare, o.MinLift = pastCauses, 0, 1
	s := newScan(c, c.before, c.past, o)
	found, rest := s.peel(c.past, nil)
	ratios := make([]weight, 0, len(found)+1) // expected of one event
	usual = 1
	for _, w := range append(weightsOf(found), rest) {
		// Half an event each way: nothing is known never to fail. (Jeffreys)
		p := (w.bad + 0.5) / (w.total + 1)
		ratios = append(ratios, weight{expected: p, unsure: p / (w.total + 1)})
		usual = min(usual, p)
	}
	for _, r := range c.rows {
		k := 0
		for k < len(found) && !c.holds(&found[k], r) {
			k++
		}
		w := &c.now[r]
		w.expected, w.unsure = w.total*ratios[k].expected, w.total*ratios[k].unsure
	}
	c.all = c.sum(c.now, c.rows)
	return usual
}

func weightsOf(found []cause) []weight {
	all := make([]weight, 0, len(found)+1)
	for i := range found {
		all = append(all, found[i].weight)
	}
	return all
}

func (c *columns) sum(weights []weight, rows []int32) weight {
	var all weight
	for _, r := range rows {
		all.add(&weights[r])
	}
	return all
}

// excuses reports whether a combination failed more before than is expected of it, and no less
// than now, as far as can be told: then it is no cause. What before holds too few events of to
// be found by expect is seen here.
func (s *scan) excuses(one *cause) bool {
	var own weight
	for _, r := range s.past {
		if s.cols.holds(one, r) {
			own.add(&s.cols.before[r])
		}
	}
	in := &one.weight
	if own.bad*in.total <= in.expected*own.total {
		return false
	}
	delta := surplus(s.all)
	return in.bad*own.total <= (own.bad+delta*own.total)*in.total ||
		apart(in.bad, in.total, min(own.total, own.bad+delta*own.total), own.total) <= alike
}
