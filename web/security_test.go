package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"burnline/alerting"
	"burnline/slo"
)

// hostile is text that would run, close a tag or break out of an attribute.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}`

func TestTextFromOutsideIsNeverMarkup(t *testing.T) {
	s := newShop(noon)
	d := s.defs[0]
	d.Description, d.Journey, d.Team = hostile, hostile, hostile
	d.Labels = map[string]string{hostile: hostile}
	d.Annotations = map[string]string{"runbook": "javascript:alert(3)", "note": hostile}
	group := slo.NewLabels("region", hostile)
	s.statuses[0].Group, s.statuses[0].Reason = group, hostile
	s.statuses[0].Policies[0].Reason = hostile
	r := &s.records[0]
	r.Title, r.Summary, r.Incident.Group = hostile, hostile, group
	r.Rows[0].Answer, r.Rows[0].Message.Summary, r.Rows[0].Receiver = hostile, hostile, hostile
	r.Rows[0].Message.Details = []alerting.Detail{{Name: hostile, Value: hostile}}
	s.health.Components[0].Reason, s.health.Receivers = hostile, []string{hostile}
	s.health.SetKept, s.health.Files[0].Findings = true, slo.Findings{{Message: hostile}}
	srv := serve(t, s, nil)
	for _, path := range []string{"/", "/?q=" + "%22%3E%3Cscript%3E", "/?state=%3Cscript%3E&sort=%22%3E%3Cscript%3E", sloHref(d.ID, group), "/slo/%3Cscript%3E",
		"/incidents", "/incidents/4be7a1c0d2f9", "/incidents?slo=%3Cscript%3E", "/system"} {
		_, body := get(t, srv.URL+path)
		for _, bad := range []string{"<script>", "<img src=x", `="javascript:`, `href="#ZgotmplZ"`, " onclick=", " style="} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, path := range []string{"/", "/nothing", "/system", "/api/v1/slos", "/-/healthy", "/favicon.ico", "/spark/search/latency"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
	}
}

func TestReloadIsRefusedToOtherSites(t *testing.T) {
	reloads := 0
	srv := serve(t, newShop(noon), func(o *Options) {
		o.ExternalURL = "https://burnline.example.com"
		o.Reload = func() error { reloads++; return nil }
	})
	for _, tc := range []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"a command-line client sends neither header", nil, 200},
		{"a page of the same origin", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": srv.URL}, 200},
		{"the external URL behind a proxy", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://burnline.example.com"}, 200},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		{"another site in an old browser", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a sandboxed frame", map[string]string{"Origin": "null"}, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := reloads
			if got := post(t, srv.URL+"/-/reload", tc.header); got != tc.want || (reloads-before == 1) != (tc.want == 200) {
				t.Errorf("status %d, want %d; reloaded %d times", got, tc.want, reloads-before)
			}
		})
	}
}

func post(t *testing.T, url string, header map[string]string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestHealthReadinessAndReloadSayWhy(t *testing.T) {
	note, ready, started := "", errors.New("the metric store replays its log"), errors.New("the collector is starting")
	srv := serve(t, newShop(noon), func(o *Options) {
		o.Ready = func() (string, error) { return note, ready }
		o.Started = func() error { return started }
		o.Reload = func() error { return errors.New("slos/x.yaml:12: 100 leaves no error budget") }
	})
	if status, _ := get(t, srv.URL+"/-/healthy"); status != 200 {
		t.Errorf("healthy: %d", status)
	}
	if status, body := get(t, srv.URL+"/-/ready"); status != 503 || !strings.Contains(body, "replays its log") {
		t.Errorf("ready: %d %s", status, body)
	}
	if status, body := get(t, srv.URL+"/-/started"); status != 503 || !strings.Contains(body, "the collector is starting") {
		t.Errorf("started: %d %s", status, body)
	}
	started = nil
	if status, body := get(t, srv.URL+"/-/started"); status != 200 || !strings.Contains(body, "has started") {
		t.Errorf("started, and not ready: %d %s", status, body)
	}
	note, ready = "pages go out by the local spool", nil
	if status, body := get(t, srv.URL+"/-/ready"); status != 200 || !strings.Contains(body, "is ready") || !strings.Contains(body, "go out by the local spool") {
		t.Errorf("ready with a note: %d %s", status, body)
	}
	if status := post(t, srv.URL+"/-/reload", nil); status != 422 {
		t.Errorf("reload: %d", status)
	}
	if status, _ := get(t, srv.URL+"/-/reload"); status != 405 {
		t.Errorf("GET /-/reload: %d, want 405", status)
	}
}

func TestProgramsThatAskForWhatIsNotThereAreAnsweredInJSON(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, path := range []string{"/alertmanager/api/v1/alerts", "/alertmanager/metrics", "/prometheus/api/v2/query", "/api/v1/nothing"} {
		status, body := get(t, srv.URL+path)
		if !json.Valid([]byte(body)) || status != http.StatusNotFound {
			t.Errorf("%s: %d %.100s", path, status, body)
		}
	}
	if _, body := get(t, srv.URL+"/nothing"); !strings.Contains(body, "<html") {
		t.Errorf("people read %.100s", body)
	}
}

func TestMountedHandlersSeeTheWholePath(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method+" "+r.URL.Path) })
	srv := serve(t, newShop(noon), func(o *Options) { o.Prometheus, o.Metrics = echo, echo })
	if _, body := get(t, srv.URL+"/prometheus/api/v1/label/a%2Fb/values"); body != "GET /prometheus/api/v1/label/a/b/values" {
		t.Errorf("the Prometheus API saw %q", body)
	}
	if _, body := get(t, srv.URL+"/metrics"); body != "GET /metrics" {
		t.Errorf("the metrics saw %q", body)
	}
	if status := post(t, srv.URL+"/prometheus/api/v1/write", nil); status != 200 {
		t.Errorf("remote write got %d", status)
	}
}

func TestAPanicIsOneAnswerAndNotTheEnd(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) {
		o.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
	})
	if status, _ := get(t, srv.URL+"/metrics"); status != 500 {
		t.Errorf("status %d, want 500", status)
	}
	if status, _ := get(t, srv.URL+"/"); status != 200 {
		t.Errorf("the next page got %d", status)
	}
}

func TestMissingPartsAreNamed(t *testing.T) {
	s := newShop(noon)
	for want, o := range map[string]Options{
		"Options.Engine is required": {Ledger: s, System: s}, "Options.Ledger is required": {Engine: s, System: s}, "Options.System is required": {Engine: s, Ledger: s},
		"write it as https://": {Engine: s, Ledger: s, System: s, ExternalURL: "burnline"},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New says %v, want %q", err, want)
		}
	}
}

func TestVendoredFilesAreTheOnesThatWereNamed(t *testing.T) {
	readme, err := embedded.ReadFile("assets/vendor/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(embedded, "assets/vendor/*.*s*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); (strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css")) && !strings.Contains(string(readme), hex.EncodeToString(sum[:])) {
			t.Errorf("%s is not the file that README.md names", name)
		}
	}
}

func TestAssetsAreKeptForGoodOnlyUnderTheirOwnVersion(t *testing.T) {
	version, err := assetVersion()
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(serve(t, newShop(noon), nil).Config.Handler)
	defer h.Close()
	for path, want := range map[string]string{"/assets/" + version + "/base.css": "public, max-age=31536000, immutable", "/assets/older/base.css": "no-store"} {
		resp, err := http.Get(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Cache-Control"); got != want || resp.StatusCode != 200 {
			t.Errorf("%s: %d, Cache-Control %q, want %q", path, resp.StatusCode, got, want)
		}
	}
}
