package promapi_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/api"
	apiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/client_golang/prometheus"

	"burnline/internal/harness/stalled"
	"burnline/slo"
	"burnline/storage/metrics/local"
	"burnline/web/promapi"
)

const prefix = "/prometheus/api/v1"

// server is the API over an embedded store of its own.
type server struct {
	*testing.T
	store *local.Store
	url   string
	// now is the time that the test writes at.
	now time.Time
}

func serve(t *testing.T, changes ...func(*promapi.Options)) *server {
	t.Helper()
	store, err := local.Open(local.Options{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	o := promapi.Options{Store: store, Local: store, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(), Version: "test"}
	for _, change := range changes {
		change(&o)
	}
	h, err := promapi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &server{T: t, store: store, url: srv.URL, now: time.Now().Truncate(time.Second)}
}

// client returns the official client of the Prometheus API.
func (s *server) client() apiv1.API {
	s.Helper()
	c, err := api.NewClient(api.Config{Address: s.url + "/prometheus"})
	if err != nil {
		s.Fatal(err)
	}
	return apiv1.NewAPI(c)
}

// ms returns the time some seconds after now in milliseconds.
func (s *server) ms(seconds int) int64 {
	return s.now.Add(time.Duration(seconds) * time.Second).UnixMilli()
}

// call sends a request and returns status, headers and body.
func (s *server) call(method, path string, body io.Reader, headers ...string) (int, http.Header, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, body)
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// form posts a form, as Grafana does, and returns data of the answer.
func (s *server) form(path string, values url.Values) any {
	s.Helper()
	code, _, body := s.call(http.MethodPost, prefix+path, strings.NewReader(values.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	return s.data(path, code, body)
}

func (s *server) get(path string) any {
	s.Helper()
	code, _, body := s.call(http.MethodGet, prefix+path, nil)
	return s.data(path, code, body)
}

func (s *server) data(path string, code int, body string) any {
	s.Helper()
	var a struct {
		Status string
		Data   any
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || code != http.StatusOK || a.Status != "success" {
		s.Fatalf("%s: status %d, error %v, body %s", path, code, err, body)
	}
	return a.Data
}

// samples returns what the store holds of a metric: per series its values.
func (s *server) samples(metric string) map[string][]slo.Sample {
	s.Helper()
	out := map[string][]slo.Sample{}
	err := s.store.Select(s.Context(), slo.Selector{Name: metric}, s.ms(-86400), s.ms(86400), func(r slo.SeriesSamples) error {
		out[r.Series.Labels().String()] = r.Samples
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

func TestWritersWhoStopWithinTheirBodyKeepNobodyElseFromWriting(t *testing.T) {
	otlp := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(body)
	})
	s := serve(t, func(o *promapi.Options) { o.MaxWrites, o.MaxQueries, o.OTLP = 2, 2, otlp })
	stalled.Requests(t, 2, s.url, http.MethodPost, prefix+"/write")
	stalled.Requests(t, 2, s.url, http.MethodPost, prefix+"/otlp/v1/metrics")
	stalled.Requests(t, 4, s.url, http.MethodPost, prefix+"/query")
	if status, _, answer := s.call(http.MethodPost, prefix+"/otlp/v1/metrics", strings.NewReader("taken")); status != http.StatusOK || answer != "taken" {
		t.Errorf("OTLP is answered %d: %s", status, answer)
	}
	if status, _, answer := s.call(http.MethodPost, prefix+"/write", strings.NewReader("")); status != http.StatusBadRequest || !strings.Contains(answer, "snappy") {
		t.Errorf("a write of nothing is answered %d: %s", status, answer)
	}
	if status, _, answer := s.call(http.MethodGet, prefix+"/query?query=1", nil); status != http.StatusOK {
		t.Errorf("a query is answered %d: %s", status, answer)
	}
}
