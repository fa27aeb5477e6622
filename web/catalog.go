package web

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"burnline/slo"
)

// catalog is a set of definitions with what pages look up in it, in order of ID. It is made
// once for a set and only read.
type catalog struct {
	defs []*slo.Definition
	// place finds a definition in defs by its ID.
	place map[string]int
	// words are what a search looks at, in lower case, by place.
	words []string
	// siblings are the definitions of one promise, by service and name, and wholes the
	// composites that an ID is part of.
	siblings map[promised][]*slo.Definition
	wholes   map[string][]*slo.Definition
	// ends is the line at which the document after a definition's begins; 0 for a file's last.
	ends map[slo.Source]int
	// values are what the definitions say of each trait, in order and each once.
	values map[trait][]string
}

// promised names a promise, which may have several objectives.
type promised struct{ service, name string }

// trait is what definitions are chosen and grouped by.
type trait string

// The traits.
const (
	byTeam    trait = "team"
	byService trait = "service"
	byJourney trait = "journey"
	byTier    trait = "tier"
)

// traits lists them in the order in which they are offered.
func traits() []trait { return []trait{byTeam, byService, byJourney, byTier} }

// of returns what a definition says of the trait; "" where it says nothing.
func (t trait) of(d *slo.Definition) string {
	switch t {
	case byTeam:
		return d.Team
	case byService:
		return d.Service
	case byJourney:
		return d.Journey
	case byTier:
		return d.Labels["tier"]
	}
	return ""
}

func newCatalog(defs []*slo.Definition) *catalog {
	c := &catalog{
		defs:  slices.SortedFunc(slices.Values(defs), func(a, b *slo.Definition) int { return cmp.Compare(a.ID, b.ID) }),
		place: make(map[string]int, len(defs)), words: make([]string, len(defs)),
		siblings: make(map[promised][]*slo.Definition, len(defs)), wholes: map[string][]*slo.Definition{}, values: map[trait][]string{},
	}
	for i, d := range c.defs {
		c.place[d.ID], c.words[i] = i, searched(d)
		of := promised{d.Service, d.Name}
		c.siblings[of] = append(c.siblings[of], d)
		if d.SLI.Composite == nil {
			continue
		}
		for _, p := range d.SLI.Composite.Parts {
			if all := c.wholes[p.SLO]; len(all) == 0 || all[len(all)-1] != d {
				c.wholes[p.SLO] = append(all, d)
			}
		}
	}
	c.ends = endsOf(c.defs)
	for _, t := range traits() {
		seen := map[string]bool{}
		for _, d := range c.defs {
			seen[t.of(d)] = true
		}
		delete(seen, "")
		c.values[t] = slices.Sorted(maps.Keys(seen))
	}
	return c
}

// endsOf finds where the document after each definition's begins. Several definitions may come
// of one document.
func endsOf(defs []*slo.Definition) map[slo.Source]int {
	var all []slo.Source
	for _, d := range defs {
		all = append(all, d.Source)
	}
	slices.SortFunc(all, func(a, b slo.Source) int { return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line) })
	all = slices.Compact(all)
	ends := make(map[slo.Source]int, len(all))
	for i, s := range all[:max(len(all)-1, 0)] {
		if all[i+1].File == s.File {
			ends[s] = all[i+1].Line
		}
	}
	return ends
}

// searched is what a search for a definition looks at.
func searched(d *slo.Definition) string {
	parts := []string{d.ID, d.Service, d.Team, d.Journey, d.Description}
	for _, l := range pairs(d.Labels) {
		parts = append(parts, l.Name+"="+l.Value)
	}
	return strings.ToLower(strings.Join(parts, " "))
}

// of returns the definition of an ID, nil where there is none.
func (c *catalog) of(id string) *slo.Definition {
	if i, ok := c.place[id]; ok {
		return c.defs[i]
	}
	return nil
}
