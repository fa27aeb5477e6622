package web

import (
	"burnline/alerting"
	"burnline/slo"
)

// victim is one SLO of an incident without data, as it fares now.
type victim struct {
	ID string
	// Row is its most urgent budget; nil when the SLO is no longer loaded.
	Row *row
	// Dark is nil where data arrives.
	Dark *darkWords
}

// victims lists the SLOs that an incident without data concerns.
func (s *server) victims(in slo.Incident) []victim {
	if in.Cause != slo.CauseNoData {
		return nil
	}
	ids := in.SLOs
	if len(ids) == 0 {
		ids = []string{in.SLO}
	}
	var all []victim
	for _, id := range ids {
		v := victim{ID: id, Row: s.mostUrgent(id)}
		for _, st := range s.Engine.Status(id) {
			if st.Dark != nil && v.Dark == nil {
				v.Dark = darkOf(st.Dark)
			}
		}
		all = append(all, v)
	}
	return all
}

// outsideLinks are the links of an outside alert that a browser may follow, without the one
// to the incident itself.
func outsideLinks(r alerting.Record) []alerting.Link {
	var links []alerting.Link
	if r.Incident.Cause != slo.CauseAlert {
		return nil
	}
	for _, l := range r.Newest.Links {
		if safeHref(l.Href) != "" && l.Text != "Incident" {
			links = append(links, l)
		}
	}
	return links
}
