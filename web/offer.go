package web

import (
	"cmp"
	"slices"
	"strconv"

	"burnline/slo"
)

// offer fills in what else may be chosen.
func (m *overview) offer(s *server, f *fleet) {
	m.Columns = headings(m.choice)
	m.selects(s, f)
	m.views()
	m.taken()
}

// headings links every column to its order.
func headings(c choice) []heading {
	by := func(key string) string { return c.with(func(c *choice) { c.Sort = key }).href() }
	var hs []heading
	for _, col := range columns() {
		h := heading{column: col, Href: by(col.Key), Order: "none"}
		switch c.Sort {
		case col.Key:
			h.Href, h.Order = by("-"+col.Key), "ascending"
		case "-" + col.Key:
			h.Order = "descending"
		}
		hs = append(hs, h)
	}
	return hs
}

// selects are the form's fields, and what of the address it has to carry along.
func (m *overview) selects(s *server, f *fleet) {
	asked := map[string]bool{"q": true}
	for _, t := range traits() {
		values := f.values[t]
		if t == byTeam {
			values = teamNames(s.teams(), values)
		}
		if len(values) < 2 && m.Traits[t] == "" {
			continue
		}
		asked[string(t)] = true
		if len(values) > mostOptions {
			values = nil
		}
		m.Selects = append(m.Selects, choosing{string(t), m.Traits[t], "every " + string(t), values})
	}
	for name, values := range m.with(func(*choice) {}).values() {
		for _, value := range values {
			if !asked[name] {
				m.Hidden = append(m.Hidden, slo.Label{Name: name, Value: value})
			}
		}
	}
	slices.SortFunc(m.Hidden, func(a, b slo.Label) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) })
}

// views are the ways to group the list and the lengths of its pages.
func (m *overview) views() {
	group := func(t trait, fold bool) string {
		return m.with(func(c *choice) { c.By, c.AllFolded, c.Except = t, fold, nil }).href()
	}
	m.Bys = []link{{"nothing", group("", false), m.By == ""}}
	for _, t := range traits() {
		m.Bys = append(m.Bys, link{string(t), group(t, false), m.By == t})
	}
	if m.By != "" {
		m.FoldAll, m.OpenAll = group(m.By, true), group(m.By, false)
	}
	for _, n := range slices.Sorted(slices.Values(sizes())) {
		m.Sizes = append(m.Sizes, link{strconv.Itoa(n), m.with(func(c *choice) { c.Size = n }).href(), m.Size == n})
	}
}

// taken are the parts of the choice for which there is no field.
func (m *overview) taken() {
	if m.State != "" {
		m.Chips = append(m.Chips, chip{"state: " + m.State, m.with(func(c *choice) { c.State = "" }).href()})
	}
	for i, l := range m.Labels {
		m.Chips = append(m.Chips, chip{l.Name + "=" + l.Value, m.with(func(c *choice) { c.Labels = slices.Delete(c.Labels, i, i+1) }).href()})
	}
}
