package web

import (
	"slices"

	"burnline/slo"
)

// section is a stretch of a list: the budgets of one team, service, journey or tier, or all of
// a list that is not section.
type section struct {
	// Name is the value that they have in common, "" where they have none.
	Name string
	// Title names it for readers; "" in a list that is not grouped, which has no heads.
	Title string
	// Total counts its budgets on all pages, and Tally those in each state.
	Total  int
	Tally  []tally
	Folded bool
	// Toggle folds it, or shows its budgets again, and Only lists nothing else.
	Toggle, Only string
	// Continued is true where a page before this one shows the first of its budgets.
	Continued bool
	Rows      []row
}

// paged is one page of a list.
type paged struct {
	Groups []section
	// First and Last count the page's lines from 1, Lines are those of all pages. A line is a
	// budget, or the head of a folded group.
	First, Last, Lines int
	Number, Pages      int
	// Prev and Next lead to the pages beside it; "" where there is none.
	Prev, Next string
}

// pageOf cuts the page that a choice asks for out of the rows that were found, of which there is
// at least one. A page behind the last one is the last.
func (v sieve) pageOf(f *fleet, found []int) paged {
	groups := v.groupsOf(f, found)
	p := paged{}
	for _, g := range groups {
		p.Lines += g.lines(v.choice)
	}
	p.Pages = max(1, (p.Lines+v.Size-1)/v.Size)
	p.Number = min(v.Page, p.Pages)
	p.First, p.Last = (p.Number-1)*v.Size+1, min(p.Number*v.Size, p.Lines)
	at := 0 // lines before the group
	for _, g := range groups {
		n := g.lines(v.choice)
		if from, to := max(p.First-1-at, 0), min(p.Last-at, n); from < to {
			p.Groups = append(p.Groups, v.shown(f, g, from, to))
		}
		at += n
	}
	if p.Number > 1 {
		p.Prev = v.page(p.Number - 1)
	}
	if p.Number < p.Pages {
		p.Next = v.page(p.Number + 1)
	}
	return p
}

// page is the address of another page of the list.
func (c choice) page(n int) string { return c.with(func(c *choice) { c.Page = n }).href() }

// members are the positions of the rows of one group.
type members struct {
	name string
	rows []int
}

// lines is how many lines a group has on all pages.
func (m members) lines(c choice) int {
	if c.By != "" && c.folded(m.name) {
		return 1
	}
	return len(m.rows)
}

// groupsOf splits rows by the trait that is asked for. A group stands where its first row does,
// so that the order of rows is that of groups too.
func (v sieve) groupsOf(f *fleet, found []int) []members {
	if v.By == "" {
		return []members{{rows: found}}
	}
	var all []members
	at := map[string]int{}
	for _, i := range found {
		name := v.By.of(f.rows[i].Def)
		n, ok := at[name]
		if !ok {
			n = len(all)
			at[name], all = n, append(all, members{name: name})
		}
		all[n].rows = append(all[n].rows, i)
	}
	return all
}

// shown is what a page shows of a group: its lines from, up to and without to.
func (v sieve) shown(f *fleet, m members, from, to int) section {
	g := section{Name: m.name, Total: len(m.rows), Continued: from > 0}
	if v.By != "" {
		g.Title, g.Folded = firstOf(m.name, "no "+string(v.By)), v.folded(m.name)
		g.Toggle = v.toggle(m.name)
		if m.name != "" {
			g.Only = v.with(func(c *choice) { c.Traits[v.By], c.By, c.Except, c.AllFolded = m.name, "", nil, false }).href()
		}
		g.Tally = tallies(f.count(m.rows), nil)
	}
	if g.Folded {
		return g
	}
	for _, i := range m.rows[from:to] {
		g.Rows = append(g.Rows, f.rows[i])
	}
	return g
}

// tallies lists how many budgets are in each state, most urgent first, and leaves out states
// that nothing is in. Each leads where link says, nowhere without one.
func tallies(count map[slo.State]int, link func(slo.State) (href string, active bool)) []tally {
	var ts []tally
	for st, n := range count {
		t := tally{State: st, Look: lookOf(st), Count: n}
		if link != nil {
			t.Href, t.Active = link(st)
		}
		ts = append(ts, t)
	}
	slices.SortFunc(ts, func(a, b tally) int { return a.Look.Rank - b.Look.Rank })
	return ts
}
