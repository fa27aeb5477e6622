package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/internal/harness/backends"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/patience"
	"burnline/storage/metrics/remote"
)

// served writes what good requests of the last minutes leave in a backend.
func served(t *testing.T, backend *backends.Backend, minutes int) {
	t.Helper()
	store, err := remote.Open(remote.Options{WriteURL: backend.WriteURL, QueryURL: backend.QueryURL, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	app := store.AppenderV2(t.Context())
	series := labels.FromStrings("__name__", "shop_requests_total", "job", "shop", "code", "200")
	for i := range minutes * 6 {
		at := time.Now().Add(time.Duration(i-minutes*6) * 10 * time.Second)
		if _, err := app.Append(0, series, 0, at.UnixMilli(), float64(100*i), nil, nil, storage.AOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(app.Commit(), backend.Settle(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// TestAServerStartsAndPagesWithoutItsMetricBackend starts a server before its metric backend: it takes and tells alerts from outside, knows of
// no SLO that it is well, says what is missing everywhere, and counts by itself once the backend is there.
func TestAServerStartsAndPagesWithoutItsMetricBackend(t *testing.T) {
	t.Parallel()
	address, data := freeAddress(t), t.TempDir()
	run := func() *backends.Backend {
		backend, err := backends.VictoriaMetricsAt(address)(patience.Context(t), data)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(backend.Process.Kill)
		return backend
	}
	before := run()
	served(t, before, 5) // 2,900 after the first sample
	if _, err := before.Process.Stop(patience.Context(t)); err != nil {
		t.Fatal(err)
	}
	s := newPlace(t, pagerduty.Options{})
	s.write("slos/shop.yaml", shortSLO)
	s.configure(fmt.Sprintf(`
alerting:
  global: {pagerduty_url: %q}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, listen(t, s.stand)+pagerduty.Path, routingKey), fmt.Sprintf("metrics: {remote: {write_url: 'http://%s/api/v1/write', query_url: 'http://%[1]s'}}", address))
	if err := s.server.Start(); err != nil {
		t.Fatal(err)
	}
	const why = "the metric backend has not answered since the start at "
	s.eventually("that it has started", s.says("/-/started", http.StatusOK, ""))
	s.eventually("that senders go elsewhere", s.says("/-/ready", http.StatusServiceUnavailable, why))
	s.eventually("that any page says so", s.says("/", http.StatusOK, strings.ToUpper(why[:1])+why[1:]))
	s.eventually("that the SLO is known to be unknown", func() bool {
		all := s.statuses()
		return len(all) == 1 && all[0].State == "broken"
	})
	if out, _ := s.burnline(exitFindings, "doctor"); !strings.Contains(out, why) {
		t.Errorf("doctor does not name it:\n%s", out)
	}

	s.told(paging("DiskFails"))
	s.eventually("the alert pages", func() bool { return s.paged("DiskFails") })
	s.burnline(exitFine, "ack", s.stand.Incidents()[0].DedupKey, "--by", "ada")
	if n := strings.Count(s.server.Output(), "the metric backend is away;"); n != 1 {
		t.Errorf("the log says %d times that it is away, want once", n)
	}

	run()
	s.eventually("that it is ready", s.says("/-/ready", http.StatusOK, ""))
	s.eventually("the log says so", func() bool { return strings.Contains(s.server.Output(), "the metric backend answers") })
	s.eventually("that what the backend has is counted", func() bool { return s.counted().Total == 2900 })
	if code, err := s.server.Stop(s.soon()); code != 0 || err != nil {
		t.Errorf("the server ended with %d, %v", code, err)
	}
}
