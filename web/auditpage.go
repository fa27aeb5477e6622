package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/internal/auth"
)

// shownEntries is how many entries the page shows at once.
const shownEntries = 100

// auditModel is the model of the page of the audit log.
type auditModel struct {
	Sentence string
	Rows     []auth.Entry
	// Who, What, Outcome, From and To are what the list is narrowed to, as it was written.
	Who, What, Outcome, From, To string
	Outcomes                     []auth.Outcome
	// OlderHref leads to further ones, CSVHref and JSONHref to the same as a file.
	OlderHref, CSVHref, JSONHref string
}

// AuditJSON are entries of the audit log.
type AuditJSON struct {
	Entries []auth.Entry `json:"entries"`
}

// auditAsked reads which entries a request asks for; false when it has answered.
func (s *server) auditAsked(c *gin.Context, limit int) (auth.EntryFilter, bool) {
	f := auth.EntryFilter{Who: c.Query("who"), What: c.Query("what"), Outcome: auth.Outcome(c.Query("outcome")), Before: c.Query("before"), Limit: limit}
	if f.Outcome != "" && !slices.Contains(auth.Outcomes(), f.Outcome) {
		s.fail(c, http.StatusBadRequest, "outcome is done, refused or failed.", string(f.Outcome))
		return f, false
	}
	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > auth.MostEntries {
			s.fail(c, http.StatusBadRequest, fmt.Sprintf("limit is a whole number from 1 to %d.", auth.MostEntries), text)
			return f, false
		}
		f.Limit = n
	}
	for name, at := range map[string]*time.Time{"from": &f.From, "to": &f.To} {
		text := c.Query(name)
		if text == "" {
			continue
		}
		t, ok := parseTime(text)
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			t, ok = day, true
		}
		if !ok {
			s.fail(c, http.StatusBadRequest, name+" is a day such as 2026-03-01, RFC 3339, or Unix seconds.", text)
			return f, false
		}
		*at = t
	}
	return f, true
}

// audited are the entries that a request asks for, and by what; false when it has answered.
func (s *server) audited(c *gin.Context, limit int) ([]auth.Entry, auth.EntryFilter, bool) {
	f, ok := s.auditAsked(c, limit)
	if !ok {
		return nil, f, false
	}
	all, err := s.Access.Keeper.Entries(c.Request.Context(), f)
	if err != nil {
		s.fail(c, http.StatusServiceUnavailable, "The audit log can't be read at the moment.", err.Error())
	}
	return all, f, err == nil
}

// auditPage lists what was changed, by whom, and from where.
func (s *server) auditPage(c *gin.Context) {
	all, f, ok := s.audited(c, shownEntries)
	if !ok {
		return
	}
	q := url.Values{}
	for _, name := range []string{"who", "what", "outcome", "from", "to"} {
		if v := c.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	m := auditModel{Rows: all, Who: q.Get("who"), What: q.Get("what"), Outcome: q.Get("outcome"), From: q.Get("from"), To: q.Get("to"),
		Outcomes: auth.Outcomes(), CSVHref: address("/audit.csv", q), JSONHref: address("/api/v1/audit", q)}
	switch {
	case len(all) == 0 && len(q) == 0:
		m.Sentence = "Nothing was changed yet."
	case len(all) == 0:
		m.Sentence = "Nothing like that was changed."
	default:
		m.Sentence = "The last change was " + span(s.Now().Sub(all[0].At)) + " ago: " + nameOr(all[0].Who) + " asked to " + all[0].Act + "."
	}
	if len(all) == f.Limit {
		q.Set("before", all[len(all)-1].ID)
		m.OlderHref = address("/audit", q)
	}
	s.show(c, http.StatusOK, "audit", "Audit log", "audit", m)
}

// nameOr is a name, or what stands for somebody who did not sign in.
func nameOr(name string) string { return firstOf(name, "somebody") }

func (s *server) apiAudit(c *gin.Context) {
	all, _, ok := s.audited(c, 1000)
	if !ok {
		return
	}
	c.JSON(http.StatusOK, AuditJSON{append([]auth.Entry{}, all...)})
}

// auditCSV is the audit log as a table for spreadsheets.
func (s *server) auditCSV(c *gin.Context) {
	all, _, ok := s.audited(c, auth.MostEntries)
	if !ok {
		return
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="audit.csv"`)
	rows := [][]string{{"at", "who", "way", "token", "from", "act", "route", "object", "outcome", "status", "detail", "id"}}
	for _, e := range all {
		rows = append(rows, []string{e.At.UTC().Format(time.RFC3339Nano), cell(e.Who), string(e.Way), e.Token, cell(e.From), cell(e.Act), cell(e.Route),
			cell(e.Object), string(e.Outcome), strconv.Itoa(e.Status), cell(e.Detail), e.ID})
	}
	if err := csv.NewWriter(c.Writer).WriteAll(rows); err != nil {
		s.Logger.Debug("a client went away", "error", err)
	}
}

// auditRoutes are the page and the API of the audit log; none where there is none.
func (s *server) auditRoutes() []route {
	if s.Access.Keeper == nil {
		return nil
	}
	return []route{
		{method: http.MethodGet, path: "/audit", access: toRule, handler: s.auditPage},
		{method: http.MethodGet, path: "/audit.csv", access: toRule, handler: s.auditCSV},
		api(http.MethodGet, "/api/v1/audit", toRule, s.apiAudit, operation{summary: "What was changed, by whom, when and from where; the newest first", query: map[string]string{
			"who": "the name of a user or token, or a part of Burnline such as file watch", "what": "a part of the act, the object or the route", "outcome": "done, refused or failed",
			"from": "a day, RFC 3339 or Unix seconds", "to": "the same; not part of it", "before": "the ID of an entry, after which older ones follow", "limit": "at most 10000; 1000 where nothing is said",
		}, answer: AuditJSON{}}),
	}
}
