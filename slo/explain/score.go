package explain

import "math"

// deviance is n·KL(x/n ‖ r): by how much the logarithm of the likelihood of x failures in n
// events is higher at their own ratio than at r.
func deviance(x, n, r float64) float64 {
	if n <= 0 {
		return 0
	}
	const tiny = 1e-12
	r = min(max(r, tiny), 1-tiny)
	d := 0.0
	if x > 0 {
		d += x * math.Log(x/(n*r))
	}
	if good := n - x; good > 0 {
		d += good * math.Log(good/(n*(1-r)))
	}
	return max(0, d)
}

// apart is the log-likelihood ratio of two ratios being different against one ratio for both.
func apart(x, n, y, m float64) float64 {
	if n <= 0 || m <= 0 {
		return 0
	}
	r := (x + y) / (n + m)
	return deviance(x, n, r) + deviance(y, m, r)
}

func ratio(x, n float64) float64 {
	if n <= 0 {
		return 0
	}
	return x / n
}

// finding is what speaks for one combination.
type finding struct {
	// llr is the log-likelihood ratio where what is expected is known; 0 where it fails no
	// more than that. sure is the same, less as one is unsure of it: it says whether there is a
	// cause, and llr which it is, for the wider of two is no surer.
	llr, sure float64
	// excess are the failures beyond those that are expected, and lift the factor by which
	// it fails more.
	excess, lift float64
}

// judge compares the events in a combination with the rest of all.
//
// Every event is expected to fail as it would have before, plus δ: the ratio that the breach
// adds everywhere, such that as many failures are expected as there are. The
// log-likelihood ratio is that of the combination and the rest each having the ratio that they
// have, against the ratio that is expected of them. Where nothing is known of before, δ is the
// ratio of all, and this is the statistic of Kulldorff's Bernoulli model.
//
// Unsure as one is of before, it stands there as a second sample, of as many events as give it
// its variance.
func judge(in, all weight) finding {
	out := all.less(in)
	delta := surplus(all)
	expected := in.expected/in.total + delta
	if in.bad <= in.total*expected {
		return finding{}
	}
	f := finding{llr: deviance(in.bad, in.total, expected)}
	f.sure = f.llr
	if in.unsure > 0 {
		size := in.expected / in.unsure
		f.sure = apart(in.bad, in.total, size*min(1, expected), size)
	}
	if delta > 0 { // else the rest has become better, which says nothing of the inside
		rest := deviance(out.bad, out.total, ratio(out.expected, out.total)+delta)
		f.llr, f.sure = f.llr+rest, f.sure+rest
	}
	usual := in.expected + in.total*max(0, ratio(out.bad-out.expected, out.total))
	f.excess, f.lift = in.bad-usual, math.Inf(1)
	if usual > 0 {
		f.lift = in.bad / usual
	}
	return f
}

// surplus is δ: what all events fail more than before.
func surplus(all weight) float64 { return max(0, ratio(all.bad-all.expected, all.total)) }

// ceiling is the highest log-likelihood ratio that any part of a combination can have: inside,
// that of all its failures and no other event, where the least is expected, which is usual
// and δ; outside, that of lacking all these failures where all there are were expected
// among as few events as can be, those outside the combination.
func ceiling(in, all weight, usual float64) float64 {
	least := usual + surplus(all)
	if least <= 0 {
		return math.Inf(1)
	}
	inside := -in.bad * math.Log(min(1, least))
	outside := all.total - in.total
	if outside <= all.bad {
		return math.Inf(1)
	}
	return inside + deviance(all.bad-in.bad, outside, all.bad/outside)
}

// costs is what naming combinations costs, in the unit of the log-likelihood ratio.
type costs struct {
	fixed float64   // ln(depths) + ln(1/α)
	kinds []float64 // by depth: ln of how many choices of attributes there are
	value []float64 // by column: ln of its values
	rows  float64   // ln of how many combinations there are at most
}

// price returns what naming combinations of the columns costs. e^−cost summed over all
// combinations is at most α, and the probability that chance alone gives a combination a
// log-likelihood ratio of x is at most e^−x (Chernoff): so with probability 1−α chance gives
// no combination more than its cost (Bonferroni, weighted).
func price(c *columns, rows int, o Options) costs {
	p := costs{
		fixed: math.Log(float64(o.Depth)) - math.Log(o.Alpha), kinds: []float64{0},
		rows: math.Log(max(1, float64(rows))),
	}
	ways := 1.0
	for d := 1; d <= o.Depth; d++ {
		ways *= max(1, float64(len(c.cols)-d+1)) / float64(d)
		// Of few attributes there are fewer choices of three than of two, and yet two are simpler.
		p.kinds = append(p.kinds, max(p.kinds[d-1], math.Log(max(1, ways))))
	}
	for i := range c.cols {
		p.value = append(p.value, math.Log(float64(c.cols[i].named)))
	}
	return p
}

// of is what it costs to name values of these columns.
func (p *costs) of(columns ...[]int) float64 {
	values, depth := 0.0, 0
	for _, some := range columns {
		for _, c := range some {
			values += p.value[c]
		}
		depth += len(some)
	}
	return p.fixed + p.kinds[depth] + min(values, p.rows)
}

// atLeast is the least that any combination of that depth costs.
func (p *costs) atLeast(depth int) float64 { return p.fixed + p.kinds[depth] }
