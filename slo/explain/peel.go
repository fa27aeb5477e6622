package explain

import "slices"

// peel returns the causes one after another, each among the rows that the ones before it
// leave, and what the last one leaves. Of past, the rows that the causes cover are left out
// likewise.
func (s *scan) peel(rows, past []int32) ([]cause, weight) {
	var found []cause
	rows, s.past = slices.Clone(rows), slices.Clone(past)
	for len(found) < s.opt.Causes {
		best := s.run(rows)
		if best.score <= 0 {
			break
		}
		for _, one := range s.split(best, rows) {
			found = append(found, one)
			rows = s.without(rows, &one)
			s.past = s.without(s.past, &one)
		}
	}
	found = found[:min(len(found), s.opt.Causes)]
	return found, s.cols.sum(s.weights, rows)
}

// without removes the rows that a cause covers, in place.
func (s *scan) without(rows []int32, one *cause) []int32 {
	return slices.DeleteFunc(rows, func(r int32) bool { return s.cols.holds(one, r) })
}

// split returns several causes within one that together explain better what it does, else
// the one: where /pay and /cart fail in eu, eu is the best single answer, and not the best.
func (s *scan) split(one cause, rows []int32) []cause {
	if len(one.columns) >= s.opt.Depth {
		return []cause{one}
	}
	inside := slices.DeleteFunc(slices.Clone(rows), func(r int32) bool { return !s.cols.holds(&one, r) })
	all, score := s.all, 0.0
	taken, past := s.taken, s.past
	s.taken = one
	defer func() { s.taken, s.past = taken, past }()
	var parts []cause
	for len(parts) < s.opt.Causes {
		part := s.run(inside)
		if part.score <= 0 {
			break
		}
		f, cost := judge(part.weight, all), s.costs.of(part.columns)
		if part.score = f.llr - cost; f.sure <= cost {
			break
		}
		score += part.score
		all = all.less(part.weight)
		parts = append(parts, part)
		inside = s.without(inside, &part)
	}
	if len(parts) < 2 || !better(score, one.score) {
		return []cause{one}
	}
	return parts
}
