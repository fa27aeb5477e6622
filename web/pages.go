package web

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/internal/auth"
	"burnline/slo/report"
)

// pages are the parsed templates, one set for each page.
type pages struct {
	sets map[string]*template.Template
	// assets is the version folder of the assets.
	assets string
}

// loadPages parses every page together with the layout and the parts.
func loadPages() (*pages, error) {
	version, err := assetVersion()
	if err != nil {
		return nil, err
	}
	p := &pages{sets: map[string]*template.Template{}, assets: "/assets/" + version}
	for _, name := range []string{"overview", "slo", "where", "whatif", "heat", "corrections", "silences", "posts", "changes", "shadow", "incidents", "incident", "week", "handover", "traces", "trace", "system", "signin", "account", "access", "audit", "report", "error"} {
		t, err := template.New(name).Funcs(p.funcs()).ParseFS(embedded,
			"templates/layout.html", "templates/parts.html", "templates/promise.html", "templates/access-parts.html", "templates/reportbody.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		p.sets[name] = t
	}
	p.assets = version
	return p, nil
}

// funcs are what templates may call: formatting and links, no arithmetic.
func (p *pages) funcs() template.FuncMap {
	return template.FuncMap{
		"asset":        func(name string) string { return "/assets/" + p.assets + "/" + name },
		"percent":      percent,
		"left":         left,
		"burn":         burnRate,
		"count":        count,
		"number":       func(n int) string { return grouped(float64(n)) },
		"figure":       figure,
		"bytes":        bytesize,
		"window":       window,
		"burnWindow":   burnWindow,
		"span":         span,
		"seconds":      func(s *float64) string { return span(time.Duration(*s * float64(time.Second))) },
		"group":        groupText,
		"state":        lookOf,
		"states":       states,
		"bar":          barOf,
		"part":         partOf,
		"labelHref":    labelHref,
		"near":         nearOf,
		"sloHref":      sloHref,
		"sparkHref":    sparkHref,
		"incidentHref": incidentHref,
		"join":         strings.Join,
		"dict":         dict,
		"tierName":     report.TierName,
		"teamName":     report.TeamName,
		"spent":        func(x float64) string { return report.Percent(100 * x) },
		"plural":       plural,
		"axis":         axisOf,
		"headline":     func(text string) string { first, _ := headline(text); return first },
		"rest":         func(text string) string { _, more := headline(text); return more },
		"utc":          func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"iso":          func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"day":          func(t time.Time) string { return t.UTC().Format("2 Jan 2006") },
		"short":        func(t time.Time) string { return t.UTC().Format("02 Jan 15:04") + " UTC" },
		"exact":        func(t time.Time) string { return t.UTC().Format("02 Jan 15:04:05") + " UTC" },
	}
}

// frame is what the layout shows around each page.
type frame struct {
	// Title names the page, and Nav the part of the navigation that is current.
	Title, Nav string
	// At is when the page was made.
	At time.Time
	// Open counts open incidents.
	Open   int
	Health Health
	// Places are the pages that the navigation leads to.
	Places []place
	// Shadow is who is told for real.
	Shadow alerting.Shadow
	// Who is who asks.
	Who auth.Who
	// SignIn says that people sign in here, Audit that changes are written down.
	SignIn, Audit bool
	// Page is the page's own model.
	Page any
}

// Warnings are the findings of a refused reload, one line each.
func (f frame) Warnings() []string {
	if !f.Health.SetKept {
		return nil
	}
	var lines []string
	for _, file := range f.Health.Files {
		for _, finding := range file.Findings.Errors() {
			lines = append(lines, finding.String())
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "the last reload was refused")
	}
	return lines
}

// unfolded is how many findings of a refused reload every page shows: more would push what is
// open off a phone's screen.
const unfolded = 2

// Foremost are the warnings that stand open, and Folded those that unfold.
func (f frame) Foremost() []string { all := f.Warnings(); return all[:min(len(all), unfolded)] }

// Folded are the warnings after the foremost.
func (f frame) Folded() []string { all := f.Warnings(); return all[min(len(all), unfolded):] }

// Store is the store that does not work, that of incidents first; nil where both do.
func (f frame) Store() *Component {
	for _, name := range []string{StateStore, MetricStore} {
		for _, c := range f.Health.Components {
			if c.Name == name && (c.State == ComponentDegraded || c.State == ComponentFailed) {
				c.Reason = capital(strings.TrimSuffix(firstOf(c.Reason, "the log says why"), "."))
				return &c
			}
		}
	}
	return nil
}

// show answers with a page; htmx, which swaps parts of a page that is already
// there, gets the part inside the layout only.
func (s *server) show(c *gin.Context, status int, page, title, nav string, model any) {
	f := frame{Title: title, Nav: nav, At: s.Now(), Page: model, Who: auth.From(c.Request.Context()), SignIn: s.Access.SignIn, Audit: s.Access.Keeper != nil}
	if f.Who.Way == auth.Nobody {
		s.write(c, status, page, "door", f)
		return
	}
	f.Health = s.System.Health(c.Request.Context())
	if s.Shadow != nil {
		f.Shadow = s.Shadow.Mode()
	}
	f.Places = s.places(f.Shadow)
	f.Open = s.openCount(c.Request.Context())
	name := "layout"
	if c.GetHeader("HX-Request") == "true" {
		name = "fragment"
	}
	s.write(c, status, page, name, f)
}

// write answers with one of the frames around a page.
func (s *server) write(c *gin.Context, status int, page, name string, f frame) {
	var out bytes.Buffer
	if err := s.pages.sets[page].ExecuteTemplate(&out, name, f); err != nil {
		s.Logger.Error("page could not be made", "page", page, "error", err)
		c.String(http.StatusInternalServerError, "This page could not be made. The log says why.\n")
		return
	}
	c.Header("Vary", "HX-Request")
	c.Data(status, "text/html; charset=utf-8", out.Bytes())
}

// openCount counts open incidents, those of outside alerts among them. While the store of
// state is away it counts those that the engine holds.
func (s *server) openCount(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	if n, err := s.Ledger.OpenCount(ctx); err == nil {
		return n
	}
	seen := map[string]bool{}
	for _, st := range s.Engine.Statuses() {
		for _, in := range st.Open {
			seen[in.Key] = true
		}
	}
	return len(seen)
}

// problem is the model of a page that says what went wrong.
type problem struct {
	Sentence, Detail string
}

func (s *server) notFound(c *gin.Context) {
	s.fail(c, http.StatusNotFound, "There is nothing at this address.", "It may have been renamed or removed. The overview lists every SLO that is loaded.")
}

// fail answers with an error in the form that the client reads: JSON under
// /api/ and where programs of others ask, else a page.
func (s *server) fail(c *gin.Context, status int, sentence, detail string) {
	if path := c.Request.URL.Path; strings.HasPrefix(path, "/alertmanager/") || strings.HasPrefix(path, "/prometheus/") {
		c.JSON(status, gin.H{"code": status, "message": "path " + path + " was not found", "status": "error", "errorType": "not_found", "error": sentence})
		return
	}
	if s.isAPI(c) {
		c.JSON(status, errorJSON{Error: sentence, Detail: detail})
		return
	}
	s.show(c, status, "error", http.StatusText(status), "", problem{sentence, detail})
}

// isAPI reports whether a program asks by the JSON API.
func (s *server) isAPI(c *gin.Context) bool { return strings.HasPrefix(c.Request.URL.Path, "/api/") }

// ledgerFailed answers when incidents can't be read.
func (s *server) ledgerFailed(c *gin.Context, err error) {
	s.fail(c, http.StatusServiceUnavailable, "Incidents can't be read at the moment.", err.Error())
}

// records reads incidents with a limit on the time that a page may wait.
func (s *server) records(c *gin.Context, f alerting.Filter) ([]alerting.Record, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTimeout)
	defer cancel()
	return s.Ledger.Incidents(ctx, f)
}

// countTimeout bounds the count that every page and every live event shows.
const countTimeout = time.Second

// readTimeout bounds one read of the ledger for a page.
const readTimeout = 5 * time.Second
