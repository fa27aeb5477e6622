package explain

import "math"

// excused is the log-likelihood ratio from which on the past of a combination is taken for
// different from that of the rest: two standard deviations.
const excused = 2

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
	// llr is the log-likelihood ratio; 0 where it fails no more than is expected of it.
	llr float64
	// excess are the failures beyond those that are expected, and lift the factor by which
	// it fails more.
	excess, lift float64
}

// judge compares the events in a combination with the rest of all.
//
// Without a past both are expected to fail at the same ratio, and the log-likelihood ratio
// is that of Kulldorff's Bernoulli model. With a past each is expected to fail as it did
// before, plus the same δ: the ratio that the breach adds everywhere, chosen so that as many
// failures are expected as there are. How sure the past is of its ratio counts too: it
// stands there as a second sample.
func judge(in, all weight) finding {
	out := all.less(in)
	if all.total0 <= 0 {
		r := ratio(all.bad, all.total)
		if in.bad <= in.total*r {
			return finding{}
		}
		f := finding{llr: deviance(in.bad, in.total, r) + deviance(out.bad, out.total, r)}
		f.beyond(in, ratio(out.bad, out.total))
		return f
	}
	past, rest := before(in, all, out)
	p, q := ratio(past.bad0, past.total0), ratio(rest.bad0, rest.total0)
	delta := (all.bad - in.total*p - out.total*q) / all.total
	if delta < 0 {
		delta = 0
	}
	if in.bad <= in.total*(p+delta) {
		return finding{}
	}
	f := finding{llr: apart(in.bad, in.total, min(past.total0, past.bad0+delta*past.total0), past.total0)}
	if delta > 0 { // else the rest has become better, which says nothing of the inside
		f.llr += deviance(out.bad, out.total, q+delta)
	}
	f.beyond(in, p+max(0, ratio(out.bad, out.total)-q))
	return f
}

// before returns the past of a combination and of the rest: their own where the two differ by
// more than chance, else that of all, which is known better.
func before(in, all, out weight) (past, rest weight) {
	if in.total0 > 0 && out.total0 > 0 && apart(in.bad0, in.total0, out.bad0, out.total0) > excused {
		return in, out
	}
	return all, all
}

func (f *finding) beyond(in weight, expected float64) {
	f.excess = in.bad - in.total*expected
	f.lift = math.Inf(1)
	if expected > 0 {
		f.lift = ratio(in.bad, in.total) / expected
	}
}

// ceiling is the highest log-likelihood ratio that any part of a combination with so many
// failures can have: that of a part that holds them all and no other event.
func ceiling(in, all weight) float64 {
	b := in.bad
	if all.total0 <= 0 {
		r := ratio(all.bad, all.total)
		return deviance(b, b, r) + deviance(all.bad-b, all.total-b, r)
	}
	// Inside, apart is highest where nothing failed before: b·ln(1+m/b) + m·ln(1+b/m), and
	// the second is below b. Outside, at most all failures are expected and those inside are
	// lacking.
	inside := b*math.Log1p(all.total0/b) + b
	left := all.total - in.total - all.bad
	if left <= 0 {
		return math.Inf(1)
	}
	outside := b * (1 + b/left)
	if rest := all.bad - b; rest > 0 {
		outside += rest * math.Log(rest/all.bad)
	}
	return inside + outside
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
func price(c *columns, o Options) costs {
	p := costs{
		fixed: math.Log(float64(o.Depth)) - math.Log(o.Alpha), kinds: []float64{0},
		rows: math.Log(max(1, float64(c.rows))),
	}
	ways := 1.0
	for d := 1; d <= o.Depth; d++ {
		ways *= max(1, float64(len(c.cols)-d+1)) / float64(d)
		p.kinds = append(p.kinds, math.Log(max(1, ways)))
	}
	for i := range c.cols {
		p.value = append(p.value, math.Log(float64(c.cols[i].named)))
	}
	return p
}

// of is what it costs to name values of these columns.
func (p *costs) of(columns []int) float64 {
	values := 0.0
	for _, c := range columns {
		values += p.value[c]
	}
	return p.fixed + p.kinds[len(columns)] + min(values, p.rows)
}

// atLeast is the least that any combination of that depth costs.
func (p *costs) atLeast(depth int) float64 { return p.fixed + p.kinds[depth] }
