package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
)

// The bounds of what an alert's author can make a message hold; receivers have
// theirs too, but what is kept should be small as well.
const (
	maxAnnotation = 1000 // runes
	maxFacts      = 40
)

// ClassAlert is the class of messages about outside alerts.
const ClassAlert = "alert"

// alertText says what the alerts of an incident mean, in their author's words.
func alertText(t slo.Transition, o TextOptions, before string) Message {
	in := t.Incident
	shared := sharedLabels(t)
	return Message{
		Labels: shared, Annotations: sharedNotes(t),
		Severity: in.Severity, Source: orElse(shortened(oneLine(orElse(shared.Get("service"), shared.Get("job")))), "burnline"),
		Component: shortened(oneLine(groupName(t))), Class: ClassAlert, Time: in.Started,
		Summary: before + alertSummary(t), Links: alertLinks(t, o), Details: alertFacts(t, o),
	}
}

// several reports whether the incident has more alerts than one.
func several(t slo.Transition) bool { return t.Alerts != nil && t.Alerts.Firing+t.Alerts.Resolved > 1 }

// groupName names the alerts: by the name that they share, where they do.
func groupName(t slo.Transition) string {
	return orElse(alertName(t.Incident), orElse(sharedLabels(t).Get(nameLabel), "Alerts"))
}

// sharedLabels are those that all alerts share, as far as they are listed.
func sharedLabels(t slo.Transition) slo.Labels {
	if t.Alerts == nil || len(t.Alerts.Listed) == 0 || t.Alerts.Firing+t.Alerts.Resolved > len(t.Alerts.Listed) {
		return alertLabels(t.Incident)
	}
	shared := slices.Clone(t.Alerts.Listed[0].Labels)
	for _, a := range t.Alerts.Listed[1:] {
		shared = slices.DeleteFunc(shared, func(l slo.Label) bool { return a.Labels.Get(l.Name) != l.Value })
	}
	return shared
}

// sharedNotes are the annotations that all listed alerts share.
func sharedNotes(t slo.Transition) map[string]string {
	if t.Alerts == nil || len(t.Alerts.Listed) == 0 {
		return nil
	}
	notes := maps.Clone(t.Alerts.Listed[0].Annotations)
	for _, a := range t.Alerts.Listed[1:] {
		maps.DeleteFunc(notes, func(name, value string) bool { return a.Annotations[name] != value })
	}
	return notes
}

// alertSummary is the author's summary, or else the name and the labels.
func alertSummary(t slo.Transition) string {
	name := shortened(oneLine(groupName(t)))
	said := orElse(said(t, "summary"), said(t, "description"))
	if t.Kind == slo.IncidentClosed {
		after := name + " ended after " + Duration(lasted(t))
		if !t.Ending.Proven() {
			after += " (" + t.Reason + ")"
		}
		if said == "" {
			return after + "."
		}
		return after + ": " + said
	}
	if several(t) {
		name += ": " + tally(t.Alerts)
		if of := shortened(alertLabels(t.Incident).Without(nameLabel).String()); of != "" {
			name += " for " + of
		}
		if said == "" {
			return name + "."
		}
		return name + ": " + said
	}
	if said != "" {
		return name + ": " + said
	}
	if of := shortened(sharedLabels(t).Without(nameLabel).String()); of != "" {
		return name + " fires: " + of + "."
	}
	return name + " fires."
}

// tally counts the alerts of a group: 3 alerts fire, 2 have ended.
func tally(a *slo.Alerts) string {
	fire := Count(float64(a.Firing)) + " alerts fire"
	if a.Firing == 1 {
		fire = "1 alert fires"
	}
	switch a.Resolved {
	case 0:
		return fire
	case 1:
		return fire + ", 1 has ended"
	}
	return fire + ", " + Count(float64(a.Resolved)) + " have ended"
}

// said returns an annotation that all alerts share, or that of the only one listed, in one
// line; where each says its own, what the first says and that there are more.
func said(t slo.Transition, name string) string {
	if t.Alerts == nil || len(t.Alerts.Listed) == 0 {
		return ""
	}
	first := shortened(oneLine(t.Alerts.Listed[0].Annotations[name]))
	if first == "" {
		return ""
	}
	for _, a := range t.Alerts.Listed[1:] {
		if shortened(oneLine(a.Annotations[name])) != first {
			return shortened(first + " … and " + Count(float64(t.Alerts.Firing+t.Alerts.Resolved-1)) + " more")
		}
	}
	return first
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > maxAnnotation {
		return string(runes[:maxAnnotation-1]) + "…"
	}
	return text
}

func alertLinks(t slo.Transition, o TextOptions) []Link {
	var links []Link
	if base := strings.TrimRight(o.ExternalURL, "/"); base != "" {
		links = append(links, Link{Text: "Incident", Href: base + "/incidents/" + t.Incident.Key})
	}
	notes := sharedNotes(t)
	source := ""
	if t.Alerts != nil && len(t.Alerts.Listed) > 0 {
		source = t.Alerts.Listed[0].GeneratorURL
	}
	for _, l := range []Link{
		{"Runbook", orElse(notes["runbook_url"], notes["runbook"])},
		{"Dashboard", orElse(notes["dashboard_url"], notes["dashboard"])},
		{"Source", source},
	} {
		if IsWeb(l.Href) && len(l.Href) <= maxAnnotation {
			links = append(links, l)
		}
	}
	return links
}

// alertFacts are the labels and the annotations of an alert; of several what they share, and
// what each has of its own.
func alertFacts(t slo.Transition, o TextOptions) []Detail {
	f := factSheet{}
	f.add("description", said(t, "description"))
	f.add("started", local(t.Incident.Started, o).Format(time.DateTime+" MST"))
	if t.Kind == slo.IncidentClosed {
		f.add("ended", local(t.At, o).Format(time.DateTime+" MST"))
		f.add("lasted", Duration(lasted(t)))
	}
	shared := sharedLabels(t)
	for _, l := range shared.Without(nameLabel) {
		if len(f) < maxFacts && l.Name != "severity" { // it stands below
			f.add(l.Name, shortened(oneLine(l.Value)))
		}
	}
	notes := sharedNotes(t)
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		if len(f) < maxFacts && name != "summary" && name != "description" {
			f.add(shortened(oneLine(name)), shortened(oneLine(notes[name])))
		}
	}
	if several(t) {
		f.alerts(t.Alerts, shared)
	}
	f.add("alert", shortened(oneLine(groupName(t))))
	f.add("severity", severityText(shared.Get("severity"), t.Incident.Severity))
	f.add("incident", t.Incident.Key)
	return f
}

// severityText is the severity in the words of the rule's author, and what it is here where that is another word.
func severityText(said string, is slo.Severity) string {
	if said = shortened(oneLine(said)); said == "" || said == string(is) {
		return string(is)
	}
	return said + ", a " + string(is)
}

// alerts adds what each alert of several has of its own.
func (f *factSheet) alerts(all *slo.Alerts, shared slo.Labels) {
	for i, a := range all.Listed {
		if i == maxListed {
			break
		}
		own := slices.DeleteFunc(slices.Clone(a.Labels), func(l slo.Label) bool { return shared.Get(l.Name) == l.Value })
		state := "fires"
		if !a.EndsAt.IsZero() {
			state = "has ended"
		}
		text := state
		if of := own.String(); of != "" {
			text = of + " " + state
		}
		if note := oneLine(orElse(a.Annotations["summary"], a.Annotations["description"])); note != "" {
			text += ": " + note
		}
		f.add("alert "+strconv.Itoa(i+1), shortened(oneLine(text)))
	}
	if more := all.Firing + all.Resolved - min(len(all.Listed), maxListed); more > 0 {
		f.add("further alerts", fmt.Sprint(more))
	}
}
