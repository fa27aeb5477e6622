package propose_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"burnline/internal/propose"
	"burnline/slo"
	"burnline/slo/spec"
	"burnline/slo/spec/promql"
)

var update = flag.Bool("update", false, "write what is proposed into testdata")

// world is a script: the series that were found, how they fared, what there is, and what comes of it.
type world struct {
	rows    []propose.Row
	figures map[string]propose.Figures
	source  propose.Source
	terms   propose.Terms
}

// TestProposals plays every script of testdata. A script has lines
//
//	series  http_requests_total{job="shop",code="200"}
//	past    shop/availability good=999 total=1000 over=24h
//	buckets shop/latency 0.1=90 0.3=99 +Inf=100 over=24h
//	slo     file.yaml: text is what follows "known" as a file
//	team    payments
//
// and below a line of dashes what is proposed and what is missing.
func TestProposals(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script, want, _ := strings.Cut(string(text), "\n=====\n")
			got := read(t, script).play(t)
			if *update {
				if err := os.WriteFile(file, []byte(script+"\n=====\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("proposed:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// read reads a script.
func read(t *testing.T, script string) *world {
	t.Helper()
	w := &world{figures: map[string]propose.Figures{}, terms: propose.Terms{Runbook: "https://burnline.example.com/slo/{slo}"}}
	script, known, _ := strings.Cut(script, "\n=known=\n")
	if known != "" {
		set, findings := spec.Parse("known.yaml", []byte(known))
		if len(findings.Errors()) > 0 {
			t.Fatal(findings)
		}
		for i := range set.Definitions {
			w.source.Known = append(w.source.Known, propose.KnownOf(&set.Definitions[i]))
		}
	}
	for line := range strings.Lines(script) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		switch word {
		case "", "#":
		case "spans":
			w.source.Spans = true
		case "team":
			w.terms.Team = rest
		case "runbook":
			w.terms.Runbook, w.terms.Given = rest, true
		case "service":
			w.source.Services = append(w.source.Services, rest)
		case "series":
			w.rows = append(w.rows, series(t, rest))
		case "past", "buckets":
			w.past(t, rest)
		default:
			t.Fatalf("%q: what is that", line)
		}
	}
	return w
}

// series reads a series as PromQL writes it.
func series(t *testing.T, text string) propose.Row {
	t.Helper()
	sum, err := promql.Selectors(text)
	if err != nil || len(sum) != 1 {
		t.Fatalf("%s: %v", text, err)
	}
	row := slo.NewLabels(slo.MetricName, sum[0].Selector.Name)
	for _, m := range sum[0].Selector.Matchers {
		row = row.With(m.Label, m.Value)
	}
	return row
}

func (w *world) past(t *testing.T, text string) {
	t.Helper()
	fields := strings.Fields(text)
	f := propose.Figures{Buckets: map[float64]float64{}}
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, "=")
		if name == "over" {
			var err error
			if f.Elapsed, err = time.ParseDuration(value); err != nil {
				t.Fatal(err)
			}
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%s: %v", field, err)
		}
		switch name {
		case "good":
			f.Counts.Good = n
		case "total":
			f.Counts.Total = n
		default:
			le, err := strconv.ParseFloat(name, 64)
			if err != nil {
				t.Fatal(err)
			}
			if f.Buckets[le] = n; math.IsInf(le, 1) {
				f.Counts = slo.Counts{Good: n, Total: n}
			}
		}
	}
	w.figures[fields[0]] = f
}

// play proposes, and words everything that came of it.
func (w *world) play(t *testing.T) string {
	t.Helper()
	candidates, gaps, covered := propose.Candidates(w.rows, w.source)
	var all []propose.Proposal
	for i := range candidates {
		c := &candidates[i]
		figures, ok := w.figures[c.ID()]
		if !ok {
			t.Fatalf("the script says no past of %s", c.ID())
		}
		p, gap := propose.Decide(c, figures, w.terms)
		if gap != nil {
			gaps = append(gaps, *gap)
			continue
		}
		spent := slo.NewBurn(p.Definition.Window.Rolling, figures.Counts, p.Definition.Budget())
		if !c.Latency() && spent.Rate >= 1 {
			t.Errorf("%s proposes %g %%, which the past has spent", c.ID(), p.Definition.Objective)
		}
		all = append(all, *p)
	}
	var out strings.Builder
	if len(all) > 0 {
		text, err := propose.Text(all)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
	for _, g := range gaps {
		fmt.Fprintf(&out, "missing: %s\n", g)
	}
	for _, id := range covered {
		fmt.Fprintf(&out, "covered: %s\n", id)
	}
	return out.String()
}

func TestEveryNameThatIsLookedForHasLabelsToTellItsServicesBy(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile("^(?:" + propose.Names() + ")$")
	for _, name := range []string{
		"http_server_request_duration_seconds_count", "http_server_request_duration_bucket", "http_server_duration_milliseconds_bucket",
		"http.server.request.duration_count", "http.server.request.duration", "rpc_server_duration_milliseconds_count", "http_requests_total",
		"prometheus_http_requests_total", "http_request_duration_seconds_bucket", "grpc_server_handled_total", "traces_span_metrics_calls_total",
		"traces_spanmetrics_latency_bucket", "traces_span_metrics_duration_milliseconds_count", "probe_success", "up", "messaging_process_duration_seconds_count",
	} {
		if !names.MatchString(name) {
			t.Errorf("%s is not looked for", name)
		}
		if labels := strings.Join(propose.Labels(name), " "); !strings.Contains(labels, "job") || strings.Contains(name, ".") != strings.Contains(labels, ".") {
			t.Errorf("%s is told apart by %s", name, labels)
		}
	}
	for _, name := range []string{"go_goroutines", "http_requests", "uptime", "up_count"} {
		if names.MatchString(name) {
			t.Errorf("%s is looked for", name)
		}
	}
}
