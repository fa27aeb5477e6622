package foreign

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/internal/valid"
)

// The defaults of a definition, for what the other tools don't have.
const (
	// DefaultResolveAfter is for how long an incident has to be quiet before it closes.
	DefaultResolveAfter = 5 * time.Minute
	// DefaultMinBad is the least number of bad events for a page.
	DefaultMinBad = 2
)

var noLabel = regexp.MustCompile(`[^a-zA-Z0-9_]`)

// Name checks a part of an SLO's ID.
func (r *Report) Name(path, name, example string) { r.refuse(path, valid.Name(name, example)) }

// Objective checks a promise in percent.
func (r *Report) Objective(path string, o float64) {
	r.refuse(path, valid.Objective(o, r.Doc.Has(path)))
}

// refuse adds an error where something is wrong.
func (r *Report) refuse(path string, wrong *yamlconf.Wrong) {
	if wrong != nil {
		r.Wrong(path, wrong.Message, wrong.Instead)
	}
}

// Labels carries the owners' labels over. team and journey become the SLO's own fields; a name that
// is no label gets underscores; one that Burnline fills in itself is left out. All that is reported.
func (r *Report) Labels(path string, in map[string]string, d *slo.Definition) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		at, value := path+"."+name, in[name]
		label := r.label(at, name)
		switch {
		case label == "" || r.template(at, value):
		case label == "team" && OneLine(value):
			d.Team = strings.TrimSpace(value)
		case label == "journey" && OneLine(value):
			d.Journey = strings.TrimSpace(value)
		case label == "service" && value == d.Service:
		case valid.FilledIn(label):
			r.Warn(at, label+" is filled in from the SLO itself, so this label is left out", "use another name")
		default:
			if d.Labels == nil {
				d.Labels = map[string]string{}
			}
			d.Labels[label] = value
		}
	}
}

// template reports a value that Prometheus would fill in for each alert.
func (r *Report) template(at, value string) bool {
	is := strings.Contains(value, "{{")
	if is {
		r.Warn(at, "templates are not filled in, so it is left out", "write the text; Burnline's own texts name the SLO, its service and its labels")
	}
	return is
}

// label returns the name as Prometheus' label; "" where it can't be one.
func (r *Report) label(at, name string) string {
	label := noLabel.ReplaceAllString(name, "_")
	switch {
	case !valid.Label(label):
		r.Warn(at, fmt.Sprintf("%q is no label name, so it is left out", name), "use letters, digits and _ only, and begin with a letter")
		return ""
	case label != name:
		r.Warn(at, "it becomes the label "+label, "use letters, digits and _ only")
	}
	return label
}

// OneLine reports whether a text can stand within a sentence and in a database's column, as the names of teams do.
func OneLine(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && valid.Words(text, "") == nil
}

// AlertLabels carries labels over that are added to what receivers are told.
func (r *Report) AlertLabels(path string, in map[string]string, d *slo.Definition) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		at := path + "." + name
		label := r.label(at, name)
		if label == "" || r.template(at, in[name]) {
			continue
		}
		switch label {
		case "severity":
			r.Warn(at, fmt.Sprintf("severity is page or ticket here, so %q is left out", in[name]), "")
			continue
		case "alertname", "slo", "service":
			if in[name] != d.Service {
				r.Warn(at, label+" is filled in from the SLO itself, so this label is left out", "use another name")
			}
			continue
		}
		if d.AlertLabels == nil {
			d.AlertLabels = map[string]string{}
		}
		d.AlertLabels[label] = in[name]
	}
}

// Annotations carries annotations over. runbook_url becomes runbook, which is linked from every page.
func (r *Report) Annotations(path string, in map[string]string, d *slo.Definition) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		at, value := path+"."+name, strings.TrimSpace(in[name])
		key := name
		if name == "runbook_url" {
			if _, both := in["runbook"]; !both {
				key = "runbook"
			}
		}
		switch {
		case r.template(at, value):
			continue
		case key == "runbook" && !web(value):
			r.Warn(at, fmt.Sprintf("%q is no web address, so pages can't link to it", value), "write one that begins with https://")
			continue
		}
		if d.Annotations == nil {
			d.Annotations = map[string]string{}
		}
		d.Annotations[key] = value
	}
}

func web(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// Inverted warns of bad events that are counted by a histogram's bucket, which holds the fast
// requests: a mistake that files for latencies often have.
func (r *Report) Inverted(path string, bad slo.Sum) {
	for _, s := range bad {
		if !s.Minus && strings.HasSuffix(s.Selector.Name, "_bucket") && slices.ContainsFunc(s.Selector.Matchers, func(m slo.Matcher) bool {
			return m.Label == "le" && m.Op != slo.MatchNotEqual && m.Op != slo.MatchNotRegexp && m.Value != "+Inf"
		}) {
			r.Warn(path, "a bucket counts the requests up to its bound, so here the fast ones are bad", "take the bucket away from all requests")
			return
		}
	}
}

// GroupBy checks labels that split the budget. list says that the path is a list in the document.
func (r *Report) GroupBy(path string, labels []string, list bool) []string {
	var by []string
	for i, label := range labels {
		at := path
		if list {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		wrong := valid.GroupBy(label, true)
		r.refuse(at, wrong)
		if wrong == nil && !slices.Contains(by, label) {
			by = append(by, label)
		}
	}
	return by
}

// Policies completes the policies of a definition whose window and objective are known. What
// slo.Resolve has to say stands at path, as warnings: the other tool took the file as it is.
func (r *Report) Policies(path string, written []slo.Policy, d *slo.Definition) {
	resolved, findings := slo.Resolve(written, d.Window.Nominal(), d.Budget())
	for _, f := range findings {
		r.Warn(path, f.Message, "")
	}
	d.Policies = resolved
}
