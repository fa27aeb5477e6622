package slo

import "math"

// chance is the probability below which bad events count as proof. (design,
// "Low traffic")
const chance = 0.001

// countSlack forgives the rounding of counts that were spread and added up, so
// that two events never look like 1.9999999.
const countSlack = 1e-6

// provenWorse reports whether bad of total events prove an error ratio above
// p: binomial P(X ≥ bad | n = total, p) < 0.1 %. Counts that are not whole are
// rounded against the proof, bad down and total up. (design, "Low traffic")
//
// It adds the tail from its largest term on. Beyond the mean the terms fall at
// least as fast as a geometric series, which bounds what is left, so that a few
// terms decide even for billions of events.
func provenWorse(bad, total, p float64) bool {
	k, n := math.Floor(bad+countSlack), math.Ceil(total-countSlack)
	k = math.Min(k, n)
	if !(k > n*p) || !(p > 0) { // the tail from the mean on is never small
		return false
	}
	if p >= 1 {
		return false
	}
	odds := p / (1 - p)
	term := math.Exp(logBinomial(k, n, p))
	sum := term
	for sum < chance {
		fall := (n - k) / (k + 1) * odds // term(k+1) ÷ term(k), below 1 and falling
		if sum+term*fall/(1-fall) < chance {
			return true
		}
		k++
		term *= fall
		sum += term
	}
	return false
}

// ProvenBetter reports whether events prove an error ratio below p: binomial P(X ≥ good | n = total, 1 − p) < 0.1 %, so that
// had it gone on failing at p, so many good ones would hardly have come. Counts that are not whole are rounded against
// the proof. Without events nothing is proven.
func ProvenBetter(c Counts, p float64) bool {
	const all = 0.999 // a service that failed wholly is proven better by two good events, not by the first
	return provenWorse(c.Good, c.Total, 1-min(p, all))
}

// logBinomial returns log P(X = k | n, p) for whole 0 < k ≤ n and 0 < p < 1,
// without the cancellation of three large log-gammas. (C. Loader, "Fast and
// Accurate Computation of Binomial Probabilities", 2000)
func logBinomial(k, n, p float64) float64 {
	if k == n {
		return n * math.Log(p)
	}
	rest := n - k
	return stirlingError(n) - stirlingError(k) - stirlingError(rest) -
		deviance(k, n*p) - deviance(rest, n*(1-p)) +
		0.5*math.Log(n/(2*math.Pi*k*rest))
}

// stirlingError returns log x! minus Stirling's approximation of it.
func stirlingError(x float64) float64 {
	if x < 16 {
		lg, _ := math.Lgamma(x + 1)
		return lg - (x+0.5)*math.Log(x) + x - 0.5*math.Log(2*math.Pi)
	}
	xx := x * x
	return (1.0/12 - (1.0/360-(1.0/1260-1.0/1680/xx)/xx)/xx) / x
}

// deviance returns x·log(x/m) + m − x.
func deviance(x, m float64) float64 {
	d := (x - m) / m
	return m * ((1+d)*math.Log1p(d) - d)
}
