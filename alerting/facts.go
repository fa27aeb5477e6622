package alerting

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"burnline/slo"
)

// links are the addresses that help: the SLO's page, the incident's page, and
// the owners' runbook.
func links(t slo.Transition, o TextOptions) []Link {
	var ls []Link
	if base := strings.TrimRight(o.ExternalURL, "/"); base != "" {
		about := Link{Text: "SLO " + t.Incident.SLO, Href: sloURL(base, t.Incident)}
		if len(t.Incident.SLOs) > 0 {
			about = Link{Text: "All SLOs", Href: base + "/"}
		}
		ls = append(ls, about, Link{Text: "Incident", Href: base + "/incidents/" + url.PathEscape(t.Incident.Key)})
	}
	ls = append(ls, evidenceLinks(t.Evidence, strings.TrimRight(o.ExternalURL, "/"))...)
	if runbook := annotation(t, "runbook"); IsWeb(runbook) {
		ls = append(ls, Link{Text: "Runbook", Href: runbook})
	}
	return ls
}

// sloURL is the address of the SLO's page with the first group chosen, a
// parameter group=name=value for each of its labels.
func sloURL(base string, in slo.Incident) string {
	parts := strings.Split(in.SLO, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	address := base + "/slo/" + strings.Join(parts, "/")
	if len(in.Group) > 0 {
		q := url.Values{}
		for _, l := range in.Group {
			q.Add("group", l.Name+"="+l.Value)
		}
		address += "?" + q.Encode()
	}
	return address
}

// IsWeb reports whether a text is an address that a browser opens and requests can be sent to.
func IsWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// annotation returns one of the owners' notes.
func annotation(t slo.Transition, name string) string {
	if t.Definition == nil {
		return ""
	}
	return t.Definition.Annotations[name]
}

// details are the facts behind the summary, the most important first.
func details(t slo.Transition, o TextOptions) []Detail {
	if dark(t.Incident) {
		return darkFacts(t, o)
	}
	f := factSheet{}
	f.add("bad events", counts(t.Since))
	f.evidence(t.Evidence, o)
	f.add("started", local(t.Incident.Started, o).Format("2006-01-02 15:04:05 MST"))
	if t.Kind == slo.IncidentClosed {
		f.add("ended", local(t.At, o).Format("2006-01-02 15:04:05 MST"))
		f.add("lasted", Duration(lasted(t)))
	}
	f.groups(t.Incident.Groups)
	f.promise(t.Definition)
	f.budget(t)
	f.add("rule", t.Reason)
	f.burn(t.Policy)
	f.owners(t.Definition)
	f.add("severity", string(t.Incident.Severity))
	f.add("SLO", t.Incident.SLO)
	f.add("incident", t.Incident.Key)
	return f
}

// factSheet collects details; what is empty is left out.
type factSheet []Detail

// add appends one fact.
func (f *factSheet) add(name, value string) {
	if value != "" {
		*f = append(*f, Detail{Name: name, Value: value})
	}
}

// maxGroups is how many groups a message lists. Hundreds may join an incident,
// each with an update of the message.
const maxGroups = 20

// groups adds which groups suffer.
func (f *factSheet) groups(groups []slo.Labels) {
	for i, g := range groups {
		if i == maxGroups {
			f.add("further groups", Count(float64(len(groups)-maxGroups)))
			return
		}
		if len(g) > 0 {
			f.add("group "+strconv.Itoa(i+1), g.String())
		}
	}
}

// promise adds what was promised.
func (f *factSheet) promise(d *slo.Definition) {
	if d == nil {
		return
	}
	f.add("promise", d.Description)
	objective := strconv.FormatFloat(d.Objective, 'f', -1, 64) + " % of " + nounOf(d).many
	if limit, slow := threshold(d); slow {
		objective += " within " + Threshold(limit)
	}
	over := Duration(d.Window.Rolling)
	if d.Window.Calendar != nil {
		over = "each " + d.Window.String()
	}
	f.add("objective", objective+" over "+over)
}

// budget adds what is left of the error budget.
func (f *factSheet) budget(t slo.Transition) {
	b := t.Status.Budget
	if !b.Known {
		return
	}
	left := Percent(b.Remaining)
	if b.Projected {
		left += " (projected from " + Duration(b.Elapsed) + " of data)"
	}
	f.add("error budget left", left)
	if ends(t) && t.Kind != slo.IncidentClosed {
		f.add("error budget gone in", Duration(b.GoneIn))
	}
}

// burn adds the burn rates that the policy judged.
func (f *factSheet) burn(p *slo.PolicyStatus) {
	if p == nil {
		return
	}
	for _, b := range []slo.Burn{p.Long, p.Short} {
		if b.Known {
			f.add("burn rate over "+slo.FormatDuration(b.Window), fmt.Sprintf("%s (fires above %s)",
				strconv.FormatFloat(signif(b.Rate, 3), 'f', -1, 64), strconv.FormatFloat(signif(p.Policy.Factor, 3), 'f', -1, 64)))
		}
	}
}

// owners adds whose promise it is, the labels, and where it is written.
func (f *factSheet) owners(d *slo.Definition) {
	if d == nil {
		return
	}
	f.add("service", d.Service)
	f.add("team", d.Team)
	f.add("journey", d.Journey)
	for _, labels := range []map[string]string{d.Labels, d.Annotations} {
		names := make([]string, 0, len(labels))
		for name := range labels {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			f.add(name, labels[name])
		}
	}
	if d.Source.File != "" {
		f.add("defined in", d.Source.File+":"+strconv.Itoa(d.Source.Line))
	}
}

// counts writes bad of total events.
func counts(c slo.Counts) string {
	if c.Total <= 0 {
		return ""
	}
	return Count(bad(c)) + " of " + Count(c.Total) + " (" + Percent(bad(c)/c.Total) + ")"
}
