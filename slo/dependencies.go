package slo

import (
	"slices"
	"strings"
)

// Dependencies are the SLOs that each SLO names as its dependencies, by ID.
type Dependencies map[string][]string

// DependenciesOf resolves what the definitions name. The name of an SLO with several
// objectives, service/name, stands for all of them. What is not known is left out.
func DependenciesOf(defs []Definition) Dependencies {
	all := Dependencies{}
	for i := range defs {
		for _, name := range defs[i].DependsOn {
			for _, id := range named(defs, name) {
				if !slices.Contains(all[defs[i].ID], id) {
					all[defs[i].ID] = append(all[defs[i].ID], id)
				}
			}
		}
	}
	return all
}

// named returns the IDs of the SLOs that a name stands for.
func named(defs []Definition, name string) []string {
	var ids []string
	for i := range defs {
		if id := defs[i].ID; id == name || strings.HasPrefix(id, name+"/") && defs[i].Service+"/"+defs[i].Name == name {
			ids = append(ids, id)
		}
	}
	return ids
}

// Of returns the SLOs that one depends on, also through others, nearest first. One
// that depends on it in turn is left out: in a circle nothing explains anything.
func (d Dependencies) Of(id string) []string {
	return slices.DeleteFunc(d.reach(id), func(dep string) bool { return dep == id || slices.Contains(d.reach(dep), id) })
}

// Circle reports whether the SLO depends on itself, through others or not.
func (d Dependencies) Circle(id string) bool { return slices.Contains(d.reach(id), id) }

// reach walks the dependencies of one SLO, each once; the SLO itself is among them
// where it is on a circle.
func (d Dependencies) reach(id string) []string {
	var found []string
	for next := d[id]; len(next) > 0; {
		var further []string
		for _, dep := range next {
			if !slices.Contains(found, dep) {
				found = append(found, dep)
				further = append(further, d[dep]...)
			}
		}
		next = further
	}
	return found
}
