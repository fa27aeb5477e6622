package web

import (
	"bytes"
	"context"
	_ "embed" // for the look of reports that are sent
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo/report"
)

// reportView is a report as its page shows it.
type reportView struct {
	*report.Report
	// Base stands before links; "" on the server's own pages. File is true where the page stands alone.
	Base string
	File bool
	// Now is true for the page of the running month.
	Now bool
	// Teams may be chosen, and Closed are the periods that are over; Revisions those of this one.
	Teams     []string
	Closed    []report.Head
	Revisions []report.Head
	Calendar  calendarView
}

// reportsPage shows the running month and leads to those that are over.
func (s *server) reportsPage(c *gin.Context) {
	if c.Query("period") != "" {
		c.Redirect(http.StatusSeeOther, reportHref("", c.Query("period"), c.Query("team"), 0))
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), reportTimeout)
	defer cancel()
	r, err := s.Reports.Now(ctx, c.Query("team"))
	m, ok := s.found(c, r, true, err)
	if ok {
		s.showReport(c, m, true)
	}
}

// reportPage shows one period.
func (s *server) reportPage(c *gin.Context) {
	if r, ok := s.reportAsked(c); ok {
		s.showReport(c, r, false)
	}
}

func (s *server) showReport(c *gin.Context, r *report.Report, now bool) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	v := viewOf(r)
	v.Now = now
	var owning []string
	for _, d := range s.Engine.Definitions() {
		if d.Team != "" {
			owning = append(owning, d.Team)
		}
	}
	v.Teams = teamNames(s.teams(), owning)
	var err error
	if v.Closed, err = s.Reports.Closed(ctx, r.Team); err == nil {
		v.Revisions, err = s.Reports.Revisions(ctx, r.Period.Name, r.Team)
	}
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Reports can't be read at the moment.", err.Error())
		return
	}
	v.Closed = v.Closed[:min(len(v.Closed), listedReports)]
	s.show(c, http.StatusOK, "report", "Report: "+r.Title(), "reports", v)
}

// listedReports is how many closed periods the page lists.
const listedReports = 60

func viewOf(r *report.Report) reportView {
	return reportView{Report: r, Calendar: calendarOf(r)}
}

// reportStyle is the look of a report that stands alone.
//
//go:embed assets/report-file.css
var reportStyle string

// ReportHTML writes a report as one page that needs nothing else, as mails carry it. Its links lead
// to the server at base.
func ReportHTML(r *report.Report, base string) ([]byte, error) {
	p := &pages{}
	t, err := template.New("file").Funcs(p.funcs()).Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(reportStyle) }}).
		ParseFS(embedded, "templates/reportbody.html", "templates/reportfile.html")
	if err != nil {
		return nil, fmt.Errorf("parse the page of reports: %w", err)
	}
	v := viewOf(r)
	v.Base, v.File = strings.TrimSuffix(base, "/"), true
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "reportfile", v); err != nil {
		return nil, fmt.Errorf("write the page of a report: %w", err)
	}
	return out.Bytes(), nil
}

// reportHref is the address of a report.
func reportHref(base, period, team string, revision int) string {
	q := url.Values{}
	if team != "" {
		q.Set("team", team)
	}
	if revision > 0 {
		q.Set("revision", strconv.Itoa(revision))
	}
	return base + address("/reports/"+url.PathEscape(period), q)
}

// ReportHref is the address of a report on the server at base, or of a file of it: form is csv, pdf or html,
// and "" the page.
func ReportHref(r *report.Report, base, form string) string {
	return reportView{Report: r, Base: strings.TrimSuffix(base, "/")}.Href(form)
}

// Href is the address of the report itself, or of a file of it.
func (v reportView) Href(form string) string {
	href := reportHref("", v.Period.Name, v.Team, v.Revision)
	if form != "" {
		path, query, _ := strings.Cut(href, "?")
		href = "/api/v1" + path + "/" + form
		if query != "" {
			href += "?" + query
		}
	}
	return v.Base + href
}

// JSONHref is the address of the report as the API answers it.
func (v reportView) JSONHref() string {
	return v.Base + "/api/v1" + reportHref("", v.Period.Name, v.Team, v.Revision)
}

// HeadHref is the address of a closed report.
func (v reportView) HeadHref(h report.Head, revision int) string {
	return reportHref(v.Base, h.Period, h.Team, revision)
}

// TeamHref is the address of the same period for a team.
func (v reportView) TeamHref(team string) string {
	if v.Now {
		return v.Base + address("/reports", url.Values{"team": {team}})
	}
	return reportHref(v.Base, v.Period.Name, team, 0)
}

// SLOHref and IncidentHref lead to an SLO and an incident.
func (v reportView) SLOHref(id string) string { return v.Base + sloHref(id, nil) }

// IncidentHref is the address of an incident.
func (v reportView) IncidentHref(key string) string { return v.Base + incidentHref(key) }

// PeriodHref is the address of the period before or after, "" where that one has not begun.
func (v reportView) PeriodHref(steps int) string {
	p := v.Period
	if zone, err := time.LoadLocation(v.Zone); err == nil {
		p = p.In(zone)
	}
	if steps < 0 {
		return reportHref(v.Base, p.Before().Name, v.Team, 0)
	}
	if v.Running {
		return ""
	}
	return reportHref(v.Base, p.Next().Name, v.Team, 0)
}

// dict gives a part of a template several values, by name.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("a value lacks its name")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
