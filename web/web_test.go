package web

import (
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// serve starts the whole handler over the shop. Every answer of the API is held against its description.
func serve(t *testing.T, s *shop, edit func(*Options)) *httptest.Server {
	t.Helper()
	stopping := make(chan struct{})
	o := Options{Engine: s, Ledger: s, System: s, Stopping: stopping, Now: func() time.Time { return s.now }}
	if edit != nil {
		edit(&o)
	}
	srv := httptest.NewServer(handlerOf(t, o))
	t.Cleanup(func() {
		close(stopping)
		srv.Close()
	})
	return srv
}

// handlerOf is the whole handler; every answer of the API is held against its description.
func handlerOf(t *testing.T, o Options) http.Handler {
	t.Helper()
	s, err := newServer(o)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.handler()
	if err != nil {
		t.Fatal(err)
	}
	return checked(t, s, h)
}

// get returns the status and body of an answer.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.ReplaceAll(string(body), nbsp, " ")
}

func TestPagesSayInOneSentenceHowThingsStand(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, tc := range []struct{ name, path, want string }{
		{"the overview names what burns", "/", "1 of 12 error budgets burns too fast: Buying in region eu. 1 is spent. 5 can&#39;t be judged for lack of sound data."},
		{"a burning SLO says when its budget is gone", "/slo/checkout/availability?group=region%3Deu", "at this rate it is gone in 2 h 10 min"},
		{"without a group the most urgent one is shown", "/slo/checkout/availability", "Buying in region eu: "},
		{"an SLO without a journey is told by its service", "/slo/mail/delivery", "mail: "},
		{"a latency SLO speaks of time", "/slo/search/latency", "requests took at most 300ms"},
		{"a burning SLO says what suffers now", "/slo/checkout/availability?group=region%3Deu", "events were bad in the last 1h, "},
		{"a spent SLO says so", "/slo/search/latency", "The error budget is spent."},
		{"a young SLO says what it is judged by", "/slo/payment/authorisation", "judged by the first 2 d 2 h"},
		{"missing data is not called good", "/slo/inventory/sync", "its series stopped reporting, so nobody can say how it fares."},
		{"an SLO without data says so", "/slo/loyalty/points", "no data has ever arrived for it."},
		{"broken numbers are named", "/slo/reports/export", "its numbers contradict each other"},
		{"idle is not ok", "/slo/invoices/rendering", "nothing that counts happens just now"},
		{"the list of incidents says what is open", "/incidents", "1 incident is open: Buying, for 14 min."},
		{"an incident is told in the page's own words", "/incidents/4be7a1c0d2f9", "Buying: 1 in 4 requests fails."},
		{"the system page begins with the worst news", "/system", "The deliverer is degraded."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body := get(t, srv.URL+tc.path)
			h1, _, _ := strings.Cut(body[max(0, strings.Index(body, "<h1")):], "</h1>")
			if status != http.StatusOK || !strings.Contains(h1, tc.want) {
				t.Errorf("%s: status %d, sentence %q lacks %q", tc.path, status, h1, tc.want)
			}
		})
	}
}

// What maintenance takes out of the budget is not called a lack of data, nor of events.
func TestMaintenanceIsNoLackOfData(t *testing.T) {
	s := newShop(noon)
	for i := range s.statuses {
		if s.statuses[i].ID == "invoices/rendering" {
			s.statuses[i].Held = []slo.Held{{ID: "db-move", Reason: "the database moves", Until: noon.Add(time.Hour)}}
		}
	}
	srv := serve(t, s, nil)
	for path, want := range map[string]string{
		"/":                       "1 is spent. 1 is in maintenance. 4 can&#39;t be judged for lack of sound data.",
		"/slo/invoices/rendering": "nothing that counts happens just now.",
	} {
		if _, body := get(t, srv.URL+path); !strings.Contains(body, want) {
			t.Errorf("%s lacks %q", path, want)
		}
	}
}

func TestUnknownFillingAndYoungAreNeverShownAsHealthy(t *testing.T) {
	s := newShop(noon)
	_, body := get(t, serve(t, s, nil).URL+"/")
	for _, st := range s.statuses {
		if shownAs(st) == slo.StateOK || st.State == slo.StateBurning || st.State == slo.StateSpent {
			continue
		}
		at := strings.Index(body, `id="row-`+sloHref(st.ID, st.Group))
		if at < 0 {
			t.Fatalf("%s has no row", st.ID)
		}
		row, _, _ := strings.Cut(body[at:], "</tr>")
		if strings.Contains(row, "s-ok") || !strings.Contains(row, "s-"+string(shownAs(st))) {
			t.Errorf("%s is %s, its row says otherwise: %s", st.ID, st.State, row)
		}
	}
}

func TestOverviewKeepsFilterAndOrderInTheURL(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	order := func(path string) (ids []string) {
		_, body := get(t, srv.URL+path)
		for _, part := range strings.Split(body, `<tr role="row" id="row-/slo/`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			ids = append(ids, id)
		}
		return ids
	}
	for _, tc := range []struct {
		name, path, first string
		n                 int
	}{
		{"the most urgent first", "/", "checkout/availability?group=region%3Deu", 12},
		{"by name", "/?sort=name", "checkout/availability?group=region%3Dapac", 12},
		{"by name, turned round", "/?sort=-name", "storefront/availability", 12},
		{"the least budget first", "/?sort=budget", "search/latency", 12},
		{"the fastest burn first", "/?sort=burn", "checkout/availability?group=region%3Deu", 12},
		{"a word of the group", "/?q=region%3Dus", "checkout/availability?group=region%3Dus", 1},
		{"two words both have to match", "/?q=payments+latency", "checkout/latency", 1},
		{"one state only", "/?state=broken", "reports/export", 1},
		{"an unknown order is the usual one", "/?sort=nonsense", "checkout/availability?group=region%3Deu", 12},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ids := order(tc.path)
			if len(ids) != tc.n || ids[0] != tc.first {
				t.Errorf("%s lists %d rows, %q first; want %d, %q", tc.path, len(ids), append(ids, "")[0], tc.n, tc.first)
			}
		})
	}
}

func TestAnEmptyServerTellsANewcomerWhatToDo(t *testing.T) {
	s := &shop{now: noon, health: Health{OTLPGRPC: "127.0.0.1:4317", OTLPHTTP: "127.0.0.1:4444", SLOPaths: []string{"slos/"}}}
	_, body := get(t, serve(t, s, nil).URL+"/")
	for _, want := range []string{"no SLO is loaded yet", "slos/checkout.yaml", "127.0.0.1:4317", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4444\n", "burnline check", "no receiver is configured"} {
		if !strings.Contains(body, want) {
			t.Errorf("the empty page lacks %q", want)
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(html.UnescapeString(body), "<code>apiVersion:")
	example, _, _ = strings.Cut(example, "</code>")
	if example == "" || !strings.Contains(string(readme), "```yaml\napiVersion:"+example+"```") {
		t.Errorf("the example is not the README's:\napiVersion:%s", example)
	}
}

func TestARefusedReloadIsShownOnEveryPage(t *testing.T) {
	s := newShop(noon)
	s.health.SetKept = true
	s.health.Files[0].Findings = slo.Findings{{Source: slo.Source{File: "slos/checkout.yaml", Line: 12}, Level: slo.LevelError, Path: "spec.objective", Message: "100 leaves no error budget"}}
	srv := serve(t, s, nil)
	for _, path := range []string{"/", "/slo/search/latency", "/incidents", "/incidents/77aa01", "/system", "/nothing"} {
		if _, body := get(t, srv.URL+path); !strings.Contains(body, "slos/checkout.yaml:12: spec.objective: 100 leaves no error budget") || !strings.Contains(body, "previous set is still in force") {
			t.Errorf("%s does not show the finding", path)
		}
	}
}

func TestAStoreThatFailsIsShownOnEveryPage(t *testing.T) {
	paths := []string{"/", "/slo/search/latency", "/incidents", "/incidents/77aa01", "/system", "/nothing"}
	for _, tc := range []struct {
		state ComponentState
		want  string
	}{
		{ComponentOK, ""},
		{ComponentStarting, ""},
		{ComponentDegraded, "<strong>The metric store is degraded.</strong> Samples can&#39;t be stored; look at the log. What is shown may be out of date."},
		{ComponentFailed, "<strong>The metric store has failed.</strong> Samples can&#39;t be stored; look at the log. What is shown may be out of date."},
	} {
		s := newShop(noon)
		i := slices.IndexFunc(s.health.Components, func(c Component) bool { return c.Name == MetricStore })
		s.health.Components[i] = Component{MetricStore, tc.state, "samples can't be stored; look at the log"}
		srv := serve(t, s, nil)
		for _, path := range paths {
			_, body := get(t, srv.URL+path)
			if shown := strings.Contains(body, "store-trouble"); shown != (tc.want != "") || !strings.Contains(body, tc.want) {
				t.Errorf("%s while the store is %s: banner shown: %t, want %q", path, tc.state, shown, tc.want)
			}
		}
	}
}

func TestASizeIsNotKnownOnlyWhereNobodyTells(t *testing.T) {
	s := newShop(noon)
	s.health.Stores[0].Bytes, s.health.Stores[1].Bytes = nil, new(int64(0))
	_, body := get(t, serve(t, s, nil).URL+"/system")
	for name, want := range map[string]string{"metrics": "not known", "traces": "0 B", "state": "9 MiB"} {
		_, row, _ := strings.Cut(body, `<td role="cell">`+name+"</td>")
		row, _, _ = strings.Cut(row, "</tr>")
		if !strings.Contains(row, `<td role="cell" class="num">`+want+"</td>") {
			t.Errorf("the size of %s is not %q in %s", name, want, row)
		}
	}
}

func TestARefusedMessageIsShownClearly(t *testing.T) {
	_, body := get(t, serve(t, newShop(noon), nil).URL+"/incidents/4be7a1c0d2f9")
	for _, want := range []string{"A receiver refused 1 message", "400: invalid event: &#39;routing_key&#39; is not a valid key", "next try", "503: service unavailable", "https://runbooks.example.com/checkout", "from=", `data-mark-from=`} {
		if !strings.Contains(body, want) {
			t.Errorf("the incident's page lacks %q", want)
		}
	}
}

func TestAnIncidentIsToldToTheSecond(t *testing.T) {
	_, body := get(t, serve(t, newShop(noon), nil).URL+"/incidents/4be7a1c0d2f9")
	for _, want := range []string{`data-local="seconds">22 Nov 11:46:00 UTC</time>`, `data-local="seconds">22 Nov 11:46:54 UTC</time>`, `data-local="seconds">22 Nov 11:46:58 UTC</time>`} {
		if strings.Count(body, want) < 2 {
			t.Errorf("the story or the facts and messages lack %q", want)
		}
	}
}

func TestAnIncidentOfSeveralSLOsLeadsToEachOfThem(t *testing.T) {
	s := newShop(noon)
	in := slo.Incident{Key: "b11nd", SLO: "blind/job=checkout", Cause: slo.CauseNoData, Severity: slo.Page, Started: noon.Add(-20 * time.Minute),
		Opened: noon.Add(-14 * time.Minute), Groups: []slo.Labels{nil}, SLOs: []string{"checkout/availability", "checkout/latency"}}
	s.records = append(s.records, alerting.Record{Incident: in, Title: "Blind to job=checkout", Summary: "Burnline is blind to job checkout since 11:40 UTC."})
	srv := serve(t, s, nil)
	_, body := get(t, srv.URL+"/incidents/b11nd")
	for _, want := range []string{`href="/slo/checkout/availability"`, `href="/slo/checkout/latency"`, "Burnline is blind to job checkout", "It closes once data has arrived again", "No data since"} {
		if !strings.Contains(body, want) {
			t.Errorf("the incident's page lacks %q", want)
		}
	}
	if strings.Contains(body, "/slo/blind/") || strings.Contains(body, "no longer loaded") {
		t.Error("the incident's page leads to an SLO that there is not")
	}
	_, body = get(t, srv.URL+"/api/v1/incidents/b11nd")
	if !strings.Contains(body, `"cause":"no_data"`) || !strings.Contains(body, `"slos":["checkout/availability","checkout/latency"]`) {
		t.Errorf("the API says %s", body)
	}
}

func TestPagesWithoutLedgerStillShowSLOs(t *testing.T) {
	s := newShop(noon)
	s.ledgerErr = errors.New("state.db: disk I/O error")
	srv := serve(t, s, nil)
	for path, want := range map[string]int{"/": 200, "/slo/search/latency": 200, "/incidents": 503, "/incidents/77aa01": 503, "/api/v1/incidents": 503} {
		if status, body := get(t, srv.URL+path); status != want || !strings.Contains(body, "disk I/O error") {
			t.Errorf("%s: status %d, want %d, with the cause", path, status, want)
		}
	}
}

func TestUnknownAddressesAnswer404(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, path := range []string{"/slo/no/such", "/slo/checkout/availability?group=region%3Dmars", "/incidents/none", "/nothing", "/assets/x/none.js",
		"/assets/x/../../web.go", "/spark/no/such", "/api/v1/slos/no/such", "/api/v1/charts/no/such", "/api/v1/incidents/none"} {
		if status, _ := get(t, srv.URL+path); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, status)
		}
	}
}

func TestBadParametersAnswer400(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, path := range []string{"/api/v1/charts/search/latency?points=1", "/api/v1/charts/search/latency?points=x", "/api/v1/charts/search/latency?from=yesterday",
		"/api/v1/charts/search/latency?range=long", "/api/v1/incidents?limit=0", "/api/v1/incidents?open=maybe", "/api/v1/incidents?to=soon"} {
		status, body := get(t, srv.URL+path)
		var answer struct{ Error string }
		if err := json.Unmarshal([]byte(body), &answer); status != http.StatusBadRequest || err != nil || answer.Error == "" {
			t.Errorf("%s: status %d, body %s", path, status, body)
		}
	}
}

func TestAPartForHtmxHasNoFrame(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	req, err := http.NewRequest(http.MethodGet, srv.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("HX-Request", "true")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || strings.Contains(string(body), "<html") || !strings.Contains(string(body), "<h1") || resp.Header.Get("Vary") != "HX-Request" {
		t.Errorf("the part is framed, empty or cached with pages: %v, Vary %q", err, resp.Header.Get("Vary"))
	}
}

func TestABurningLatencySLOIsCalledSlow(t *testing.T) {
	s := newShop(noon)
	i := slices.IndexFunc(s.statuses, func(st slo.Status) bool { return st.ID == "search/latency" })
	s.statuses[i].Policies[0].Firing = true
	_, body := get(t, serve(t, s, nil).URL+"/slo/search/latency")
	if !strings.Contains(body, "requests took longer than 300ms in the last 1h") {
		t.Error("the sentence does not say that requests are slow")
	}
}
