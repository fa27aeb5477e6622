package promapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	apiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/prompb"
)

// filled serves two series of orders_total, a sample a minute for ten minutes.
func filled(t *testing.T) *server {
	t.Helper()
	s := serve(t)
	var req prompb.WriteRequest
	for _, code := range []string{"200", "500"} {
		ts := series([]string{"__name__", "orders_total", "code", code, "job", "shop"})
		for i := range 10 {
			ts.Samples = append(ts.Samples, sample(s.ms(60*(i-9)), float64(i*60)))
		}
		req.Timeseries = append(req.Timeseries, ts)
	}
	req.Metadata = []prompb.MetricMetadata{{MetricFamilyName: "orders_total", Type: prompb.MetricMetadata_COUNTER, Help: "Orders.", Unit: "orders"}}
	if code, text := s.write1(&req); code != http.StatusNoContent {
		t.Fatalf("status %d: %s", code, text)
	}
	return s
}

func TestTheOfficialClientReadsEverything(t *testing.T) {
	t.Parallel()
	s := filled(t)
	c, ctx := s.client(), t.Context()
	value, _, _, err := c.Query(ctx, `sum(rate(orders_total[5m]))`, s.now)
	if v, ok := value.(model.Vector); err != nil || !ok || len(v) != 1 || v[0].Value != 2 {
		t.Errorf("query: %v, error %v, want 2", value, err)
	}
	value, _, _, err = c.QueryRange(ctx, "orders_total", apiv1.Range{Start: s.now.Add(-5 * time.Minute), End: s.now, Step: time.Minute})
	if m, ok := value.(model.Matrix); err != nil || !ok || len(m) != 2 || len(m[0].Values) != 6 {
		t.Errorf("query_range: %v, error %v, want 2 series of 6", value, err)
	}
	from, to := s.now.Add(-time.Hour), s.now
	if sets, _, _, err := c.Series(ctx, []string{`orders_total{code="500"}`}, from, to); err != nil || len(sets) != 1 || sets[0]["job"] != "shop" {
		t.Errorf("series: %v, error %v", sets, err)
	}
	if names, _, _, err := c.LabelNames(ctx, nil, from, to); err != nil || fmt.Sprint(names) != "__name__, code, job" {
		t.Errorf("labels: %v, error %v", names, err)
	}
	if values, _, _, err := c.LabelValues(ctx, "code", []string{"orders_total"}, from, to); err != nil || len(values) != 2 {
		t.Errorf("label values: %v, error %v", values, err)
	}
	if meta, err := c.Metadata(ctx, "", ""); err != nil || meta["orders_total"][0].Help != "Orders." || meta["orders_total"][0].Type != apiv1.MetricTypeCounter {
		t.Errorf("metadata: %v, error %v", meta, err)
	}
	if rules, err := c.Rules(ctx, nil); err != nil || len(rules.Groups) != 0 {
		t.Errorf("rules: %v, error %v", rules, err)
	}
	if alerts, err := c.Alerts(ctx); err != nil || len(alerts.Alerts) != 0 {
		t.Errorf("alerts: %v, error %v", alerts, err)
	}
	if info, err := c.Buildinfo(ctx); err != nil || info.Version == "" || !strings.Contains(info.Revision, "burnline") {
		t.Errorf("buildinfo: %v, error %v", info, err)
	}
	if info, err := c.Runtimeinfo(ctx); err != nil || info.StartTime.IsZero() {
		t.Errorf("runtimeinfo: %v, error %v", info, err)
	}
	if info, err := c.TSDB(ctx); err != nil || info.HeadStats.NumSeries != 2 {
		t.Errorf("tsdb: %+v, error %v", info, err)
	}
	if targets, err := c.Targets(ctx); err != nil || len(targets.Active) != 0 {
		t.Errorf("targets: %+v, error %v", targets, err)
	}
}

func TestGrafanasWayOfAsking(t *testing.T) {
	t.Parallel()
	s := filled(t)
	stamp := func(at time.Time) string { return fmt.Sprint(at.Unix()) }
	out := s.form("/query_range", url.Values{"query": {`sum by (code) (increase(orders_total[2m]))`},
		"start": {stamp(s.now.Add(-5 * time.Minute))}, "end": {stamp(s.now)}, "step": {"60"}})
	if text := fmt.Sprint(out); !strings.Contains(text, "resultType:matrix") || !strings.Contains(text, "code:500") {
		t.Errorf("query_range: %s", text)
	}
	if text := fmt.Sprint(s.get(`/label/code/values?match[]=orders_total&start=` + stamp(s.now.Add(-time.Hour)))); text != "[200 500]" {
		t.Errorf("label values: %s", text)
	}
	if text := fmt.Sprint(s.form("/labels", url.Values{"match[]": {`orders_total{code="200"}`}})); text != "[__name__ code job]" {
		t.Errorf("labels: %s", text)
	}
	if text := fmt.Sprint(s.get("/metadata?metric=orders_total&limit=1")); text != "map[orders_total:[map[help:Orders. type:counter unit:orders]]]" {
		t.Errorf("metadata: %s", text)
	}
	if text := fmt.Sprint(s.get("/metadata?metric=other")); text != "map[]" {
		t.Errorf("metadata of an unknown metric: %s", text)
	}
	if text := fmt.Sprint(s.get("/rules")); text != "map[groups:[]]" {
		t.Errorf("rules: %s", text)
	}
	if text := fmt.Sprint(s.get("/alerts")); text != "map[alerts:[]]" {
		t.Errorf("alerts: %s", text)
	}
	if text := fmt.Sprint(s.form("/format_query", url.Values{"query": {"sum( x )"}})); text != "sum(x)" {
		t.Errorf("format_query: %s", text)
	}
}

func TestWrongQueriesAreAnsweredClearly(t *testing.T) {
	t.Parallel()
	s := filled(t)
	for _, c := range []struct {
		name, path, body string
		want             int
		text             string
	}{
		{"a query that doesn't parse", "/query", "query=sum(", http.StatusBadRequest, "bad_data"},
		{"a range of too many points", "/query_range", "query=x&start=0&end=100000000&step=1", http.StatusBadRequest, "exceeded maximum resolution"},
		{"a form that is too large", "/query", "query=" + strings.Repeat("x", 2<<20), http.StatusRequestEntityTooLarge, "larger than"},
		// To parse it would take minutes and gigabytes, and nothing could end it.
		{"an expression that nests without end", "/query", "query=" + strings.Repeat("abs(", 50_000), http.StatusRequestEntityTooLarge, "larger than"},
		{"an address that is too long", "/query?query=" + strings.Repeat("abs(", 50_000), "", http.StatusRequestURITooLong, "larger than"},
		{"a limit that isn't a number", "/metadata?limit=x", "", http.StatusBadRequest, "limit must be a number"},
	} {
		method := http.MethodPost
		if c.body == "" {
			method = http.MethodGet
		}
		code, _, text := s.call(method, prefix+c.path, strings.NewReader(c.body), "Content-Type", "application/x-www-form-urlencoded")
		if code != c.want || !strings.Contains(text, c.text) || !strings.Contains(text, `"status":"error"`) {
			t.Errorf("%s: status %d: %.300s", c.name, code, text)
		}
	}
}

func TestOnlyReadingAndWritingIsOffered(t *testing.T) {
	t.Parallel()
	s := filled(t)
	for _, path := range []string{"/admin/tsdb/delete_series", "/admin/tsdb/snapshot", "/search/metric_names", "/notifications/live",
		"/unknown", "", "/", "/label/..%2f..%2fadmin/values", "/label//values", "/label/%2e%2e/values", "/query/../admin"} {
		code, _, text := s.call(http.MethodPost, prefix+path, nil)
		if code != http.StatusNotFound {
			t.Errorf("%s: status %d: %s", path, code, text)
		}
	}
	_, head, _ := s.call(http.MethodGet, prefix+"/query?query=1", nil, "Origin", "https://evil.example")
	for name := range head {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("header %s allows other origins", name)
		}
	}
}
