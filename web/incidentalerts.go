package web

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
)

// alertsPage is how many of its alerts an incident's page lists at a time.
const alertsPage = 100

// alertRow is one alert of an incident as its page lists it.
type alertRow struct {
	alerting.AlertView
	// Name is the alert's name, and Own are the labels that not all alerts of the incident share.
	Name, Own string
	// Since and Ended bound it in this incident; Ended is zero while it fires.
	Since, Ended time.Time
	// Fate is what became of it, and Note its author's words.
	Fate, Note string
	// Href leads to its source; "" for none that a browser may follow.
	Href string
}

// alertsModel are the alerts of an incident, a page of them.
type alertsModel struct {
	Rows []alertRow
	// NextHref is the next page, "" when there is none.
	NextHref string
}

// incidentAlerts reads a page of an incident's alerts. The query alerts_from leaves out as many.
func (s *server) incidentAlerts(c *gin.Context, r alerting.Record) ([]alerting.AlertView, int, error) {
	if s.Alerts == nil || !(incidentRow{Record: r}).Alert() {
		return nil, 0, nil
	}
	from, err := strconv.Atoi(c.Query("alerts_from"))
	if err != nil || from < 0 {
		from = 0
	}
	views, err := s.Alerts.ListAlerts(c.Request.Context(), alerting.AlertFilter{Incident: r.Incident.Key, Offset: from, Limit: alertsPage + 1})
	return views, from, err
}

// alertsOf is the model of a page of an incident's alerts.
func (s *server) alertsOf(c *gin.Context, r alerting.Record) (alertsModel, error) {
	views, from, err := s.incidentAlerts(c, r)
	if err != nil {
		return alertsModel{}, err
	}
	var m alertsModel
	if len(views) > alertsPage {
		views = views[:alertsPage]
		m.NextHref = address(incidentHref(r.Incident.Key), url.Values{"alerts_from": {strconv.Itoa(from + alertsPage)}}) + "#alerts"
	}
	for _, v := range views {
		m.Rows = append(m.Rows, toAlertRow(v, r))
	}
	return m, nil
}

func toAlertRow(v alerting.AlertView, r alerting.Record) alertRow {
	row := alertRow{AlertView: v, Name: v.Labels.Get("alertname"), Since: v.StartsAt, Ended: v.EndsAt, Href: safeHref(v.GeneratorURL),
		Note: cmp.Or(v.Annotations["summary"], v.Annotations["description"])}
	own := v.Labels.Without("alertname")
	for _, shared := range r.Incident.Group {
		if own.Get(shared.Name) == shared.Value {
			own = own.Without(shared.Name)
		}
	}
	if len(own) > 0 {
		row.Own = groupText(own)
	}
	for _, p := range v.Places {
		if p.Key == r.Incident.Key {
			row.Since, row.Ended, row.Fate = p.Starts, p.Ended, p.Fate()
		}
	}
	if !row.Ended.IsZero() && v.Reason != "" && row.Ended.Equal(v.EndsAt) {
		row.Fate = v.Reason
	}
	return row
}

// alertJSON is one alert of an incident.
type alertJSON struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Origin      string            `json:"origin"`
	Starts      *time.Time        `json:"starts"`
	Ended       *time.Time        `json:"ended"`
	Expires     *time.Time        `json:"expires"`
	Source      string            `json:"source"`
	Fingerprint string            `json:"fingerprint"`
	// Fate is what became of it in words, Decided by which stage, and By what decided.
	Fate    string        `json:"fate"`
	Decided alerting.Fate `json:"decided"`
	By      string        `json:"by"`
}

func toAlerts(views []alerting.AlertView, r alerting.Record) []alertJSON {
	all := []alertJSON{}
	for _, v := range views {
		row := toAlertRow(v, r)
		a := alertJSON{Status: alerting.AlertFiring, Labels: v.Labels.Map(), Annotations: orEmpty(v.Annotations), Origin: v.Origin, Starts: stamp(row.Since),
			Ended: stamp(row.Ended), Expires: stamp(v.Expires), Source: v.GeneratorURL, Fingerprint: v.Fingerprint, Fate: row.Fate}
		if a.Ended != nil {
			a.Status, a.Expires = alerting.AlertResolved, nil
		}
		for _, p := range v.Places {
			if p.Key == r.Incident.Key {
				a.Decided, a.By = p.Decision.Fate, p.Decision.By
			}
		}
		all = append(all, a)
	}
	return all
}
