package shadow

import (
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// subject is what a page of the old system is about.
type subject struct {
	// slo is the SLO's ID; "" where the labels name none.
	slo string
	// name is what people call it.
	name string
	// several is true where the labels fit more SLOs than one, so that it is not known
	// which.
	several bool
}

// subjectOf finds the SLO that the labels of an alert name: as Sloth's rules do
// (sloth_service and sloth_slo, sloth_id), as those of Pyrra and Burnline do (slo, the ID
// or the name), or by the alert's own name.
func subjectOf(ls slo.Labels, definitions []*slo.Definition) subject {
	s := subject{name: ls.Get("alertname")}
	for _, fits := range []func(*slo.Definition) bool{
		func(d *slo.Definition) bool {
			return ls.Get("sloth_slo") != "" && d.Service == ls.Get("sloth_service") && (d.Name == ls.Get("sloth_slo") || d.ID == d.Service+"/"+ls.Get("sloth_slo"))
		},
		func(d *slo.Definition) bool {
			return ls.Get("sloth_id") != "" && strings.ReplaceAll(d.ID, "/", "-") == ls.Get("sloth_id")
		},
		func(d *slo.Definition) bool { return ls.Get("slo") == d.ID },
		func(d *slo.Definition) bool { return ls.Get("slo") == d.Name && served(ls, d) },
		func(d *slo.Definition) bool { return s.name == d.Name && served(ls, d) },
	} {
		var found []string
		for _, d := range definitions {
			if fits(d) && d.Name != "" {
				found = append(found, d.ID)
			}
		}
		switch {
		case len(found) == 1:
			return subject{slo: found[0], name: found[0]}
		case len(found) > 1:
			s.several = true
			return s
		}
	}
	return s
}

// served reports whether nothing says that the alert is of another service.
func served(ls slo.Labels, d *slo.Definition) bool {
	service := ls.Get("service")
	return service == "" || d.Service == "" || service == d.Service
}

// about reports whether an incident is of what a page of the old system is about.
func about(p *Page, s subject, r *alerting.Record) bool {
	in := &r.Incident
	if in.Cause == slo.CauseAlert {
		ls := r.Newest.Labels
		return s.slo == "" && !s.several && s.name != "" && ls.Get("alertname") == s.name && agree(p.Labels, ls)
	}
	if s.slo == "" || in.SLO != s.slo && !slices.Contains(in.SLOs, s.slo) {
		return false
	}
	return len(in.Groups) == 0 || slices.ContainsFunc(in.Groups, func(group slo.Labels) bool { return agree(p.Labels, group) })
}

// agree reports whether two sets have the same values in the labels that both have. How
// severe something is, each side says in its own words.
func agree(a, b slo.Labels) bool {
	for _, l := range b {
		if have := a.Get(l.Name); have != "" && have != l.Value && l.Name != "severity" {
			return false
		}
	}
	return true
}

// severityOf is how urgent the old system's page is.
func severityOf(ls slo.Labels) slo.Severity {
	for _, name := range []string{"sloth_severity", "severity"} {
		switch ls.Get(name) {
		case "page", "critical":
			return slo.Page
		case "":
		default:
			return slo.Ticket
		}
	}
	return slo.Page // nobody said that it can wait
}

// gap is how far two stretches of time lie apart; 0 where they touch. A stretch that has not
// ended lasts until now.
func gap(aFrom, aTo, bFrom, bTo, now time.Time) time.Duration {
	if aTo.IsZero() {
		aTo = now
	}
	if bTo.IsZero() {
		bTo = now
	}
	return max(0, bFrom.Sub(aTo), aFrom.Sub(bTo))
}
