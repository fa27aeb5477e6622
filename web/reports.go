package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo/report"
	"burnline/slo/report/pdf"
)

// Reports tells how promises were kept.
type Reports interface {
	// Zone is the time zone of periods.
	Zone() *time.Location
	// Now returns the report of the running month, of a team's SLOs or for "" of all.
	Now(ctx context.Context, team string) (report.Report, error)
	// Report returns a closed revision, the newest for 0, or what there is to tell of a period
	// that is not closed; false where there is neither.
	Report(ctx context.Context, p report.Period, team string, revision int) (report.Report, bool, error)
	// Revisions lists the revisions of a period and team, the newest first, and Closed the newest of
	// each closed period.
	Revisions(ctx context.Context, period, team string) ([]report.Head, error)
	Closed(ctx context.Context, team string) ([]report.Head, error)
}

// ReportsJSON are closed reports, the one made last first.
type ReportsJSON struct {
	Reports []report.Head `json:"reports"`
}

// What reports are written as, beside JSON and CSV.
const (
	asHTML = "text/html"
	asPDF  = "application/pdf"
)

// reportTimeout bounds the making of a report: it reads the totals of every SLO.
const reportTimeout = 55 * time.Second

// reportRoutes are pages and files of reports.
func (s *server) reportRoutes() []route {
	if s.Reports == nil {
		return nil
	}
	query := map[string]string{"team": "only the SLOs of this team and of those below it", "revision": "a closed revision instead of the newest"}
	kinds := params{"revision": whole(1, 1<<20, 0)}
	also := map[int]string{http.StatusNotFound: "The period is not there: it has not begun, or has no such revision; or there is no such team", http.StatusServiceUnavailable: storeAway}
	as := func(form, media, summary string, write func(*gin.Context, *report.Report)) route {
		path := "/api/v1/reports/:period"
		if form != "" {
			path += "/" + form
		}
		o := operation{summary: summary, query: query, kinds: kinds, also: also, media: media}
		if media == "" {
			o.answer = report.Report{}
		}
		return api(http.MethodGet, path, toShow, s.reportAs(write), o)
	}
	return []route{
		view("/reports", s.reportsPage),
		view("/reports/:period", s.reportPage),
		api(http.MethodGet, "/api/v1/reports", toShow, s.apiReports, operation{summary: "The newest revision of each closed report", answer: ReportsJSON{},
			query: map[string]string{"team": "those of this team; without it those of everybody"}, also: map[int]string{http.StatusServiceUnavailable: storeAway}}),
		as("", "", "How promises were kept in a month (2026-10), quarter (2026-Q4), week (2026-W43) or year (2026), or in the one that runs (now)",
			func(c *gin.Context, r *report.Report) { c.JSON(http.StatusOK, r) }),
		as("csv", asCSV, "The report as a table with a line for each SLO", s.reportCSV),
		as("pdf", asPDF, "The report as pages of A4", s.reportPDF),
		as("html", asHTML, "The report as one page that needs nothing else", s.reportHTML),
	}
}

// reportAs answers with the report that a request is about in some form.
func (s *server) reportAs(write func(*gin.Context, *report.Report)) gin.HandlerFunc {
	return func(c *gin.Context) {
		if r, ok := s.reportAsked(c); ok {
			write(c, r)
		}
	}
}

// reportAsked reads the report that a request is about; false where it answered that there is none.
func (s *server) reportAsked(c *gin.Context) (*report.Report, bool) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), reportTimeout)
	defer cancel()
	revision := 0
	if text := c.Query("revision"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1<<20 {
			s.fail(c, http.StatusBadRequest, "The revision is a number from 1.", text)
			return nil, false
		}
		revision = n
	}
	if c.Param("period") == "now" && revision == 0 {
		r, err := s.Reports.Now(ctx, c.Query("team"))
		return s.found(c, r, true, err)
	}
	if c.Param("period") == "now" {
		return s.found(c, report.Report{}, false, nil) // what runs has no revisions
	}
	p, err := report.ParsePeriod(c.Param("period"), s.Reports.Zone())
	if err != nil {
		s.fail(c, http.StatusBadRequest, "There is no such period.", err.Error())
		return nil, false
	}
	r, found, err := s.Reports.Report(ctx, p, c.Query("team"), revision)
	return s.found(c, r, found, err)
}

// found answers where there is no report.
func (s *server) found(c *gin.Context, r report.Report, found bool, err error) (*report.Report, bool) {
	switch {
	case err != nil:
		s.fail(c, http.StatusServiceUnavailable, "The report can't be made at the moment.", err.Error())
	case !found:
		s.fail(c, http.StatusNotFound, "There is no such report.", "The period has not begun, or it has no such revision.")
	case r.Team != "" && len(r.SLOs) == 0 && !slices.Contains(s.teamNames(), r.Team):
		s.fail(c, http.StatusNotFound, "There is no such team.", s.noTeam(r.Team))
	default:
		return &r, true
	}
	return nil, false
}

// noTeam says which teams there are in the place of one that there is not.
func (s *server) noTeam(name string) string {
	all := s.teamNames()
	if len(all) == 0 {
		return fmt.Sprintf("No SLO has a team, so none is %.100q.", name)
	}
	return fmt.Sprintf("%.100q is none of %s.", name, strings.Join(all, ", "))
}

// apiReports lists what was closed.
func (s *server) apiReports(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	all, err := s.Reports.Closed(ctx, c.Query("team"))
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "Reports can't be read at the moment.", err.Error())
		return
	}
	c.JSON(http.StatusOK, ReportsJSON{Reports: append([]report.Head{}, all...)})
}

// attach names the file that browsers save.
func attach(c *gin.Context, r *report.Report, ending string) {
	name := "burnline-" + r.Period.Name
	if r.Revision > 0 {
		name += "-r" + strconv.Itoa(r.Revision)
	}
	c.Header("Content-Disposition", "attachment; filename*=UTF-8''"+strings.ReplaceAll(url.QueryEscape(firstOf(name, "report")), "+", "%20")+"."+ending)
}

func (s *server) reportCSV(c *gin.Context, r *report.Report) {
	var out bytes.Buffer
	if err := r.CSV(&out); err != nil {
		s.fail(c, http.StatusInternalServerError, "The table could not be written.", err.Error())
		return
	}
	attach(c, r, "csv")
	c.Data(http.StatusOK, asCSV+"; charset=utf-8", out.Bytes())
}

func (s *server) reportPDF(c *gin.Context, r *report.Report) {
	var out bytes.Buffer
	if err := pdf.Write(&out, r); err != nil {
		s.fail(c, http.StatusInternalServerError, "The pages could not be written.", err.Error())
		return
	}
	attach(c, r, "pdf")
	c.Data(http.StatusOK, asPDF, out.Bytes())
}

func (s *server) reportHTML(c *gin.Context, r *report.Report) {
	page, err := ReportHTML(r, s.ExternalURL)
	if err != nil {
		s.fail(c, http.StatusInternalServerError, "The page could not be written.", err.Error())
		return
	}
	attach(c, r, "html")
	c.Data(http.StatusOK, asHTML+"; charset=utf-8", page)
}
