package report

import (
	"cmp"
	"slices"
	"strings"

	"burnline/slo"
)

const (
	// riskLeft is the part of a budget below which an SLO is at risk.
	riskLeft = 0.25
	// enoughKnown is the part of the hours that has to have data, or the matrix says no data.
	enoughKnown = 0.9
)

// healthOf is where an SLO stood in a period that is over, by its totals.
func healthOf(s *Stretch) Health {
	switch {
	case s.Corrected.State == Missed:
		return Exhausted
	case s.Known() < enoughKnown:
		return Unknown
	case s.Corrected.Spent > 1-riskLeft:
		return AtRisk
	}
	return Healthy
}

// healthNow is where an SLO stands now, by the engine: its worst group decides. A group without
// events says nothing where others have some.
func healthNow(all []slo.Status) Health {
	health, known := Healthy, false
	worse := func(h Health) {
		if h.rank() > health.rank() {
			health = h
		}
	}
	for i := range all {
		s := &all[i]
		switch {
		case s.State == slo.StateIdle:
		case s.Filling || !s.State.Known() || !s.Budget.Known:
			worse(Unknown)
		case s.Budget.Spent:
			known = true
			worse(Exhausted)
		case s.State == slo.StateBurning || s.Budget.Remaining < riskLeft:
			known = true
			worse(AtRisk)
		default:
			known = true
		}
	}
	if !known {
		return Unknown
	}
	return health
}

// rank orders by how much it needs somebody.
func (h Health) rank() int { return slices.Index([]Health{Healthy, Unknown, AtRisk, Exhausted}, h) }

// matrix counts the lines by team and tier.
func (r *Report) matrix() {
	for i := range r.SLOs {
		if l := &r.SLOs[i]; !l.Removed && !slices.Contains(r.Tiers, l.Tier) {
			r.Tiers = append(r.Tiers, l.Tier)
		}
	}
	slices.SortFunc(r.Tiers, func(a, b string) int { // SLOs without a tier last
		return cmp.Or(cmp.Compare(b2i(a == ""), b2i(b == "")), strings.Compare(a, b))
	})
	rows := map[string]*MatrixRow{}
	worstFirst := slices.Clone(r.SLOs)
	slices.SortStableFunc(worstFirst, func(a, b Line) int { return cmp.Compare(b.Health.rank(), a.Health.rank()) })
	for i := range worstFirst {
		l := &worstFirst[i]
		if l.Removed {
			continue
		}
		if rows[l.Team] == nil {
			rows[l.Team] = &MatrixRow{Team: l.Team, Cells: make([]Cell, len(r.Tiers))}
		}
		rows[l.Team].Cells[slices.Index(r.Tiers, l.Tier)].add(l)
	}
	for _, team := range sortedKeys(rows) {
		if team != "" {
			r.Matrix = append(r.Matrix, *rows[team])
		}
	}
	if row := rows[""]; row != nil {
		r.Matrix = append(r.Matrix, *row)
	}
}

func (c *Cell) add(l *Line) {
	switch l.Health {
	case Healthy:
		c.Healthy++
		return
	case AtRisk:
		c.AtRisk++
	case Exhausted:
		c.Exhausted++
	default:
		c.NoData++
	}
	c.SLOs = append(c.SLOs, l.ID)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mostConsumers is how many SLOs are named for what they spent.
const mostConsumers = 10

// consumers names the SLOs that spent most of the budget of the period.
func (r *Report) consumers() {
	lines := slices.DeleteFunc(slices.Clone(r.SLOs), func(l Line) bool { return l.Corrected.Spent <= 0 && l.Raw.Spent <= 0 })
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Corrected.Spent, a.Corrected.Spent), cmp.Compare(b.Raw.Spent, a.Raw.Spent), strings.Compare(a.ID, b.ID))
	})
	for _, l := range lines[:min(len(lines), mostConsumers)] {
		r.Consumers = append(r.Consumers, l.ID)
	}
}
