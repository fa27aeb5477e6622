package sloth

import (
	"maps"
	"slices"
	"strings"

	"burnline/slo"
	"burnline/slo/spec/foreign"
)

// definition reads the i-th SLO of a document.
func (r *reader) definition(i int, in body, windows *periodWindows) slo.Definition {
	o, at := in.SLOs[i], r.path("slos[%d]", i)
	d := slo.Definition{
		ID: in.Service + "/" + o.Name, Name: o.Name, Service: in.Service,
		Description: strings.TrimSpace(o.Description), Objective: o.Objective,
		Window: slo.Window{Rolling: windows.period}, NoData: slo.NoDataAuto,
		ResolveAfter: foreign.DefaultResolveAfter, MinBad: foreign.DefaultMinBad,
		Dialect: slo.Sloth, Source: r.Source(at),
	}
	r.Name(at+".name", o.Name, "requests-availability")
	r.Objective(at+".objective", o.Objective)
	r.plugins(at+".plugins", o.Plugins)
	r.labels(i, in, &d)
	r.sli(i, o.SLI, &d)
	r.alerting(i, o, &d)
	if !r.Failed(at+".objective") && !windows.refused {
		r.policies(at, o.Alerting, windows, &d)
	}
	return d
}

// labels takes the labels of the document and of the SLO; the latter win.
func (r *reader) labels(i int, in body, d *slo.Definition) {
	shared := maps.Clone(in.Labels)
	maps.DeleteFunc(shared, func(name, _ string) bool { _, own := in.SLOs[i].Labels[name]; return own })
	before := len(r.Findings)
	r.Labels(r.path("labels"), shared, d)
	if i > 0 {
		r.Findings = slices.Delete(r.Findings, before, len(r.Findings)) // said for the first SLO
	}
	r.Labels(r.path("slos[%d].labels", i), in.SLOs[i].Labels, d)
	if owner := d.Labels["owner"]; d.Team == "" && foreign.OneLine(owner) {
		d.Team = strings.TrimSpace(owner)
	}
}

// policies takes the windows' policies, without those of an alert that is disabled.
func (r *reader) policies(at string, a alerting, windows *periodWindows, d *slo.Definition) {
	r.Policies(at+".objective", windows.policies, d)
	d.Policies = slices.DeleteFunc(d.Policies, func(p slo.Policy) bool {
		return p.Severity == slo.Page && a.PageAlert.Disable || p.Severity == slo.Ticket && a.TicketAlert.Disable
	})
	if a.PageAlert.Disable && a.TicketAlert.Disable {
		d.NoData = slo.NoDataIgnore
	} else if a.PageAlert.Disable {
		d.NoData = slo.NoDataTicket
	}
}

// alerting carries what alerts have beside their windows. Labels of the SLO are labels of its
// alerts as well, so that routes match them.
func (r *reader) alerting(i int, o objective, d *slo.Definition) {
	a, at := o.Alerting, r.path("slos[%d].alerting", i)
	page := side{r.path("slos[%d].alerting.page_alert", i), slo.Page, a.PageAlert}
	ticket := side{r.path("slos[%d].alerting.ticket_alert", i), slo.Ticket, a.TicketAlert}
	if a.Name != "" {
		r.Unneeded(r.unneeded, at+".name", "alerts are named after their SLO, so alerting.name has no use", "")
	}
	d.AlertLabels = maps.Clone(d.Labels)
	sides := []side{page, ticket}
	sides = slices.DeleteFunc(sides, func(s side) bool { return s.alert.Disable })
	for _, s := range sides {
		if s.alert.Labels["severity"] == string(s.severity) {
			delete(s.alert.Labels, "severity") // Burnline's own word
		}
	}
	r.alertLabels(at, a, sides, d)
	r.annotations(at, a, sides, d)
	if team := d.AlertLabels["team"]; d.Team == "" && foreign.OneLine(team) {
		d.Team = strings.TrimSpace(team)
	}
}

// side is what pages, or tickets, have for themselves.
type side struct {
	path     string
	severity slo.Severity
	alert    alert
}

// alertLabels carries over the labels that all alerts have in common: they are the same for
// pages and tickets here. The rest is reported.
func (r *reader) alertLabels(at string, a alerting, sides []side, d *slo.Definition) {
	own := map[string]string{} // names that a side sets, and where
	for _, s := range sides {
		for name := range s.alert.Labels {
			own[name] = s.path + ".labels"
		}
	}
	common, rest := maps.Clone(a.Labels), map[string]string{}
	maps.DeleteFunc(common, func(name, _ string) bool { return own[name] != "" })
	lost := make([][]string, len(sides))
	for _, name := range slices.Sorted(maps.Keys(own)) {
		value, same := effective(sides[0], a, name), true
		for _, s := range sides[1:] {
			same = same && effective(s, a, name) == value
		}
		if same {
			rest[name] = value
			continue
		}
		for i, s := range sides {
			if v := effective(s, a, name); v != "" {
				lost[i] = append(lost[i], name+"="+v)
			}
		}
	}
	r.AlertLabels(at+".labels", common, d)
	if len(sides) > 0 {
		r.AlertLabels(sides[0].path+".labels", rest, d)
	}
	for i, s := range sides {
		if len(lost[i]) > 0 {
			r.Warn(s.path+".labels", "labels are the same for pages and tickets, so "+strings.Join(lost[i], ", ")+" is left out",
				"write what holds for both into alerting.labels")
		}
	}
}

// effective returns the value that the side's alerts have for a label.
func effective(s side, a alerting, name string) string {
	if v, own := s.alert.Labels[name]; own {
		return v
	}
	return a.Labels[name]
}

// annotations carries annotations over. They are the same for pages and tickets here, and where they differ
// that of the page is kept.
func (r *reader) annotations(at string, a alerting, sides []side, d *slo.Definition) {
	taken := maps.Clone(a.Annotations)
	if taken == nil {
		taken = map[string]string{}
	}
	for i, s := range sides {
		own := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(s.alert.Annotations)) {
			value := s.alert.Annotations[name]
			if before, there := taken[name]; there && before != value && i > 0 {
				r.Warn(s.path+".annotations."+name, "annotations are the same for pages and tickets, so that of the page is kept", "write one for both")
				continue
			}
			taken[name], own[name] = value, value
		}
		sides[i].alert.Annotations = own
	}
	shared := maps.Clone(a.Annotations)
	maps.DeleteFunc(shared, func(name, value string) bool { return taken[name] != value })
	r.Annotations(at+".annotations", shared, d)
	for _, s := range sides {
		r.Annotations(s.path+".annotations", s.alert.Annotations, d)
	}
}
