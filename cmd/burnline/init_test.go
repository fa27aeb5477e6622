package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/internal/harness/backends"
	"burnline/internal/harness/pagerduty"
	"burnline/storage/metrics/remote"
)

// said is how a command ended.
type said struct {
	out, errs string
	code      int
}

// burnline runs a command in this process.
func burnline(t *testing.T, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return said{out.String(), errs.String(), code}
}

// wants fails the test unless the command ended with the code and printed all of the texts.
func (s said) wants(t *testing.T, code int, texts ...string) {
	t.Helper()
	if s.code != code {
		t.Fatalf("exit code %d, want %d:\n%s%s", s.code, code, s.out, s.errs)
	}
	for _, text := range texts {
		if !strings.Contains(s.out+s.errs, text) {
			t.Errorf("it doesn't say %q:\n%s%s", text, s.out, s.errs)
		}
	}
}

// lastHours writes three hours of samples that end now: 10 requests a second per series, and so many
// of a hundred of them by the values of more.
func lastHours(t *testing.T, writeURL, queryURL string, parts map[string]float64) {
	t.Helper()
	store, err := remote.Open(remote.Options{WriteURL: writeURL, QueryURL: queryURL, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	app := store.AppenderV2(t.Context())
	now := time.Now().Truncate(30 * time.Second)
	for series, share := range parts {
		text, rest, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		pairs := []string{"__name__", text}
		for pair := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(pair, "=")
			pairs = append(pairs, name, value)
		}
		n := 0.0
		for at := now.Add(-3 * time.Hour); !at.After(now); at = at.Add(30 * time.Second) {
			n += 300 * share
			v := n
			if text == "up" {
				v = share
			}
			if _, err := app.Append(0, labels.FromStrings(pairs...), 0, at.UnixMilli(), v, nil, nil, storage.AOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestInitProposesWhatAPrometheusKnows(t *testing.T) {
	t.Parallel()
	prometheus := backends.Run(t, backends.Prometheus)
	lastHours(t, prometheus.WriteURL, prometheus.QueryURL, map[string]float64{
		"http_requests_total{job=shop,code=200}": 0.997, "http_requests_total{job=shop,code=500}": 0.003,
		"http_request_duration_seconds_bucket{job=shop,le=0.05}": 0.5, "http_request_duration_seconds_bucket{job=shop,le=0.1}": 0.97,
		"http_request_duration_seconds_bucket{job=shop,le=0.3}": 0.996, "http_request_duration_seconds_bucket{job=shop,le=+Inf}": 1,
		"http_request_duration_seconds_count{job=shop}": 1, "http_requests_total{job=cart}": 1, "up{job=node,instance=a}": 1,
	})
	if err := prometheus.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	slos := filepath.Join(dir, "slos")

	dry := burnline(t, "init", "--from", prometheus.URL, "--out", slos, "--dry-run")
	dry.wants(t, 0, "objective: 99.5", "threshold: 300ms", `query: max(up{job="node"})`, "# 3 services found, 3 SLOs proposed")
	if _, err := os.Stat(slos); err == nil {
		t.Error("a dry run wrote files")
	}
	done := burnline(t, "init", "--from", prometheus.URL, "--out", slos, "--team", "payments", "--runbook", "https://runbooks.example.com/{slo}")
	done.wants(t, 0,
		"shop/availability: 99.5 %\n      last 3 hours: 99.7 % of ", "HTTP requests were good; 99.5 % allows 0.5 %, of which a month like that spends 6",
		"shop/latency: 99 % within 300ms", "node/up-availability: 95 %", "missing:", "cart: http_requests_total has none of the labels code,", "no journey")
	if strings.Contains(done.out, "no team") || strings.Contains(done.out, "no runbook") {
		t.Errorf("it misses what it was told:\n%s", done.out)
	}
	burnline(t, "check", "--data", prometheus.URL, "--history", "0s", slos).wants(t, 0, "3 SLOs good, 0 errors, 0 warnings")

	before := read(t, filepath.Join(slos, "shop.yaml"))
	if !strings.Contains(before, "runbook: https://runbooks.example.com/shop/availability") {
		t.Errorf("the file names no runbook:\n%s", before)
	}
	burnline(t, "init", "--from", prometheus.URL, "--out", slos).wants(t, 0, "0 SLOs proposed, 3 SLOs there already: node/up-availability, shop/availability, shop/latency")
	if read(t, filepath.Join(slos, "shop.yaml")) != before {
		t.Error("a file that was there is another one now")
	}
	// What is there stays, whatever it says of other services.
	mine := filepath.Join(dir, "mine")
	if err := os.MkdirAll(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(mine, "shop.yaml")
	if err := os.WriteFile(own, []byte("# mine\n"+strings.Replace(sloFile("mine", fittingTheData), "service: shop", "service: other", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	burnline(t, "init", "--from", prometheus.URL, "--out", mine, "--service", "shop").wants(t, 0, filepath.Join(mine, "shop-2.yaml"), "1 SLO there already: other/mine")
	if !strings.HasPrefix(read(t, own), "# mine\n") {
		t.Error("it wrote over a file of somebody's")
	}
	burnline(t, "init", "--from", prometheus.URL, "--out", mine, "--service", "nobody").wants(t, 1, "0 services found, 0 SLOs proposed")
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInitAsksARunningBurnline(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", shortSLO)
	s.configure("")
	s.start()
	base := "http://" + s.web
	lastHours(t, base+"/prometheus/api/v1/write", base+"/prometheus", map[string]float64{
		"shop_requests_total{job=shop,code=200}": 1, "http_requests_total{job=shop,code=200}": 1,
		"traces_span_metrics_calls_total{service_name=search,span_kind=SPAN_KIND_SERVER,status_code=STATUS_CODE_UNSET}":           0.999,
		"traces_span_metrics_calls_total{service_name=search,span_kind=SPAN_KIND_SERVER,status_code=STATUS_CODE_ERROR}":           0.001,
		"traces_span_metrics_duration_seconds_bucket{service_name=search,span_kind=SPAN_KIND_SERVER,le=0.25}":                     0.999,
		"traces_span_metrics_duration_seconds_bucket{service_name=search,span_kind=SPAN_KIND_SERVER,le=+Inf}":                     1,
		"traces_span_metrics_calls_total{service_name=shop,span_kind=SPAN_KIND_SERVER,status_code=STATUS_CODE_UNSET}":             1,
		"traces_span_metrics_calls_total{service_name=search,span_kind=SPAN_KIND_INTERNAL,status_code=STATUS_CODE_ERROR,no=good}": 1,
	})
	slos := filepath.Join(s.dir, "proposed")
	burnline(t, "init", "--from", base, "--out", slos).wants(t, 0,
		slos, "search/availability: 99.5 %", "search/latency: 99 % within 250ms", "2 SLOs proposed, 1 SLO there already: shop/availability",
		"no receiver: a page would reach nobody", "burnline check --data "+base+"/prometheus "+slos)
	text := read(t, filepath.Join(slos, "search.yaml"))
	for _, want := range []string{"where: kind == SPAN_KIND_SERVER", "bad: duration > 250ms", "runbook: " + base + "/slo/search/latency"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file doesn't say %q:\n%s", want, text)
		}
	}
	var answer proposed
	again := burnline(t, "init", "--from", base+"/prometheus", "--out", filepath.Join(s.dir, "none"), "--dry-run", "-o", "json")
	if err := json.Unmarshal([]byte(again.out), &answer); err != nil || len(answer.Files) != 1 || answer.Files[0].Text != text {
		t.Errorf("the same data gives something else (%v): %+v, want %s", err, answer, text)
	}
}

// A store that holds too much to be read is not read, whatever it takes, and init says so.
func TestInitReadsNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		series, ofOne float64
		want          string
	}{
		{"too many series", 100_001, 1, "shop/availability was not looked at: http_requests_total has 100001 series, and at most 100000 series are read"},
		{"too many samples", 10, 5_000_001, "shop/availability was not looked at: http_requests_total has 5000001 samples in the last hour alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var read atomic.Bool
			store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				query := r.FormValue("query")
				value, metrics := 0.0, []string{`{}`}
				switch {
				case !strings.HasSuffix(r.URL.Path, "/api/v1/query"):
					http.NotFound(w, r)
					return
				case strings.HasPrefix(query, "count by (__name__)"):
					value, metrics = 2, []string{`{"__name__":"http_requests_total"}`}
				case strings.HasPrefix(query, "count by ("):
					value, metrics = 1, []string{`{"job":"shop","code":"200"}`, `{"job":"shop","code":"500"}`}
				case strings.HasPrefix(query, "count("):
					value = c.series
				case strings.HasPrefix(query, "sum(count_over_time("):
					value = c.ofOne
				default:
					read.Store(true)
				}
				var all []string
				for _, m := range metrics {
					all = append(all, fmt.Sprintf(`{"metric":%s,"value":[1,"%.0f"]}`, m, value))
				}
				_, _ = fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[%s]}}`, strings.Join(all, ","))
			}))
			t.Cleanup(store.Close)
			burnline(t, "init", "--from", store.URL, "--out", filepath.Join(t.TempDir(), "slos")).wants(t, 1, "1 service found, 0 SLOs proposed", c.want, "write the SLO by hand")
			if read.Load() {
				t.Error("it was read all the same")
			}
		})
	}
}

func TestInitSaysWhyItCanNotRun(t *testing.T) {
	t.Parallel()
	locked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer open" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, "404 page not found")
	}))
	t.Cleanup(locked.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("open\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.yaml"), []byte("apiVersion: burnline/v1\nkind: SLO\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	nothing := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"nobody is there", []string{"--from", "http://" + freeAddress(t)}, "connection refused; write --from and the address of a Burnline or a Prometheus"},
		{"no address", []string{"--from", "http://"}, "write an address such as http://127.0.0.1:9900"},
		{"a token is needed", []string{"--from", locked.URL}, "write --token-file and a file with a token, or set BURNLINE_TOKEN"},
		{"something else answers", []string{"--from", locked.URL, "--token-file", token}, "check the path in the URL"},
		{"a folder without data", []string{"--from", filepath.Join(nothing, "none")}, "none"},
		{"a runbook that is no address", []string{"--runbook", "wiki"}, "write an address such as https://"},
		{"too short a past", []string{"--history", "5m"}, "write at least 1h"},
		{"files that can't be read", []string{"--from", locked.URL, "--token-file", token, "--out", broken}, "mend it, or write --out and another folder"},
		{"another form", []string{"-o", "xml"}, "write text or json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			burnline(t, append([]string{"init", "--out", filepath.Join(nothing, "slos")}, c.args...)...).wants(t, 2, c.want)
		})
	}
}
