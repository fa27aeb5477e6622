package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"burnline/slo"
)

// choice is which budgets a list shows, and how, as its address says it.
type choice struct {
	// Query are words that all have to occur, and State a state as it is shown.
	Query, State string
	// Traits are chosen values; a team stands for those below it too.
	Traits map[trait]string
	// Labels are those that definitions have to carry.
	Labels []slo.Label
	// Sort is a column's key, "-" before it turns it round.
	Sort string
	// By groups the list; "" does not.
	By trait
	// AllFolded folds every group but those of Except, else those of Except only are folded.
	AllFolded bool
	Except    []string
	// Page counts from 1, and Size is how many lines one has.
	Page, Size int
}

// sizes are how many lines a page may have; the first is the usual number.
func sizes() []int { return []int{100, 50, 500} }

// foldAll is the value of fold that folds every group.
const foldAll = "*"

// choose reads a choice; what can't be read is as if it were not there.
func choose(q url.Values) choice {
	c := choice{
		Query: strings.TrimSpace(q.Get("q")), State: q.Get("state"), Traits: map[trait]string{},
		Sort: cmp.Or(q.Get("sort"), usualOrder), AllFolded: q.Get("fold") == foldAll, Page: 1, Size: sizes()[0],
	}
	for _, t := range traits() {
		if v := q.Get(string(t)); v != "" {
			c.Traits[t] = v
		}
		if q.Get("by") == string(t) {
			c.By = t
		}
	}
	for _, text := range q["label"] {
		if name, value, ok := strings.Cut(text, "="); ok {
			c.Labels = append(c.Labels, slo.Label{Name: name, Value: value})
		}
	}
	c.Except = q["fold"]
	if c.AllFolded {
		c.Except = q["open"]
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 {
		c.Page = n
	}
	if n, err := strconv.Atoi(q.Get("rows")); err == nil && slices.Contains(sizes(), n) {
		c.Size = n
	}
	return c
}

// values writes a choice as choose reads it; what is usual is left out.
func (c choice) values() url.Values {
	q := url.Values{}
	put := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	put("q", c.Query)
	put("state", c.State)
	for t, v := range c.Traits {
		put(string(t), v)
	}
	for _, l := range c.Labels {
		q.Add("label", l.Name+"="+l.Value)
	}
	if c.Sort != usualOrder {
		put("sort", c.Sort)
	}
	if c.By != "" {
		put("by", string(c.By))
		key := "fold"
		if c.AllFolded {
			q.Set("fold", foldAll)
			key = "open"
		}
		for _, name := range c.Except {
			q.Add(key, name)
		}
	}
	if c.Page > 1 {
		put("page", strconv.Itoa(c.Page))
	}
	if c.Size != sizes()[0] {
		put("rows", strconv.Itoa(c.Size))
	}
	return q
}

// with returns a changed choice, at its first page.
func (c choice) with(change func(*choice)) choice {
	traits := map[trait]string{}
	maps.Copy(traits, c.Traits)
	c.Traits = traits
	c.Labels, c.Except, c.Page = slices.Clone(c.Labels), slices.Clone(c.Except), 1
	change(&c)
	return c
}

// href is the address of the list.
func (c choice) href() string { return address("/", c.values()) }

// folded reports whether a group of this name shows its head only.
func (c choice) folded(name string) bool { return slices.Contains(c.Except, name) != c.AllFolded }

// toggle is the address at which a group is folded, or no longer; the page stays.
func (c choice) toggle(name string) string {
	page := c.Page
	return c.with(func(c *choice) {
		c.Page = page
		if i := slices.Index(c.Except, name); i >= 0 {
			c.Except = slices.Delete(c.Except, i, i+1)
		} else {
			c.Except = append(c.Except, name)
		}
	}).href()
}

// sieve picks the budgets of a choice from a fleet.
type sieve struct {
	choice
	// teams are the chosen one and those below it; nil are all.
	teams map[string]bool
	words []string
}

func (s *server) sieve(c choice) sieve {
	v := sieve{choice: c, words: strings.Fields(strings.ToLower(c.Query))}
	if name := c.Traits[byTeam]; name != "" {
		v.teams = slo.Under(s.teams(), name)
	}
	return v
}

// everything reports whether no definition is left out.
func (v sieve) everything() bool { return len(v.Traits) == 0 && len(v.Labels) == 0 }

// about reports whether a definition is among those that the choice is about, whatever is
// searched for and whatever its state is.
func (v sieve) about(d *slo.Definition) bool {
	for t, want := range v.Traits {
		if t != byTeam && t.of(d) != want {
			return false
		}
	}
	for _, l := range v.Labels {
		if got, ok := d.Labels[l.Name]; !ok || got != l.Value {
			return false
		}
	}
	return v.teams == nil || v.teams[d.Team]
}

// passes reports whether a row that the choice is about is listed.
func (v sieve) passes(f *fleet, i int) bool {
	return (v.State == "" || string(f.shown[i]) == v.State) && f.has(i, v.words)
}

// scope returns the positions of the rows that the choice is about, in order of name.
func (v sieve) scope(f *fleet) []int {
	var some []int
	for i := range f.rows {
		if v.about(f.rows[i].Def) {
			some = append(some, i)
		}
	}
	return some
}

// found returns the positions of the rows that are listed, in the order that is asked for.
func (v sieve) found(f *fleet) []int {
	order := f.order(v.Sort)
	if v.everything() && v.State == "" && len(v.words) == 0 {
		return order
	}
	some := make([]int, 0, len(order))
	for _, i := range order {
		if v.about(f.rows[i].Def) && v.passes(f, i) {
			some = append(some, i)
		}
	}
	return some
}
