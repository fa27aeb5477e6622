package slo

// Mixture makes the events of an SLO of SLOs from those of its parts, all over the same stretch of
// time. The zero value is empty.
type Mixture struct {
	all, worst               Counts
	weights, ratios, highest float64
}

// Add adds a part. One without events takes no part in it.
func (m *Mixture) Add(weight float64, c Counts) {
	if c.Total <= 0 {
		return
	}
	ratio := max(0, c.Bad()) / c.Total
	m.all.Total += c.Total
	m.weights, m.ratios = m.weights+weight, m.ratios+weight*ratio
	if m.worst.Total == 0 || ratio > m.highest {
		m.worst, m.highest = c, ratio
	}
}

// Counts returns the events of all parts, bad by the weighted mean of their error ratios; or, for
// Worst, those of the part with the highest.
func (m *Mixture) Counts(method CompositeMethod) Counts {
	if method == Worst {
		return m.worst
	}
	c := m.all
	if m.weights > 0 {
		c.Good = c.Total * (1 - m.ratios/m.weights)
	}
	return c
}
