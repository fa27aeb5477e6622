package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"burnline/internal/harness/backends"
	"burnline/internal/harness/pagerduty"
)

// TestAServerStartsAndPagesWithoutItsMetricBackend starts a server before its metric backend: it takes and tells alerts from outside, knows of
// no SLO that it is well, says what is missing everywhere, and counts by itself once the backend is there.
func TestAServerStartsAndPagesWithoutItsMetricBackend(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
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
	s.serveCustomers()
	if n := strings.Count(s.server.Output(), "the metric backend is away;"); n != 1 {
		t.Errorf("the log says %d times that it is away, want once", n)
	}

	backends.Run(t, backends.VictoriaMetricsAt(address))
	s.eventually("that it is ready", s.says("/-/ready", http.StatusOK, ""))
	s.eventually("the log says so", func() bool { return strings.Contains(s.server.Output(), "the metric backend answers") })
	s.eventually("requests are counted", func() bool { return s.counted().Total > 20 })
	if code, err := s.server.Stop(s.soon()); code != 0 || err != nil {
		t.Errorf("the server ended with %d, %v", code, err)
	}
}
