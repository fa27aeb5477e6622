package statuspage

import (
	"fmt"
	"strings"
)

// watchedTitle says what an incident was to customers that no longer suffer of it.
func watchedTitle(journey string, worst State) string {
	if worst == Slow {
		return journey + ": was slow for some customers, works again, and we watch it"
	}
	return journey + ": some customers failed; it works again, and we watch it"
}

// incidentTitle says what an incident is, or was, to customers.
func incidentTitle(journey string, s State, ongoing bool) string {
	switch {
	case s == Down && ongoing:
		return journey + " is down"
	case s == Slow && ongoing:
		return journey + ": slow for some customers"
	case s == Slow:
		return journey + ": slow for some customers for a time"
	case s == Unknown && ongoing:
		return journey + ": no data arrives, so we can't tell whether it works"
	case s == Unknown:
		return journey + ": no data arrived, so we could not tell whether it worked"
	case ongoing:
		return journey + ": some customers fail"
	}
	return journey + ": some customers failed"
}

// sentence says how it is, what is worst first.
func (p *Page) sentence() string {
	if len(p.Journeys) == 0 {
		return "Nothing is told of here yet."
	}
	names := map[State][]string{}
	for _, j := range p.Journeys {
		names[j.State] = append(names[j.State], j.Name)
	}
	var parts []string
	for _, one := range []struct {
		state     State
		one, many string
	}{
		{Down, "%s is down", "%s are down"}, {Failing, "%s fails for some customers", "%s fail for some customers"}, {Slow, "%s is slow for some customers", "%s are slow for some customers"},
		{Unknown, "No data arrives of %s, so we can't tell whether it works", "No data arrives of %s, so we can't tell whether they work"}, {Watched, "%s works again, and we watch it", "%s work again, and we watch them"}, {InMaintenance, "%s is in maintenance", "%s are in maintenance"},
	} {
		switch all := names[one.state]; len(all) {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf(one.one, all[0])+".")
		default:
			parts = append(parts, fmt.Sprintf(one.many, listed(all))+".")
		}
	}
	switch n := len(names[Works]); {
	case n == len(p.Journeys):
		return "Everything works."
	case n == 1:
		parts = append(parts, names[Works][0]+" works.")
	case n > 1:
		parts = append(parts, "Everything else works.")
	}
	return strings.Join(parts, " ")
}

// listed writes names as people do: a, b and c.
func listed(names []string) string {
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
