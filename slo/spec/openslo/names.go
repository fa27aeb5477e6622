package openslo

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var (
	// strictName is RFC 1123's label, which OpenSLO asks for.
	strictName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	// usableName can stand in IDs and addresses.
	usableName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$`)
	validLabel = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	noLabel    = regexp.MustCompile(`[^a-zA-Z0-9_]`)
	noSlug     = regexp.MustCompile(`[^a-z0-9]+`)
)

const nameRule = "write lowercase letters, digits and - only, at most 63, with a letter or digit at both ends"

// name checks a part of an SLO's ID.
func (r *report) name(p place, name, example string) {
	switch {
	case name == "":
		r.wrong(p, "it is missing", "write a name such as "+example)
	case !usableName.MatchString(name):
		r.wrong(p, fmt.Sprintf("%q is no name", name), nameRule)
	case !strictName.MatchString(name):
		r.warn(p, fmt.Sprintf("%q is no name to other readers of OpenSLO", name), nameRule)
	}
}

// objectName checks a name that only references use.
func (r *report) objectName(p place, name string) {
	switch {
	case name == "":
		r.wrong(p, "it is missing", "write the name by which others refer to it")
	case !strictName.MatchString(name):
		r.warn(p, fmt.Sprintf("%q is no name to other readers of OpenSLO", name), nameRule)
	}
}

// slugs returns the names of the objectives within IDs: their display names in lower case, or
// their numbers where that is missing or taken.
func slugs(goals []goal) []string {
	names := make([]string, len(goals))
	for i, g := range goals {
		names[i] = strings.Trim(noSlug.ReplaceAllString(strings.ToLower(g.name), "-"), "-")
		if names[i] == "" || len(names[i]) > 63 || slices.Contains(names[:i], names[i]) {
			names[i] = fmt.Sprint(i + 1)
		}
	}
	return names
}

// taken are labels that Burnline fills in from the SLO itself.
var taken = []string{"slo", "name", "service", "journey", "objective", "window"}

// labels carries labels over: team becomes the team, several values become one, and a name
// that Prometheus does not know gets underscores.
func (r *report) labels(p place, in map[string]values) (labels map[string]string, team string) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		at, value := p.at(name), strings.Join(in[name], ", ")
		if name == "team" && len(in[name]) > 0 {
			team = in[name][0]
			if len(in[name]) > 1 {
				r.warn(at, fmt.Sprintf("an SLO has one team, here %s of %s", team, value), "write the team that looks after the service first, and alone")
			}
			continue
		}
		label := noLabel.ReplaceAllString(name, "_")
		if !validLabel.MatchString(label) || strings.HasPrefix(label, "__") || slices.Contains(taken, label) {
			label = "label_" + strings.TrimLeft(label, "_")
		}
		if _, exists := labels[label]; exists {
			r.warn(at, fmt.Sprintf("%s stands for another label already, so this one is left out", label), "give it a name of letters, digits and _")
			continue
		}
		switch {
		case label != name && len(in[name]) > 1:
			r.warn(at, fmt.Sprintf("it becomes %s with the one value %q", label, value), "write a name of letters, digits and _, and one value")
		case label != name:
			r.warn(at, fmt.Sprintf("it becomes the label %s", label), "write a name of letters, digits and _ that Burnline does not fill in itself")
		case len(in[name]) > 1:
			r.warn(at, fmt.Sprintf("a label has one value, so this one is %q", value), "write one value")
		}
		if labels == nil {
			labels = map[string]string{}
		}
		labels[label] = value
	}
	return labels, team
}
