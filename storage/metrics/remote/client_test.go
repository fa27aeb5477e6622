package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
	"burnline/storage/metrics"
)

// openAt returns a store whose backend is a handler; change may set further options.
func openAt(t *testing.T, h http.HandlerFunc, change func(*Options)) *Store {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o := Options{WriteURL: server.URL + "/api/v1/write", QueryURL: server.URL + "/prefix", Now: time.Now}
	if change != nil {
		change(&o)
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// decode reads a remote write request.
func decode(t *testing.T, r *http.Request) *prompb.WriteRequest {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	raw, err := snappy.Decode(nil, body)
	if err != nil {
		t.Error(err)
	}
	req := new(prompb.WriteRequest)
	if err := req.Unmarshal(raw); err != nil {
		t.Error(err)
	}
	return req
}

// commit writes n series of one sample each, whose values count from 0.
func commit(t *testing.T, s *Store, n int) (rejected int, why string, err error) {
	t.Helper()
	app := s.AppenderV2(t.Context())
	for i := range n {
		_, err := app.Append(0, labels.FromStrings("__name__", "m", "i", fmt.Sprint(i)), 0, time.Now().UnixMilli(), float64(i), nil, nil, storage.AOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	err = app.Commit()
	rejected, why = app.(metrics.Rejecter).Rejected()
	return rejected, why, err
}

func TestOnlyTheSamplesToBlameAreDropped(t *testing.T) {
	var stored []float64
	reg := prometheus.NewRegistry()
	s := openAt(t, func(w http.ResponseWriter, r *http.Request) {
		var values []float64
		for _, ts := range decode(t, r).Timeseries {
			for _, sample := range ts.Samples {
				values = append(values, sample.Value)
			}
		}
		if slices.Contains(values, 7) || slices.Contains(values, 1500) {
			http.Error(w, "out of order sample", http.StatusBadRequest)
			return
		}
		stored = append(stored, values...)
		w.WriteHeader(http.StatusNoContent)
	}, func(o *Options) { o.Registerer = reg })
	rejected, why, err := commit(t, s, 5000)
	if err != nil || rejected != 2 || why != "out of order sample" {
		t.Errorf("rejected %d %q, error %v", rejected, why, err)
	}
	if slices.Sort(stored); len(stored) != 4998 {
		t.Errorf("%d samples stored, want all but two", len(stored))
	}
	if n := testutil.ToFloat64(s.m.rejected.WithLabelValues("out_of_order")); n != 2 {
		t.Errorf("counted %g refusals, want 2", n)
	}
	if n := testutil.ToFloat64(s.m.written); n != 4998 {
		t.Errorf("counted %g written samples, want 4998", n)
	}
}

func TestABatchRefusedAsAWholeEnds(t *testing.T) {
	requests := 0
	s := openAt(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		http.Error(w, "too old", http.StatusBadRequest)
	}, nil)
	rejected, _, err := commit(t, s, 2*maxSamples)
	if err != nil || rejected != 2*maxSamples || requests > maxSearch+10 {
		t.Errorf("rejected %d after %d requests, error %v", rejected, requests, err)
	}
}

func TestWhatTheBackendMayTakeLaterIsAnError(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		says   string
	}{
		{"an overloaded backend", http.StatusTooManyRequests, "slow down", "429"},
		{"a broken backend", http.StatusInternalServerError, "disk full", "disk full"},
		{"a backend that is starting", http.StatusServiceUnavailable, "", "503"},
		{"wrong credentials", http.StatusUnauthorized, "", "bearer_token_file, basic_auth and headers"},
		{"a wrong path", http.StatusNotFound, "404 page not found", "--web.enable-remote-write-receiver"},
		{"a wrong path on VictoriaMetrics", http.StatusBadRequest, `unsupported path requested: "/x"`, "unsupported path"},
		{"a redirect", http.StatusMovedPermanently, "", "set the URL to http://elsewhere.example/write"},
	} {
		s := openAt(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://elsewhere.example/write")
			http.Error(w, c.body, c.status)
		}, nil)
		rejected, _, err := commit(t, s, 3)
		if err == nil || rejected != 0 || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: rejected %d, error %v; want one line with %q", c.name, rejected, err, c.says)
		}
	}
}

func TestSamplesThatPrometheus2AnswersWith500AreDropped(t *testing.T) {
	s := openAt(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "too old sample", http.StatusInternalServerError)
	}, nil)
	if rejected, why, err := commit(t, s, 1); err != nil || rejected != 1 || why != "too old sample" {
		t.Errorf("rejected %d %q, error %v", rejected, why, err)
	}
}

func TestEveryRequestCarriesHeadersAndTheCurrentToken(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	var seen []string
	s := openAt(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.Path+" "+r.Header.Get("X-Scope-OrgID")+" "+r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}, func(o *Options) {
		o.Headers = map[string]string{"X-Scope-OrgID": "shop"}
		o.BearerTokenFile = token
	})
	for _, secret := range []string{"first", "second"} {
		if err := os.WriteFile(token, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"/prefix/api/v1/query shop Bearer first", "/api/v1/write shop Bearer first",
		"/prefix/api/v1/query shop Bearer second", "/api/v1/write shop Bearer second"}
	if !slices.Equal(seen, want) {
		t.Errorf("got  %q\nwant %q", seen, want)
	}
}

func TestBasicAuthComesFromTheOptions(t *testing.T) {
	s := openAt(t, func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "burnline" || password != "hush" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}, func(o *Options) { o.BasicAuth = &config.BasicAuth{Username: "burnline", Password: "hush"} })
	if _, _, err := commit(t, s, 1); err != nil {
		t.Error(err)
	}
}

func TestAnUnreachableBackendIsOneLineWithoutSecrets(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	address := strings.Replace(gone.URL, "http://", "http://hush:hush@", 1)
	s, err := Open(Options{WriteURL: address + "/api/v1/write?key=hush", QueryURL: address + "/?apikey=hush", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, _, commitErr := commit(t, s, 1)
	for _, err := range []error{s.Ping(t.Context()), commitErr} {
		if err == nil {
			t.Fatal("no error")
		}
		line := err.Error()
		if strings.Contains(line, "hush") || strings.Contains(line, "\n") || !strings.Contains(line, "check that it runs") || !strings.Contains(line, " "+gone.URL+"/api/v1/") {
			t.Errorf("got %q", line)
		}
	}
}

func TestAnAnswerIsWordedWithoutSecrets(t *testing.T) {
	keys := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.URL.RawQuery)
		if r.URL.Path == "/odd/api/v1/query" {
			_, _ = io.WriteString(w, "no answer of Prometheus")
			return
		}
		w.Header().Set("Location", "http://hush@elsewhere.example/write?key=hush")
		http.Error(w, "moved", http.StatusMovedPermanently)
	}))
	defer server.Close()
	for _, path := range []string{"/odd", "/away"} {
		s, err := Open(Options{WriteURL: server.URL + "/write?key=hush", QueryURL: server.URL + path + "?key=hush", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		_, _, commitErr := commit(t, s, 1)
		_, queryErr := s.client.query(t.Context(), url.Values{"query": {"1"}})
		for _, err := range []error{commitErr, queryErr} {
			if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), " "+server.URL+"/") {
				t.Errorf("%s: got %v", path, err)
			}
		}
	}
	if slices.ContainsFunc(keys, func(query string) bool { return query != "key=hush" }) {
		t.Errorf("the backend is asked with %q", keys)
	}
}

func TestWrongSettingsSayWhatToWrite(t *testing.T) {
	for _, c := range []struct {
		name, write, query, says string
	}{
		{"no write address", "", "http://h:1", "write_url is missing"},
		{"no query address", "http://h:1/w", "", "query_url is missing"},
		{"an address without a scheme", "localhost:9090/api/v1/write", "http://h:1", "write it as http://host:port/path"},
		{"an address that is none", "http://h:1/w", "http://user:hush@[", "query_url is not a URL"},
	} {
		_, err := Open(Options{WriteURL: c.write, QueryURL: c.query, Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
}

func TestACancelledCommitIsAnError(t *testing.T) {
	s := openAt(t, func(http.ResponseWriter, *http.Request) {}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	app := s.AppenderV2(ctx)
	if _, err := app.Append(0, labels.FromStrings("__name__", "m"), 0, 1, 1, nil, nil, storage.AOptions{}); err != nil {
		t.Fatal(err)
	}
	if app.Commit() == nil {
		t.Error("no error")
	}
}

func TestAWrongPathOfQueriesIsNotBlamedOnWrites(t *testing.T) {
	s := openAt(t, http.NotFound, nil)
	err := s.Select(t.Context(), slo.Selector{Name: "hits_total"}, 0, 60_000, func(slo.SeriesSamples) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "it is what stands before /api/v1/query") {
		t.Errorf("error = %v, want one that says what the address has to be", err)
	}
}

func TestABackendThatIsAskedTooMuchIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		after  string
		asked  int
	}{
		{"it says when to come again", http.StatusTooManyRequests, "0", 3},
		{"it is busy and says when it is not", http.StatusServiceUnavailable, "0", 3},
		{"it is away and does not say for how long", http.StatusServiceUnavailable, "", 1},
		{"it does not take the request", http.StatusUnprocessableEntity, "0", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			s := openAt(t, func(w http.ResponseWriter, r *http.Request) {
				if asked++; r.FormValue("query") == "" {
					t.Error("it was asked again without the question")
				}
				if asked < 3 {
					w.Header().Set("Retry-After", c.after)
					w.WriteHeader(c.status)
					return
				}
				_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
			}, nil)
			_, err := s.client.post(t.Context(), "/api/v1/query", map[string][]string{"query": {"up"}})
			if asked != c.asked || (err == nil) != (c.asked == 3) {
				t.Errorf("asked %d times, want %d; %v", asked, c.asked, err)
			}
		})
	}
}

func TestABackendThatIsAlwaysAskedTooMuchIsGivenUp(t *testing.T) {
	s := openAt(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, func(o *Options) { o.Timeout = 50 * time.Millisecond })
	if _, err := s.client.post(t.Context(), "/api/v1/query", map[string][]string{"query": {"up"}}); err == nil {
		t.Error("it is said that there is an answer")
	}
}
