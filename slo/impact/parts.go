package impact

import (
	"cmp"
	"slices"

	"burnline/slo"
)

// maxParts is how many values of an attribute are counted apart; the rest is one.
const maxParts = 100

// restName is what all further values are called.
const restName = "(others)"

// part counts the events of one value.
type part struct{ Failed, Total float64 }

// parts count events by the value of one attribute.
type parts map[string]part

func (ps *parts) add(value string, p part) {
	if value == "" {
		return
	}
	if *ps == nil {
		*ps = parts{}
	}
	if _, known := (*ps)[value]; !known && len(*ps) >= maxParts {
		value = restName
	}
	have := (*ps)[value]
	(*ps)[value] = part{have.Failed + p.Failed, have.Total + p.Total}
}

func (ps *parts) merge(o parts) {
	for value, p := range o {
		ps.add(value, p)
	}
}

// list returns the values with failures, most failures first.
func (ps parts) list() []slo.Part {
	var all []slo.Part
	for name, p := range ps {
		if p.Failed > 0 {
			all = append(all, slo.Part{Name: name, Failed: p.Failed, Total: p.Total})
		}
	}
	slices.SortFunc(all, func(a, b slo.Part) int {
		return cmp.Or(cmp.Compare(b.Failed, a.Failed), cmp.Compare(a.Name, b.Name))
	})
	return all
}
