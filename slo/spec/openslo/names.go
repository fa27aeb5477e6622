package openslo

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"burnline/slo"
	"burnline/slo/spec/foreign"
)

var (
	// strictName is RFC 1123's label, which OpenSLO asks for.
	strictName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	noSlug     = regexp.MustCompile(`[^a-z0-9]+`)
)

const nameRule = "write lowercase letters, digits and - only, at most 63, with a letter or digit at both ends"

// name checks a part of an SLO's ID.
func (r *report) name(p place, name, example string) {
	r.lend(p.doc, func(f *foreign.Report) { f.Name(p.path, name, example) })
	if name != "" && !strictName.MatchString(name) {
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

// labels carries labels over. One with several values gets all of them as one text, and of several
// teams the first.
func (r *report) labels(p place, in map[string]values, d *slo.Definition) {
	single := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		at, text := p.at(name), strings.Join(in[name], ", ")
		switch {
		case len(in[name]) < 2:
		case name == "team":
			r.warn(at, fmt.Sprintf("an SLO has one team, here %s of %s", in[name][0], text), "write the team that looks after the service first, and alone")
			text = in[name][0]
		default:
			r.warn(at, fmt.Sprintf("a label has one value, so this one is %q", text), "write one value")
		}
		single[name] = text
	}
	r.lend(p.doc, func(f *foreign.Report) { f.Labels(p.path, single, d) })
}
