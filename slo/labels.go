package slo

import (
	"slices"
	"strconv"
	"strings"
)

// MetricName is the label that carries a series' metric name.
const MetricName = "__name__"

// Label is one name and value of a series or of a group.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Labels is a set of labels sorted by name, each name at most once. The empty
// set names the one group of an SLO without group_by.
type Labels []Label

// NewLabels returns the pairs name, value, name, value … as a sorted set. A
// label with an empty value is left out, as in Prometheus.
func NewLabels(pairs ...string) Labels {
	ls := make(Labels, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			ls = append(ls, Label{pairs[i], pairs[i+1]})
		}
	}
	slices.SortFunc(ls, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	return ls
}

// Labels returns the set itself.
func (ls Labels) Labels() Labels { return ls }

// Get returns the value of the label, or "" when the set does not have it.
func (ls Labels) Get(name string) string {
	for i := range ls {
		if ls[i].Name == name {
			return ls[i].Value
		}
	}
	return ""
}

// Keep returns the labels of the given names, in order of name; a name that
// the set lacks is left out.
func (ls Labels) Keep(names []string) Labels {
	kept := make(Labels, 0, len(names))
	for _, l := range ls {
		if slices.Contains(names, l.Name) {
			kept = append(kept, l)
		}
	}
	return kept
}

// Map returns the set as a map from name to value, never nil; it belongs to the caller.
func (ls Labels) Map() map[string]string {
	m := make(map[string]string, len(ls))
	for _, l := range ls {
		m[l.Name] = l.Value
	}
	return m
}

// String writes the set as Prometheus does: name{a="b", c="d"}. It is
// canonical, so it serves as a map key; the empty set is "".
func (ls Labels) String() string {
	var b strings.Builder
	b.WriteString(ls.Get(MetricName))
	open := false
	for _, l := range ls {
		if l.Name == MetricName {
			continue
		}
		if open {
			b.WriteString(", ")
		} else {
			b.WriteByte('{')
			open = true
		}
		b.WriteString(l.Name)
		b.WriteByte('=')
		b.WriteString(strconv.Quote(l.Value))
	}
	if open {
		b.WriteByte('}')
	}
	return b.String()
}

// Without returns the labels but for one.
func (ls Labels) Without(name string) Labels {
	left := make(Labels, 0, len(ls))
	for _, l := range ls {
		if l.Name != name {
			left = append(left, l)
		}
	}
	return left
}

// With returns the labels with one more, or with another value of it.
func (ls Labels) With(name, value string) Labels {
	more := append(ls.Without(name), Label{name, value})
	slices.SortFunc(more, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	return more
}
