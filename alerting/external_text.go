package alerting

import (
	"maps"
	"slices"
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

// alertText says what an alert means in its author's words.
func alertText(t slo.Transition, o TextOptions, before string) Message {
	in := t.Incident
	var notes map[string]string
	if t.Alert != nil {
		notes = t.Alert.Annotations
	}
	return Message{
		Labels: Labels(in, nil), Annotations: notes,
		Severity: in.Severity, Source: orElse(shortened(oneLine(orElse(in.Group.Get("service"), in.Group.Get("job")))), "burnline"),
		Component: shortened(oneLine(alertName(in))), Class: "alert", Time: in.Started,
		Summary: before + alertSummary(t), Links: alertLinks(t, o), Details: alertFacts(t, o),
	}
}

// alertSummary is the author's summary, or else the name and the labels.
func alertSummary(t slo.Transition) string {
	said := orElse(said(t, "summary"), said(t, "description"))
	name := shortened(oneLine(alertName(t.Incident)))
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
	if said != "" {
		return name + ": " + said
	}
	if of := shortened(t.Incident.Group.String()); of != "" {
		return name + " fires: " + of + "."
	}
	return name + " fires."
}

// said returns an annotation in one line.
func said(t slo.Transition, name string) string {
	if t.Alert == nil {
		return ""
	}
	return shortened(oneLine(t.Alert.Annotations[name]))
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
	if t.Alert == nil {
		return links
	}
	for _, l := range []Link{
		{"Runbook", orElse(t.Alert.Annotations["runbook_url"], t.Alert.Annotations["runbook"])},
		{"Dashboard", orElse(t.Alert.Annotations["dashboard_url"], t.Alert.Annotations["dashboard"])},
		{"Source", t.Alert.GeneratorURL},
	} {
		if isWeb(l.Href) && len(l.Href) <= maxAnnotation {
			links = append(links, l)
		}
	}
	return links
}

// alertFacts are the labels and the annotations of an alert.
func alertFacts(t slo.Transition, o TextOptions) []Detail {
	f := factSheet{}
	f.add("description", said(t, "description"))
	f.add("started", local(t.Incident.Started, o).Format(time.DateTime+" MST"))
	if t.Kind == slo.IncidentClosed {
		f.add("ended", local(t.At, o).Format(time.DateTime+" MST"))
		f.add("lasted", Duration(lasted(t)))
	}
	for _, l := range t.Incident.Group {
		if len(f) < maxFacts {
			f.add(l.Name, shortened(oneLine(l.Value)))
		}
	}
	if t.Alert != nil {
		for _, name := range slices.Sorted(maps.Keys(t.Alert.Annotations)) {
			if len(f) < maxFacts && name != "summary" && name != "description" {
				f.add(shortened(oneLine(name)), said(t, name))
			}
		}
	}
	f.add("alert", shortened(oneLine(alertName(t.Incident))))
	f.add("severity", string(t.Incident.Severity))
	f.add("incident", t.Incident.Key)
	return f
}
