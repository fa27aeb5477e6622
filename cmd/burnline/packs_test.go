package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"

	"burnline/dashboards"
	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/programs"
	"burnline/rules/packs"
	"burnline/slo"
	"burnline/slo/spec"
)

// packTrial says with what a pack is tried, and what its test can't make happen.
type packTrial struct {
	// start starts the real program; nil for Burnline itself, and for what testdata/packs replays.
	start func(t testing.TB) *programs.Program
	// interval is how often it is scraped, and how long that may take; 1s where it is empty.
	interval string
	// sound are SLOs of which no event is bad in the test, by name.
	sound []string
	// stopped are alerts that hold once the program is stopped, by name.
	stopped []string
}

// packTrials are all packs.
func packTrials() map[string]packTrial {
	return map[string]packTrial{
		"burnline":   {sound: []string{"pages", "judging", "answers", "speed"}},
		"haproxy":    {start: programs.HAProxy},
		"nginx":      {start: programs.NGINX},
		"postgresql": {start: programs.PostgreSQL, interval: "3s" /* it sleeps for a second before it says that the server is away */},
		"redis":      {start: programs.Redis, stopped: []string{"RedisReplicaCutOff"}},

		"mysql":    {},
		"rabbitmq": {sound: []string{"backlog"}},

		"aws-elb": {}, "aws-lambda": {}, "aws-rds": {}, "aws-sqs": {}, "cassandra": {}, "ingress-nginx": {}, "kafka": {sound: []string{"partitions"}},
		"kubernetes-apiserver": {}, "kubernetes-workloads": {}, "mongodb": {},
	}
}

// TestEveryPackAnswers runs the programs that packs are about, with load and failures, or replays what they said, writes the packs as a user does, and lets
// one server scrape them all: every SLO counts good events, and bad ones where the test makes some happen; every alert's expression
// and every panel's query has an answer.
func TestEveryPackAnswers(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	started := startPrograms(t)
	s.writePacks(started)
	s.start()

	for name, trial := range packTrials() {
		for _, d := range s.packSLOs(name) {
			s.eventually("good events of "+d.ID, func() bool { return s.countedOf(d.ID).Good > 0 })
			if !slices.Contains(trial.sound, d.Name) && d.Name != "reachable" {
				s.eventually("bad events of "+d.ID, func() bool { c := s.countedOf(d.ID); return c.Total > c.Good })
			}
		}
		s.packAlertsAnswer(name)
		s.packPanelsAnswer(name)
		s.runbooksAreThere(name)
	}
	for name, p := range started {
		if p.Stop == nil {
			continue
		}
		for _, r := range s.packAlerts(name) {
			if slices.Contains(packTrials()[name].stopped, r.Alert) {
				s.eventually(r.Alert+" holds no more", func() bool { return !s.answered(dashboards.Query{Expr: r.Expr, Instant: true}) })
			}
		}
		p.Stop()
		s.eventually(name+" can't be reached", func() bool { c := s.countedOf(name + "/reachable"); return c.Total > c.Good })
		for _, r := range s.packAlerts(name) {
			if slices.Contains(packTrials()[name].stopped, r.Alert) {
				s.eventually(r.Alert+" holds", func() bool { return s.answered(dashboards.Query{Expr: r.Expr, Instant: true}) })
			}
		}
	}
	for name := range packTrials() {
		for _, d := range s.packSLOs(name) {
			for _, st := range s.statusesOf(d.ID) {
				if st.State == slo.StateBroken || st.State == slo.StateUnseen {
					t.Errorf("%s is %s: %s", d.ID, st.State, st.Reason)
				}
			}
		}
	}
}

// startPrograms starts all programs at once, and loads them until the test ends.
func startPrograms(t *testing.T) map[string]*programs.Program {
	t.Helper()
	started := map[string]*programs.Program{}
	var loads sync.WaitGroup
	t.Cleanup(loads.Wait) // the test's context has ended then
	for name, trial := range packTrials() {
		if name == "burnline" {
			continue
		}
		if trial.start == nil {
			started[name] = programs.Replay(t, "testdata/packs/"+name+".prom")
			continue
		}
		p := trial.start(t)
		started[name] = p
		loads.Go(func() { keepLoading(t.Context(), t, name, p) })
	}
	return started
}

// keepLoading loads a program until ctx ends or the program is stopped by the test.
func keepLoading(ctx context.Context, t *testing.T, name string, p *programs.Program) {
	failed := false
	_ = harness.Poll(ctx, 200*time.Millisecond, func() (bool, error) { // ends with the test
		err := p.Load(ctx)
		if err != nil && ctx.Err() == nil && !failed {
			failed = true
			t.Logf("load on %s: %v", name, err)
		}
		return false, nil
	})
}

// writePacks writes all packs by the command line, and a configuration with their fragments, but for the addresses and with
// everything every second. One target tells another value of one moment each time, which can't be
// stored.
func (s *story) writePacks(started map[string]*programs.Program) {
	s.t.Helper()
	names := make([]string, 0, len(packTrials()))
	for name := range packTrials() {
		names = append(names, name)
	}
	var out strings.Builder
	if code := run(s.t.Context(), append([]string{"packs", "write", "--out", s.dir, "--external-url", "http://" + s.web}, names...), strings.NewReader(""), &out, &out); code != 0 {
		s.t.Fatalf("burnline packs write: exit code %d\n%s", code, out.String())
	}
	s.replaceIn("slos", "slice: 1m", "slice: 1s")
	s.replaceIn("slos", "slice: 5m", "slice: 2s")
	s.replaceIn("slos", "[1h:5m]", "[1h:2s]")
	var scraped atomic.Int64
	moment := time.Now().UnixMilli()
	stuck := listen(s.t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, "stuck %d %d\n", scraped.Add(1), moment)
	}))
	var scrapes []any
	for _, name := range names {
		var fragment struct {
			Scrapes []map[string]any `yaml:"scrape_configs"`
		}
		data, err := os.ReadFile(filepath.Join(s.dir, "scrape", name+".yaml"))
		if err != nil {
			s.t.Fatal(err)
		}
		if err := yaml.Unmarshal(data, &fragment); err != nil {
			s.t.Fatal(err)
		}
		targets := []string{s.web}
		if p := started[name]; p != nil {
			targets = slices.DeleteFunc([]string{p.Metrics, p.Replica}, func(address string) bool { return address == "" })
		}
		for _, job := range fragment.Scrapes {
			for _, key := range []string{"scheme", "authorization", "tls_config"} {
				delete(job, key)
			}
			job["static_configs"] = []map[string]any{{"targets": targets}}
			interval := cmp.Or(packTrials()[name].interval, "1s")
			job["scrape_interval"], job["scrape_timeout"] = interval, interval
			scrapes = append(scrapes, job)
		}
	}
	scrapes = append(scrapes, map[string]any{
		"job_name": "stuck", "scrape_interval": "1s", "scrape_timeout": "1s",
		"static_configs": []map[string]any{{"targets": []string{strings.TrimPrefix(stuck, "http://")}}},
	})
	text, err := yaml.Marshal(map[string]any{"scrape_configs": scrapes})
	if err != nil {
		s.t.Fatal(err)
	}
	s.configure(fmt.Sprintf(`
alerting:
  global: {pagerduty_url: %q}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, listen(s.t, s.stand)+pagerduty.Path, routingKey), "slos: [slos]\nrules: [rules]\n", string(text))
}

// replaceIn replaces text in the files of a folder.
func (s *story) replaceIn(folder, was, is string) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		s.t.Fatal(err, files)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		s.write(filepath.Join(folder, filepath.Base(file)), strings.ReplaceAll(string(data), was, is))
	}
}

// packSLOs are the SLOs of a pack.
func (s *story) packSLOs(name string) []slo.Definition {
	s.t.Helper()
	set, findings, err := spec.Load([]string{filepath.Join(s.dir, "slos", name+".yaml")})
	if err != nil || len(findings) > 0 || len(set.Definitions) == 0 {
		s.t.Fatalf("the SLOs of %s: %v %v", name, findings, err)
	}
	return set.Definitions
}

// statusesOf asks for the statuses of an SLO's groups; none while the server is away.
func (s *story) statusesOf(id string) []status {
	var answer struct{ Statuses []status }
	_ = s.get("/api/v1/slos/"+id, &answer)
	return answer.Statuses
}

// countedOf adds up what was counted of all groups of an SLO.
func (s *story) countedOf(id string) (sum slo.Counts) {
	for _, st := range s.statusesOf(id) {
		sum.Good += st.Budget.Good
		sum.Total += st.Budget.Total
	}
	return sum
}

// packAlerts are the alerts of a pack.
func (s *story) packAlerts(name string) (alerts []rulefmt.Rule) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "rules", name+".yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(data, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		s.t.Fatal(errs)
	}
	for _, g := range groups.Groups {
		alerts = append(alerts, g.Rules...)
	}
	return alerts
}

// packAlertsAnswer asks for both sides of each comparison of each alert.
func (s *story) packAlertsAnswer(name string) {
	s.t.Helper()
	for _, r := range s.packAlerts(name) {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, side := range compared(expr) {
			s.eventually(r.Alert+" has data: "+side, func() bool { return s.answered(dashboards.Query{Expr: side, Instant: true}) })
		}
	}
}

// compared takes an alert's expression apart into what it compares, which has an answer whether it fires or not.
func compared(expr parser.Expr) []string {
	switch e := expr.(type) {
	case *parser.ParenExpr:
		return compared(e.Expr)
	case *parser.Call:
		if e.Func.Name == "absent" {
			return compared(e.Args[0])
		}
	case *parser.NumberLiteral:
		return nil
	case *parser.BinaryExpr:
		if e.Op.IsComparisonOperator() || e.Op.IsSetOperator() {
			return append(compared(e.LHS), compared(e.RHS)...)
		}
	}
	return []string{expr.String()}
}

// packPanelsAnswer asks what a pack's panels ask on the dashboard that they are added to.
func (s *story) packPanelsAnswer(name string) {
	s.t.Helper()
	file := filepath.Join(s.dir, "panels", name+".yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defs := s.packSLOs(name)
	additions, findings := dashboards.ReadAdditions(file, data, defs)
	if len(findings) > 0 {
		s.t.Fatal(findings)
	}
	titles := map[string]bool{}
	for _, a := range additions {
		for _, p := range a.Panels {
			titles[p.Title] = true
		}
	}
	files, err := dashboards.Generate(defs, dashboards.Options{Additions: additions})
	if err != nil {
		s.t.Fatal(err)
	}
	asked := 0
	for _, f := range files {
		if f.Board.Name != "service:"+name {
			continue
		}
		queries, err := dashboards.Queries(f.Data, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, q := range queries {
			if titles[q.Panel] && q.Empty == "" { // the board's own panels of spans may have the same title
				asked++
				s.eventually(fmt.Sprintf("%s: an answer to %+v", name, q), func() bool { return s.answered(q) })
			}
		}
	}
	if asked < 3 {
		s.t.Errorf("%s: only %d queries were asked", name, asked)
	}
}

// runbooksAreThere follows every link to a runbook to the heading that it names.
func (s *story) runbooksAreThere(name string) {
	s.t.Helper()
	var links []string
	for _, d := range s.packSLOs(name) {
		links = append(links, d.Annotations["runbook"])
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "rules", name+".yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	alerts := strings.Count(string(data), "- alert:")
	for line := range strings.Lines(string(data)) {
		if _, link, ok := strings.Cut(line, "runbook_url: "); ok {
			links, alerts = append(links, strings.TrimSpace(link)), alerts-1
		}
	}
	if alerts != 0 {
		s.t.Errorf("%s: %d alerts have no runbook_url", name, alerts)
	}
	for _, link := range links {
		u, err := url.Parse(link)
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := http.Get(link)
		if err != nil {
			s.t.Fatal(err)
		}
		text := body(s.t, answer)
		if answer.StatusCode != http.StatusOK || !strings.Contains(text, "\n## "+u.Fragment+"\n") {
			s.t.Errorf("%s: the runbook %s is not there (%s)", name, link, answer.Status)
		}
	}
}

// TestEveryPackIsTried holds the packs against the list of what they are tried with.
func TestEveryPackIsTried(t *testing.T) {
	t.Parallel()
	all, err := packs.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		trial, ok := packTrials()[p.Name]
		if !ok {
			t.Errorf("the pack %s is tried by nothing", p.Name)
		}
		if live := trial.start != nil || p.Name == "burnline"; live != (p.Tested == packs.TestedLive) {
			t.Errorf("the pack %s says that it is tested %s", p.Name, p.Tested)
		}
		if said, err := os.ReadFile("testdata/packs/" + p.Name + ".prom"); err == nil {
			if written := strings.HasPrefix(string(said), "# Written by"); written != (p.Tested == packs.TestedDocumented) {
				t.Errorf("the pack %s says that it is tested %s, and its metrics begin otherwise: %.80s", p.Name, p.Tested, said)
			}
		}
		if p.Title == "" || p.Source == "" || p.Setup == "" {
			t.Errorf("the pack %s lacks a title, a source or what to set up", p.Name)
		}
	}
	if len(all) != len(packTrials()) {
		t.Errorf("there are %d packs, and %d are tried", len(all), len(packTrials()))
	}
}
