package promapi_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/storage"

	"burnline/web/promapi"
)

// nothing stands for a store; the proxy's tests write nothing.
type nothing struct {
	storage.AppendableV2
}

// credentials add what the backend asks for.
type credentials struct{}

func (credentials) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer backend")
	return http.DefaultTransport.RoundTrip(r)
}

// remote serves the API in front of a backend.
func remote(t *testing.T, base string, backend http.HandlerFunc) *httptest.Server {
	t.Helper()
	b := httptest.NewServer(backend)
	t.Cleanup(b.Close)
	u, err := url.Parse(b.URL + base)
	if err != nil {
		t.Fatal(err)
	}
	h, err := promapi.New(promapi.Options{Store: nothing{}, Backend: u, Transport: credentials{},
		Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

func ask(t *testing.T, method, address string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer client")
	req.Header.Set("Cookie", "session=client")
	req.Header.Set("X-Scope-OrgID", "other tenant")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestQueriesGoToTheBackendWithItsCredentialsOnly(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var form string
	srv := remote(t, "/mimir/prometheus", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, form = r, string(body)
		w.Header().Set("Set-Cookie", "backend=1")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = io.WriteString(w, `{"status":"success"}`)
	})
	resp, text := ask(t, http.MethodPost, srv.URL+"/prometheus/api/v1/query_range?x=1", strings.NewReader("query=up&step=15"))
	if resp.StatusCode != http.StatusOK || text != `{"status":"success"}` {
		t.Fatalf("status %d: %s", resp.StatusCode, text)
	}
	if got.URL.RequestURI() != "/mimir/prometheus/api/v1/query_range?x=1" || form != "query=up&step=15" {
		t.Errorf("the backend was asked for %s with %q", got.URL.RequestURI(), form)
	}
	if got.Header.Get("Authorization") != "Bearer backend" || got.Header.Get("Cookie") != "" || got.Header.Get("X-Scope-OrgID") != "" {
		t.Errorf("the backend saw headers %v", got.Header)
	}
	if resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the client saw headers %v", resp.Header)
	}
	ask(t, http.MethodGet, srv.URL+"/prometheus/api/v1/label/a%20b/values", nil)
	if got.URL.EscapedPath() != "/mimir/prometheus/api/v1/label/a%20b/values" {
		t.Errorf("the backend was asked for %s", got.URL.EscapedPath())
	}
}

func TestABackendCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	srv := remote(t, "", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the backend was asked for %s", r.URL) })
	for _, path := range []string{"/admin/tsdb/delete_series", "/label/%2e%2e/values", "/label/..%2fadmin/values", "/series/../admin", "/import", "/delete_series"} {
		if resp, text := ask(t, http.MethodPost, srv.URL+"/prometheus/api/v1"+path, nil); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d: %s", path, resp.StatusCode, text)
		}
	}
	for path, want := range map[string]string{"/rules": `"groups":[]`, "/alerts": `"alerts":[]`} {
		if resp, text := ask(t, http.MethodGet, srv.URL+"/prometheus/api/v1"+path, nil); resp.StatusCode != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: status %d: %s", path, resp.StatusCode, text)
		}
	}
}

func TestABackendThatMisbehavesIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		backend http.HandlerFunc
		want    string
	}{
		{"a redirect is not followed", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://internal.example/", http.StatusFound)
		}, "it redirects with status 302"},
		{"a broken connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "metrics backend"},
	} {
		srv := remote(t, "", c.backend)
		resp, text := ask(t, http.MethodGet, srv.URL+"/prometheus/api/v1/query?query=up", nil)
		if resp.StatusCode != http.StatusBadGateway || !strings.Contains(text, c.want) || resp.Header.Get("Location") != "" {
			t.Errorf("%s: status %d, headers %v: %s", c.name, resp.StatusCode, resp.Header, text)
		}
	}
}

func TestTheAPINeedsWhatItStandsOn(t *testing.T) {
	t.Parallel()
	u := &url.URL{Scheme: "http", Host: "backend"}
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	for name, o := range map[string]promapi.Options{
		"no store":             {Backend: u, Logger: log, Registerer: reg},
		"no logger":            {Store: nothing{}, Backend: u, Registerer: reg},
		"neither way to query": {Store: nothing{}, Logger: log, Registerer: reg},
	} {
		if _, err := promapi.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
