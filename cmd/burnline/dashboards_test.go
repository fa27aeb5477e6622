package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/collector"
	"burnline/dashboards"
	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/slo/spec"
)

// boardSLOs are an SLO that pages, one of which a ticket is opened, and one on spans.
var boardSLOs = strings.Replace(shortSLO, "{name: availability}", `{name: availability, labels: {tier: "1"}}`, 1) + "---" +
	strings.NewReplacer("{name: availability}", "{name: tickets}", "severity: page", "severity: ticket").Replace(shortSLO) + "---" +
	strings.Replace(spansSLO, "{name: availability}", "{name: spans}", 1)

// TestEveryDashboardTargetIsAnswered runs every query of every generated
// dashboard against the running program after data went in, as Grafana would: variables, annotations,
// panels, exemplars and traces. What may be empty while all is well is not in this story, where all of it happens.
func TestEveryDashboardTargetIsAnswered(t *testing.T) {
	t.Parallel()
	s := newBoardStory(t)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.happen()

	asked := 0
	// excused are the queries that may have no answer, by what they are and on which kind of dashboard: somewhere
	// each of them has one here. No page is open for the SLO that a ticket is open for.
	excused := map[string][]dashboards.Query{}
	for _, f := range s.boards() {
		queries, err := dashboards.Queries(f.Data, nil)
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		for _, q := range queries {
			asked++
			if q.Empty != "" {
				what := fmt.Sprint(f.Board.Kind, " ", q.Panel, " ", q.RefID)
				excused[what] = append(excused[what], q)
				continue
			}
			s.eventually(fmt.Sprintf("%s: an answer to %+v", f.Path, q), func() bool { return s.answered(q) })
		}
	}
	s.followLinks()
	for what, some := range excused {
		s.eventually(fmt.Sprintf("%s: an answer to one of %+v", what, some), func() bool { return slices.ContainsFunc(some, s.answered) })
	}
	if asked < 120 || len(excused) < 15 {
		t.Errorf("only %d queries were found, and %d that may have no answer", asked, len(excused))
	}
}

// ownLink is the address of a page of Burnline's own on a dashboard.
var ownLink = regexp.MustCompile(`"url": "http://[^/"]+(/[^"$]*)"`)

// followLinks opens every page of Burnline's own that a dashboard leads to.
func (s *story) followLinks() {
	s.t.Helper()
	opened := map[string]bool{}
	for _, f := range s.boards() {
		for _, m := range ownLink.FindAllSubmatch(f.Data, -1) {
			var path string
			if err := json.Unmarshal([]byte(`"`+string(m[1])+`"`), &path); err != nil {
				s.t.Fatal(err)
			}
			if opened[path] {
				continue
			}
			opened[path] = true
			answer, err := http.Get("http://" + s.web + path)
			if err != nil {
				s.t.Fatal(err)
			}
			if body(s.t, answer); answer.StatusCode != http.StatusOK {
				s.t.Errorf("%s leads to %s, which answers %s", f.Path, path, answer.Status)
			}
		}
	}
	if len(opened) < 10 {
		s.t.Errorf("only %d links were found: %v", len(opened), opened)
	}
}

// newBoardStory is a server that scrapes itself, whose span metrics come soon.
func newBoardStory(t *testing.T) *story {
	t.Helper()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", boardSLOs)
	s.write("collector.yaml", strings.NewReplacer(
		"metrics_flush_interval: 15s", "metrics_flush_interval: 1s", "decision_wait: 5s", "decision_wait: 100ms",
	).Replace(string(collector.DefaultConfig())))
	s.write("burnline.yaml", fmt.Sprintf(`
server: {listen: %q}
collector: {otlp: {grpc: %q, http: %q}, config: collector.yaml}
scrape_configs:
  - {job_name: burnline, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: [%q]}]}
alerting:
  global: {pagerduty_url: %q}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, s.web, s.grpc, s.otlp, s.web, listen(t, s.stand)+pagerduty.Path, routingKey))
	s.start()
	s.serveCustomers()
	return s
}

// happen makes everything happen that dashboards show: a deploy, traces that fail, a request that is
// refused, a page and a ticket.
func (s *story) happen() {
	s.t.Helper()
	for _, r := range []struct {
		address, kind, body string
		want                int
	}{
		{"http://" + s.web + "/api/v1/changes", "application/json", `{"title": "shop 1.5.0", "service": "shop", "version": "1.5.0"}`, http.StatusCreated},
		{"http://" + s.otlp + "/v1/metrics", "text/plain", "no metrics", http.StatusUnsupportedMediaType},
	} {
		answer, err := http.Post(r.address, r.kind, strings.NewReader(r.body))
		if err != nil {
			s.t.Fatal(err)
		}
		if said := body(s.t, answer); answer.StatusCode != r.want {
			s.t.Fatalf("%s: %s %s, want %d", r.address, answer.Status, said, r.want)
		}
	}
	x, done := newSpans(s), make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(time.Second); ; {
			x.send(failingTrace(), 0, 0)
			select {
			case <-tick.C:
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	s.t.Cleanup(func() { close(stop); <-done })
	s.customers.Fail(true)
	s.eventually("the page arrives", func() bool { _, all := s.incidents(); return all > 0 })
}

// TestEveryDashboardTargetIsAnsweredByTheDemo asks the demo, which scrapes itself and whose shop sends metrics and traces; the
// panels of the example are among them.
// What may have no answer while all is well is not waited for.
func TestEveryDashboardTargetIsAnsweredByTheDemo(t *testing.T) {
	t.Parallel()
	demo := demoOn(t)
	s := &story{t: t, web: strings.TrimSuffix(strings.TrimPrefix(demo.Ready, "http://"), "/-/ready")}
	if err := demo.WaitReady(s.soon()); err != nil {
		t.Fatal(err)
	}
	set, findings, err := spec.Load([]string{"../../examples/shop/slos"})
	if err != nil || len(findings.Errors()) > 0 {
		t.Fatal(err, findings)
	}
	panels, err := os.ReadFile("../../examples/grafana/panels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	additions, findings := dashboards.ReadAdditions("panels.yaml", panels, set.Definitions)
	files, err := dashboards.Generate(set.Definitions, dashboards.Options{Additions: additions})
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	asked := 0
	for _, f := range files {
		if f.Board.Name == "" {
			continue
		}
		queries, err := dashboards.Queries(f.Data, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			// Every service of the demo sends spans.
			if q.Empty != "" && (f.Board.Kind != dashboards.KindServices || strings.HasPrefix(q.Panel, "@")) {
				continue
			}
			asked++
			if err := harness.Poll(s.soon(), 100*time.Millisecond, func() (bool, error) { return s.answered(q), nil }); err != nil {
				t.Fatalf("%s: the demo never answered %+v", f.Path, q)
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d queries were asked", asked)
	}
}

// failingTrace is a request of the shop that fails because of one that it makes.
func failingTrace() ptrace.Traces {
	td := ptrace.NewTraces()
	r := td.ResourceSpans().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "shop")
	all := r.ScopeSpans().AppendEmpty().Spans()
	now := time.Now()
	for i, name := range []string{"POST /buy", "charge card"} {
		sp := all.AppendEmpty()
		sp.SetName(name)
		sp.SetTraceID(pcommon.TraceID([]byte(fmt.Sprintf("%016x", now.UnixNano()))))
		sp.SetSpanID(pcommon.SpanID([]byte(fmt.Sprintf("%08d", i))))
		sp.SetKind([]ptrace.SpanKind{ptrace.SpanKindServer, ptrace.SpanKindClient}[i])
		if i > 0 {
			sp.SetParentSpanID(all.At(0).SpanID())
		}
		sp.Status().SetCode(ptrace.StatusCodeError)
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(now.Add(-20 * time.Millisecond)))
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(now))
	}
	return td
}

// boards are the dashboards of the story's SLOs.
func (s *story) boards() []dashboards.File {
	s.t.Helper()
	set, findings := spec.Parse("slos/shop.yaml", []byte(boardSLOs))
	if errs := findings.Errors(); len(errs) > 0 {
		s.t.Fatal(errs)
	}
	files, err := dashboards.Generate(set.Definitions, dashboards.Options{ExternalURL: "http://" + s.web})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []dashboards.File
	for _, f := range files {
		if path.Ext(f.Path) == ".json" && !bytes.Contains(f.Data, []byte(dashboards.Mark)) {
			s.t.Errorf("%s does not carry the mark", f.Path)
		}
		if f.Board.Name != "" {
			out = append(out, f)
		}
	}
	return out
}

// answered asks as Grafana would and reports whether anything came back.
func (s *story) answered(q dashboards.Query) bool {
	now := time.Now().Unix()
	span := url.Values{"start": {fmt.Sprint(now - 300)}, "end": {fmt.Sprint(now)}}
	if q.TraceQL != "" {
		span.Set("q", q.TraceQL)
		var found struct{ Traces []any }
		return s.fine(q, s.get("/tempo/api/search?"+span.Encode(), &found)) && len(found.Traces) > 0
	}
	if q.Expr == "" {
		span.Set("match[]", q.Selector)
		var values struct{ Data []string }
		err := s.get("/prometheus/api/v1/label/"+q.Label+"/values?"+span.Encode(), &values)
		return s.fine(q, err) && len(values.Data) > 0
	}
	if q.Exemplars && !s.exemplified(q, span) {
		return false
	}
	address := "/prometheus/api/v1/query_range?"
	if q.Instant {
		address, span = "/prometheus/api/v1/query?", url.Values{}
	}
	span.Set("query", q.Expr)
	span.Set("step", "5")
	var answer struct {
		Data struct{ Result []any }
	}
	return s.fine(q, s.get(address+span.Encode(), &answer)) && len(answer.Data.Result) > 0
}

// exemplified reports whether traces stand behind the values of a query.
func (s *story) exemplified(q dashboards.Query, span url.Values) bool {
	span.Set("query", q.Expr)
	var found struct{ Data []any }
	return s.fine(q, s.get("/prometheus/api/v1/query_exemplars?"+span.Encode(), &found)) && len(found.Data) > 0
}

func (s *story) fine(q dashboards.Query, err error) bool {
	if err != nil {
		s.t.Errorf("%+v: %v", q, err)
	}
	return err == nil
}
