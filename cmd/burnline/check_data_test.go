package main

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/storage/metrics/local"
)

// wrongForTheData are SLOs that read well and don't fit what is stored.
var wrongForTheData = map[string]string{
	"code":      `events: {bad: 'http_requests_total{code=~"5xx"}', total: http_requests_total}`,
	"typo":      `events: {bad: 'http_requests_total{code="500"}', total: http_request_total}`,
	"label":     `events: {good: 'http_requests_total{status="200"}', total: http_requests_total}`,
	"gauge":     `events: {bad: 'http_requests_total{code="500"}', total: queue}`,
	"subset":    `events: {bad: 'http_requests_total{code="500"}', total: 'http_requests_total{job="shop"}'}`,
	"threshold": `latency: {histogram: took_seconds, threshold: 300ms}`,
	"percent":   `ratio: {query: '100 * http_requests_total{code="500",job="shop"} / http_requests_total{code="500",job="shop"}'}`,
	"nothing":   `ratio: {query: 'nothing / nothing'}`,
}

// fittingTheData has failures in the second half of the last hour.
const fittingTheData = `events: {bad: 'http_requests_total{job="shop",code="500"}', total: 'http_requests_total{job="shop"}'}`

// sloFile is a file with one SLO.
func sloFile(name, sli string) string {
	return `apiVersion: burnline/v1
kind: SLO
metadata: {name: ` + name + `}
spec:
  service: shop
  team: web
  objective: 99
  sli:
    ` + sli + `
  alerting:
    annotations: {runbook: "https://runbooks.example.com/shop"}
`
}

// storeSamples fills a data folder with three hours of samples that end now.
func storeSamples(t *testing.T, data string) {
	t.Helper()
	s, err := local.Open(local.Options{
		Dir: filepath.Join(data, "metrics"), Retention: 100 * 24 * time.Hour, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(15 * time.Second)
	app := s.AppenderV2(t.Context())
	write := func(at time.Time, v float64, pairs ...string) {
		if _, err := app.Append(0, labels.FromStrings(pairs...), 0, at.UnixMilli(), v, nil, nil, storage.AOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	good, bad := 0.0, 0.0
	for at := now.Add(-3 * time.Hour); !at.After(now); at = at.Add(15 * time.Second) {
		good += 30
		if now.Sub(at) < 30*time.Minute {
			bad += 20
		}
		for _, job := range []string{"shop", "back"} {
			write(at, good, "__name__", "http_requests_total", "job", job, "code", "200")
			write(at, bad, "__name__", "http_requests_total", "job", job, "code", "500")
		}
		write(at, 5+float64(at.Minute()%7), "__name__", "queue", "job", "shop")
		for _, le := range []string{"0.1", "0.25", "0.5", "+Inf"} {
			write(at, good, "__name__", "took_seconds_bucket", "le", le)
		}
		write(at, good, "__name__", "took_seconds_count")
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkData runs burnline check and returns its output and exit code.
func checkData(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"check"}, args...), strings.NewReader(""), &out, &errs)
	return out.String() + errs.String(), code
}

func TestCheckComparesWithADataFolder(t *testing.T) {
	t.Parallel()
	data, slos := t.TempDir(), t.TempDir()
	storeSamples(t, data)
	for name, sli := range wrongForTheData {
		if err := os.WriteFile(filepath.Join(slos, name+".yaml"), []byte(sloFile(name, sli)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, code := checkData(t, "--data", data, "--history", "0s", slos)
	for _, want := range []string{
		`code.yaml:9: spec.sli.events.bad: note: code=~"5xx" matches no series of http_requests_total; the values of code are 200, 500`,
		`typo.yaml:9: spec.sli.events.total: there is no metric http_request_total in the last day; check the name, and that it is scraped`,
		`label.yaml:9: spec.sli.events.good: warning: no series of http_requests_total has the label status; its labels are code, job`,
		`gauge.yaml:9: spec.sli.events.total: queue{job="shop"} rises and falls (`,
		`subset.yaml:9: spec.sli.events.bad: warning: http_requests_total{code="500", job="back"} is counted as bad but is not in total`,
		`threshold.yaml:9: spec.sli.latency.threshold: the histogram took_seconds has no bucket that ends at 300ms, so good can't be told from bad; write threshold: 250ms or 500ms`,
		`percent.yaml:9: spec.sli.ratio.query: the query gives 100, and an error ratio is from 0 to 1; divide by 100`,
		`nothing.yaml:9: spec.sli.ratio.query: warning: the query gives nothing now`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no finding %q in\n%s", want, out)
		}
	}
	if code != exitFindings {
		t.Errorf("exit code %d", code)
	}
}

func TestCheckTellsWhatWouldHaveHappened(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "slo.yaml")
	storeSamples(t, data)
	if err := os.WriteFile(file, []byte(sloFile("fits", fittingTheData)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := checkData(t, "--data", data, "--history", "2h", file)
	want := "shop/fits: had this been live for the last 2h: 1 page, 1 ticket, budget at "
	if !strings.Contains(out, want) || !strings.HasSuffix(out, "1 SLO good, 0 errors, 0 warnings\n") || code != exitFine {
		t.Errorf("exit code %d, and no %q in\n%s", code, want, out)
	}
	out, _ = checkData(t, "--data", data, "--history", "2h", "-o", "json", file)
	if !strings.Contains(out, `"pages": 1,`) || !strings.Contains(out, `"remaining": `) {
		t.Errorf("JSON:\n%s", out)
	}
}

func TestCheckFindsMoreBadEventsThanThereAre(t *testing.T) {
	t.Parallel()
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "slo.yaml")
	storeSamples(t, data)
	turned := `events: {bad: 'http_requests_total{job="shop",code="200"}', total: 'http_requests_total{job=~"shop|back",code=~"200|500"} - http_requests_total{code="200"}'}`
	if err := os.WriteFile(file, []byte(sloFile("turned", turned)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := checkData(t, "--data", data, "--history", "1h", file)
	for _, want := range []string{
		`slo.yaml:9: spec.sli.events.bad: warning: http_requests_total{code="200", job="shop"} is taken out of total but still counted as bad`,
		"slo.yaml:8: spec.sli: ",
	} {
		if !strings.Contains(out, want) || code != exitFindings {
			t.Errorf("exit code %d, and no %q in\n%s", code, want, out)
		}
	}
}

// TestCheckComparesWithARunningServer asks the server, and reads its folder beside it.
func TestCheckComparesWithARunningServer(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	for _, data := range []string{"http://" + s.web + "/prometheus", filepath.Join(s.dir, "data")} {
		out, code := checkData(t, "--data", data, "--history", "1m", filepath.Join(s.dir, "slos"))
		if want := "shop/availability: had this been live for the last 1m: 0 pages, 0 tickets, budget at 100 %\n"; !strings.Contains(out, want) || code != exitFine {
			t.Errorf("--data %s: exit code %d, and no %q in\n%s", data, code, want, out)
		}
	}
}

func TestCheckReadsAPrometheusAPI(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := `{"status":"success","data":{"resultType":"matrix","result":[]}}`
		switch {
		case r.URL.Path == "/api/v1/metadata":
			answer = `{"status":"success","data":{"queue":[{"type":"gauge"}]}}`
		case strings.HasPrefix(r.FormValue("query"), "queue["):
			answer = `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"queue"},"values":[[` +
				r.FormValue("time") + `,"5"]]}]}}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer api.Close()
	file := filepath.Join(t.TempDir(), "slo.yaml")
	if err := os.WriteFile(file, []byte(sloFile("gauge", `events: {bad: failures_total, total: queue}`)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := checkData(t, "--data", api.URL, "--history", "0s", file)
	if !strings.Contains(out, "spec.sli.events.total: queue is a gauge, not a counter") || code != exitFindings {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestCheckSaysWhereThereIsNoData(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "slo.yaml")
	if err := os.WriteFile(file, []byte(sloFile("fits", fittingTheData)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ data, want string }{
		{t.TempDir(), "holds no metrics: it has no folder wal; name the data folder of burnline serve"},
		{"http://127.0.0.1:1", "connection refused"},
		{"ftp://x", "holds no metrics"},
	} {
		out, code := checkData(t, "--data", c.data, file)
		if !strings.Contains(out, c.want) || code != exitCannotRun {
			t.Errorf("--data %s: exit code %d\n%s", c.data, code, out)
		}
	}
}

func TestABudgetThatIsSpentManyTimesOverIsWrittenWithoutAnExponent(t *testing.T) {
	for left, want := range map[float64]string{-12.194: "budget at -1219 %", -0.123: "budget at -12.3 %", 0.9954: "budget at 99.5 %"} {
		if got := (lived{Remaining: &left}).String(); !strings.HasSuffix(got, want) {
			t.Errorf("%g left: %q, want %q", left, got, want)
		}
	}
}
