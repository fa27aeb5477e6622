package statuspage

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"burnline/alerting"
	"burnline/alerting/statuspage"
	"burnline/slo"
	"burnline/slo/report"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shop is a world around a board: what it reads, and whether that works.
type shop struct {
	*Board
	t      *testing.T
	now    time.Time
	config statuspage.Config
	defs   []*slo.Definition
	states []slo.Status
	in     []slo.Incident
	works  []alerting.Maintenance
	posts  []alerting.StatusPost
	broken error
	// reads counts how often stores were asked.
	reads map[string]int
	alone bool
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, now: noon, reads: map[string]int{}, config: statuspage.Config{
		Title: "Shop & co", Zone: time.UTC, PublicIncidents: true, Journeys: []statuspage.JourneyConfig{
			{Name: "Paying", Description: "With <cards>.", SLOs: []string{"checkout/*"}}, {Name: "Searching", SLOs: []string{"search/*"}},
		},
	}}
	for _, id := range []string{"checkout/availability", "search/availability"} {
		s.defs = append(s.defs, &slo.Definition{ID: id, Objective: 99.9, Team: "secret-team", Labels: map[string]string{"tier": "secret-tier"}, Annotations: map[string]string{"runbook": "https://secret.example.com"}})
		s.states = append(s.states, slo.Status{ID: id, State: slo.StateOK, Group: slo.NewLabels("host", "secret-host"), Reason: "secret-reason"})
	}
	read := func(what string) error { s.reads[what]++; return s.broken }
	board, err := New(Options{
		Config: func() statuspage.Config { return s.config }, URL: func() string { return "https://status.example.com/status" },
		Definitions: func() []*slo.Definition { return s.defs }, Statuses: func() []slo.Status { return s.states },
		Incidents:    func(context.Context, time.Time) ([]slo.Incident, error) { return s.in, read("incidents") },
		Maintenances: func(context.Context, time.Time) ([]alerting.Maintenance, error) { return s.works, read("maintenance") },
		Posts:        func(context.Context, time.Time) ([]alerting.StatusPost, error) { return s.posts, read("posts") },
		Records: func(_ context.Context, ids []string, _, _ time.Time) (map[string]*report.Record, error) {
			all := map[string]*report.Record{}
			for _, id := range ids {
				all[id] = report.Read(&report.Promise{Definition: &slo.Definition{ID: id, Objective: 99.9}, Totals: []slo.DayTotals{yesterday(id)}, Since: noon.Add(-200 * 24 * time.Hour), Until: noon})
			}
			return all, read("history")
		},
		Now: func() time.Time { return s.now }, Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Board = board
	return s
}

// yesterday is a day of an SLO on which a thousandth failed.
func yesterday(id string) slo.DayTotals {
	d := slo.DayTotals{SLO: id, Day: noon.Truncate(24*time.Hour).AddDate(0, 0, -1)}
	for q := range d.Total {
		d.Total[q], d.Good[q] = 1000, 999
	}
	return d
}

// step makes the page.
func (s *shop) step() {
	s.t.Helper()
	if err := s.Step(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// hurt opens an incident of checkout with all that must not be told.
func (s *shop) hurt() {
	in := slo.Incident{Key: "secret-key", SLO: "checkout/availability", Severity: slo.Page, Team: "secret-team", Group: slo.NewLabels("host", "secret-host"), Raised: "secret-raised", Started: s.now.Add(-time.Minute)}
	s.states[0].Open, s.states[0].State = []slo.Incident{in}, slo.StateBurning
}

// ask sends a request as a visitor does.
func (s *shop) ask(method, path string, headers ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler(s.alone).ServeHTTP(w, r)
	return w.Result()
}

// text is the body of an answer.
func (s *shop) text(path string) string {
	s.t.Helper()
	resp := s.ask(http.MethodGet, path)
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v", path, resp.Status, err)
	}
	return string(body)
}

// answers are the paths of all that customers read.
var answers = []string{"/status", "/status.json", "/status/feed.xml", "/status/badge/paying.svg", "/status/badge/searching.svg"}

func TestCustomersReadNothingOfTheInside(t *testing.T) {
	s := newShop(t)
	s.hurt()
	s.in = []slo.Incident{{Key: "secret-old", SLO: "search/availability", Severity: slo.Page, Team: "secret-team", Started: noon.Add(-5 * time.Hour), Closed: noon.Add(-4 * time.Hour)}}
	s.works = []alerting.Maintenance{{ID: "secret-m", Title: "A new database", Reason: "secret-reason", By: "secret-by", Scope: alerting.Scope{SLOs: []string{"search/*"}}, From: noon.Add(time.Hour), To: noon.Add(2 * time.Hour), Correction: "secret-c", Silence: "secret-s"}}
	s.posts = []alerting.StatusPost{{ID: "secret-p", At: noon, Text: "We look into it.", Journeys: []string{"Paying"}, By: "secret-by"}, {ID: "gone", At: noon, Text: "secret-post that was taken back", Removed: noon}}
	s.step()
	all := ""
	for _, path := range answers {
		text := s.text(path)
		all += text
		for _, word := range []string{"secret", "checkout", "availability", "tier", "host", "runbook"} {
			if strings.Contains(text, word) {
				t.Errorf("%s tells of %s:\n%s", path, word, text)
			}
		}
	}
	for _, said := range []string{"Paying: some customers fail", "Searching: some customers failed", "A new database", "We look into it.", "99.90 %"} {
		if !strings.Contains(all, said) {
			t.Errorf("%q is not told", said)
		}
	}
}

func TestWhatPeopleWriteIsPlainText(t *testing.T) {
	s := newShop(t)
	s.config.Journeys[0].Name = `Paying <b onload="x">`
	s.posts = []alerting.StatusPost{{ID: "1", At: noon, Title: "<script>alert(1)</script>", Text: "]]> & \"<img src=x onerror=alert(2)>\"\n\nsecond"}}
	s.step()
	page := s.text("/status")
	for _, wrong := range []string{"<script>", "<img", "<b onload", "<cards>"} {
		if strings.Contains(page+s.text("/status/feed.xml")+s.text("/status/badge/paying-b-onload-x.svg"), wrong) {
			t.Errorf("%s gets through", wrong)
		}
	}
	var feed atom
	if err := xml.Unmarshal([]byte(s.text("/status/feed.xml")), &feed); err != nil || len(feed.Entries) != 1 || !strings.Contains(feed.Entries[0].Content.Text, "<img src=x") {
		t.Errorf("the feed is %+v, %v", feed, err)
	}
	var svg struct{ XMLName xml.Name }
	if err := xml.Unmarshal([]byte(s.text("/status/badge/paying-b-onload-x.svg")), &svg); err != nil {
		t.Errorf("the badge is no XML: %v", err)
	}
}

func TestTheFeedIsSound(t *testing.T) {
	s := newShop(t)
	s.hurt()
	s.step()
	var feed atom
	if err := xml.Unmarshal([]byte(s.text("/status/feed.xml")), &feed); err != nil {
		t.Fatal(err)
	}
	e := feed.Entries[0]
	if feed.XMLName.Space != "http://www.w3.org/2005/Atom" || feed.ID == "" || feed.Title != "Shop & co" || feed.Author == "" || len(feed.Links) != 2 ||
		!strings.HasPrefix(e.ID, feed.ID+"#") || e.Title == "" || e.Content.Type != "text" {
		t.Errorf("the feed is %+v", feed)
	}
	for _, at := range []string{feed.Updated, e.Updated, e.Published} {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			t.Errorf("%v", err)
		}
	}
	if !strings.Contains(s.text("/status"), `id="`+strings.TrimPrefix(e.ID, feed.ID+"#")+`"`) {
		t.Error("the entry's address leads nowhere on the page")
	}
}

func TestAnswersMayBeKeptForSeconds(t *testing.T) {
	s := newShop(t)
	s.step()
	for _, path := range append(answers, s.style.path) {
		plain := s.ask(http.MethodGet, path)
		packed := s.ask(http.MethodGet, path, "Accept-Encoding", "br, gzip;q=0.8")
		tag := packed.Header.Get("ETag")
		if packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" || tag == plain.Header.Get("ETag") || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v and %v", path, plain.Header, packed.Header)
		}
		z, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		if err != nil || string(body) != s.text(path) {
			t.Errorf("%s: unpacked it is another text, %v", path, err)
		}
		if !strings.Contains(packed.Header.Get("Cache-Control"), "public, max-age=") || len(packed.Cookies()) > 0 || packed.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", path, packed.Header)
		}
		if again := s.ask(http.MethodGet, path, "Accept-Encoding", "gzip", "If-None-Match", `"x", W/`+tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: asked again: %s", path, again.Status)
		}
		if none := s.ask(http.MethodGet, path, "Accept-Encoding", "gzip;q=0"); none.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: packed for somebody who can't read it", path)
		}
		head := s.ask(http.MethodHead, path)
		if body, err := io.ReadAll(head.Body); err != nil || len(body) != 0 || head.Header.Get("Content-Length") == "0" {
			t.Errorf("%s: HEAD: %d bytes, %v", path, len(body), err)
		}
		if !strings.Contains(plain.Header.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(plain.Header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy is %q", path, plain.Header.Get("Content-Security-Policy"))
		}
	}
	if s.now = noon.Add(30 * time.Second); s.ask(http.MethodGet, "/status").StatusCode != http.StatusOK {
		t.Error("it is gone")
	}
	before := s.ask(http.MethodGet, "/status").Header.Get("ETag")
	s.step()
	if after := s.ask(http.MethodGet, "/status").Header.Get("ETag"); after != before {
		t.Error("within a minute a page that says the same is another one")
	}
}

// The page weighs little, also on the day of a large incident.
func TestThePageIsLight(t *testing.T) {
	s := newShop(t)
	for range 3 {
		s.config.Journeys = append(s.config.Journeys, statuspage.JourneyConfig{Name: "Journey " + strings.Repeat("x", len(s.config.Journeys)), SLOs: []string{"search/*"}})
	}
	s.hurt()
	for i := range 100 {
		s.in = append(s.in, slo.Incident{Key: strings.Repeat("k", i+1), SLO: "checkout/availability", Severity: slo.Page, Started: noon.Add(-time.Duration(i+1) * 20 * time.Hour), Closed: noon.Add(-time.Duration(i+1)*20*time.Hour + time.Hour)})
	}
	s.step()
	now := s.Board.now.Load()
	if packed := len(now.page.gzip) + len(s.style.gzip); packed > 14<<10 {
		t.Errorf("packed it is %d bytes, more than fits the first packets", packed)
	}
	t.Logf("five journeys and 100 incidents: %d bytes, packed %d, with the style sheet %d", len(now.page.plain), len(now.page.gzip), len(now.page.gzip)+len(s.style.gzip))
}

func TestVisitorsReachNoStore(t *testing.T) {
	s := newShop(t)
	s.step()
	before := map[string]int{}
	for what, n := range s.reads {
		before[what] = n
	}
	for range 1000 {
		s.text("/status")
	}
	for what, n := range s.reads {
		if n != before[what] {
			t.Errorf("%s was read %d times for visitors", what, n-before[what])
		}
	}
	if n := testutil.ToFloat64(s.metrics.requests.WithLabelValues("page")); n != 1000 {
		t.Errorf("%v requests are counted", n)
	}
}

func TestEachIsReadAsOftenAsItChanges(t *testing.T) {
	s := newShop(t)
	for range 60 { // five minutes
		s.step()
		s.now = s.now.Add(every)
	}
	for what, most := range map[string]int{"posts": 60, "maintenance": 60, "incidents": 5, "history": 1} {
		if s.reads[what] != most {
			t.Errorf("%s was read %d times in five minutes, want %d", what, s.reads[what], most)
		}
	}
	s.hurt()
	s.step()
	if s.reads["incidents"] != 6 {
		t.Error("an incident that opens is not looked up at once")
	}
	s.config.Journeys = s.config.Journeys[:1]
	n := s.reads["history"]
	s.step()
	if s.reads["history"] != n+1 {
		t.Error("another configuration waits for its history")
	}
}

func TestWhileTheStoresAreAwayThePageGoesOn(t *testing.T) {
	s := newShop(t)
	s.posts = []alerting.StatusPost{{ID: "1", At: noon, Text: "We look into it."}}
	s.step()
	s.broken, s.posts = errors.New("connection refused"), nil
	s.now = noon.Add(10 * time.Minute)
	s.hurt()
	s.step()
	page := s.text("/status")
	for _, said := range []string{"Paying fails for some customers.", "12:10 UTC", "We look into it.", "99.90 %"} {
		if !strings.Contains(page, said) {
			t.Errorf("%q is not told", said)
		}
	}
	reads := s.reads["history"]
	s.now = s.now.Add(every)
	s.step()
	if s.reads["history"] != reads {
		t.Error("90 days are asked for again every few seconds")
	}
	if n := testutil.ToFloat64(s.metrics.reads.WithLabelValues("posts")); n != 2 {
		t.Errorf("%v failures are counted", n)
	}
	s.broken = nil
	s.now = s.now.Add(again)
	s.step()
	if strings.Contains(s.text("/status"), "We look into it.") {
		t.Error("what is known again is not told")
	}
}

// A program that starts while the stores are away tells how it is now.
func TestAStartWithoutStoresTellsOfNow(t *testing.T) {
	s := newShop(t)
	s.broken = errors.New("connection refused")
	s.step()
	if page := s.text("/status"); !strings.Contains(page, "Everything works.") || !strings.Contains(page, "The last 90 days are being read.") {
		t.Errorf("the page is %s", page)
	}
}

func TestApartNothingElseIsReachable(t *testing.T) {
	s := newShop(t)
	s.alone = true
	s.step()
	if s.text("/") != s.text("/status") {
		t.Error("/ is another page")
	}
	for _, path := range []string{"/slo/checkout/availability", "/incidents", "/metrics", "/api/v1/slos", "/api/v1/status/posts", "/assets/x/base.css", "/-/healthy", "/-/reload", "/prometheus/api/v1/query", "/status/", "/status/badge/../../metrics", "/status/badge/billing.svg", "/status/style-x.css", "/status.json/x", "//", "/login", "/favicon.ico"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			if resp := s.ask(method, path); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: %s", method, path, resp.Status)
			}
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if resp := s.ask(method, "/status"); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %s", method, resp.Status)
		}
	}
	s.alone = false
	if resp := s.ask(http.MethodGet, "/"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("beside others / is %s", resp.Status)
	}
}

func TestBeforeItIsMadeAndWithoutJourneys(t *testing.T) {
	s := newShop(t)
	if resp := s.ask(http.MethodGet, "/status"); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("before it is made: %s", resp.Status)
	}
	s.step()
	s.config.Journeys = nil
	s.step()
	for _, path := range answers {
		if resp := s.ask(http.MethodGet, path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("without journeys %s: %s", path, resp.Status)
		}
	}
}

func TestTheJSONSaysWhatThePageSays(t *testing.T) {
	s := newShop(t)
	s.hurt()
	s.step()
	var page statuspage.Page
	if err := json.Unmarshal([]byte(s.text("/status.json")), &page); err != nil || page.State != statuspage.Failing || len(page.Journeys) != 2 || len(page.Journeys[0].Days) != statuspage.Days || len(page.Open) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}
