package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/alerting/shadow"
	"burnline/slo"
)

// Shadow compares what an old Alertmanager told with what Burnline told, or would have. What
// fails with slo.Problems is the caller's to mend; other errors are the store's.
type Shadow interface {
	// Mode returns who is told for real.
	Mode() alerting.Shadow
	// Take keeps one webhook of the old Alertmanager's and says how many alerts it brought.
	Take(ctx context.Context, body io.Reader) (int, error)
	// Report compares today and the days before it, at most shadow.MostDays.
	Report(ctx context.Context, days int) (shadow.Report, error)
}

var _ Shadow = (*shadow.Desk)(nil)

// shadowTakenJSON says what was taken.
type shadowTakenJSON struct {
	// Alerts are how many alerts the webhook brought.
	Alerts int `json:"alerts"`
}

// apiShadowTake takes a webhook of the old Alertmanager's. It is answered with success once it is
// on disk.
func (s *server) apiShadowTake(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), correctionTimeout)
	defer cancel()
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, shadow.MaxBody))
	if err != nil {
		s.badBody(c, "The body can't be read.", err.Error(), err)
		return
	}
	n, err := s.Shadow.Take(ctx, bytes.NewReader(body))
	var found slo.Problems
	switch {
	case err == nil:
		c.JSON(http.StatusOK, shadowTakenJSON{n})
	case errors.As(err, &found):
		c.JSON(http.StatusUnprocessableEntity, errorJSON{"Nothing was taken.", err.Error(), found})
	default:
		s.fail(c, http.StatusServiceUnavailable, "Nothing can be kept at the moment.", err.Error())
	}
}

// defaultShadowDays is how many days are compared where nothing is asked for.
const defaultShadowDays = 7

// shadowReport compares the days that a request asks for; false when it has answered.
func (s *server) shadowReport(c *gin.Context) (shadow.Report, int, bool) {
	days := defaultShadowDays
	if text := c.Query("days"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > shadow.MostDays {
			s.fail(c, http.StatusBadRequest, "days is a number from 1 to "+strconv.Itoa(shadow.MostDays)+".", "days="+text)
			return shadow.Report{}, 0, false
		}
		days = n
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	r, err := s.Shadow.Report(ctx, days)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "What was told can't be read at the moment.", err.Error())
		return shadow.Report{}, 0, false
	}
	return r, days, true
}

// apiShadow compares as JSON.
func (s *server) apiShadow(c *gin.Context) {
	if r, _, ok := s.shadowReport(c); ok {
		c.JSON(http.StatusOK, r)
	}
}

// shadowCSV compares as a table for spreadsheets.
func (s *server) shadowCSV(c *gin.Context) {
	r, _, ok := s.shadowReport(c)
	if !ok {
		return
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="shadow.csv"`)
	w := csv.NewWriter(c.Writer)
	rows := [][]string{{"day", "kind", "unknown", "subject", "told_by_old_at", "told_by_burnline_at", "lead_seconds", "incident", "reason"}}
	for _, d := range r.Days {
		for _, l := range d.Lines {
			rows = append(rows, csvRow(d, l))
		}
	}
	if err := w.WriteAll(rows); err != nil {
		s.Logger.Debug("a client went away", "error", err)
	}
}

// csvRow is a line as a row of cells.
func csvRow(d shadow.Day, l shadow.Line) []string {
	old, own, key, lead := "", "", "", ""
	if len(l.Old) > 0 {
		old = l.Old[0].ToldAt.UTC().Format(time.RFC3339)
	}
	if l.Burnline != nil {
		own, key = l.Burnline.ToldAt.UTC().Format(time.RFC3339), l.Burnline.Key
	}
	if l.Kind == shadow.Both {
		lead = strconv.FormatFloat(l.Lead, 'f', 1, 64)
	}
	return []string{d.Date.Format(time.DateOnly), string(l.Kind), strconv.FormatBool(l.Unknown), cell(l.Subject), old, own, lead, cell(key), cell(l.Reason)}
}

// cell is text that no spreadsheet takes for a formula.
func cell(text string) string {
	if first := strings.TrimLeft(text, " \t\r\n"); strings.IndexAny(first, "=+-@") == 0 || strings.IndexAny(text, "\t\r") == 0 {
		return "'" + text
	}
	return text
}

// shadowRoutes compare with an old Alertmanager; none where there is none.
func (s *server) shadowRoutes() []route {
	if s.Shadow == nil {
		return nil
	}
	const path = "/api/v1/shadow"
	return []route{
		view("/shadow", s.shadowPage), view("/shadow.csv", s.shadowCSV),
		api(http.MethodGet, path, toShow, s.apiShadow, operation{summary: "What an old Alertmanager told, compared with what Burnline told, or would have in shadow mode",
			answer: shadow.Report{}, query: map[string]string{"days": "today and the days before it"}, kinds: params{"days": whole(1, shadow.MostDays, defaultShadowDays)},
			also: map[int]string{http.StatusServiceUnavailable: storeAway}}),
		api(http.MethodPost, path+"/alertmanager", toFeed, s.apiShadowTake, operation{summary: "Take a webhook of the old Alertmanager's, of version 4", body: json.RawMessage{}, answer: shadowTakenJSON{},
			also: map[int]string{http.StatusOK: "Kept, and safe on disk", http.StatusUnprocessableEntity: "All that is wrong with it; nothing was taken", http.StatusServiceUnavailable: storeAway}}).does("tell what the old Alertmanager told", nil),
	}
}
