package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/internal/harness/pagerduty"
	"burnline/slo/explain"
	"burnline/storage/metrics/local"
)

const labelledSLOs = `
apiVersion: burnline/v1
kind: SLO
metadata: {name: buy}
spec:
  service: shop
  team: web
  objective: 99.9
  sli:
    events: {bad: 'hits_total{job="shop",code=~"5.."}', total: 'hits_total{job="shop"}'}
---
apiVersion: burnline/v1
kind: SLO
metadata: {name: fast}
spec:
  service: shop
  team: web
  objective: 99
  sli:
    latency: {histogram: 'took_seconds{job="shop"}', threshold: 300ms}
---
apiVersion: burnline/v1
kind: SLO
metadata: {name: asked}
spec:
  service: shop
  team: web
  objective: 99
  sli:
    ratio: {query: 'sum(rate(hits_total{code="503"}[$window])) / sum(rate(hits_total[$window]))'}
`

// storeShop fills a data folder with three hours of a shop, in three regions on three routes,
// that end now. In the last half hour three in ten requests fail in eu on /pay, and those of ap
// are slow; half of those on / in us are as slow, but they always were.
func storeShop(t *testing.T, data string) (breach time.Time) {
	t.Helper()
	s, err := local.Open(local.Options{
		Dir: filepath.Join(data, "metrics"), Retention: 100 * 24 * time.Hour, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(15 * time.Second)
	breach = now.Add(-30 * time.Minute)
	app := s.AppenderV2(t.Context())
	write := func(at time.Time, v float64, pairs ...string) {
		pairs = append(pairs, "job", "shop")
		if _, err := app.Append(0, labels.FromStrings(pairs...), 0, at.UnixMilli(), v, nil, nil, storage.AOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, region := range []string{"eu", "us", "ap"} {
		for _, route := range []string{"/pay", "/cart", "/"} {
			good, bad, fast := 0.0, 0.0, 0.0
			for at := now.Add(-3 * time.Hour); !at.After(now); at = at.Add(15 * time.Second) {
				failed, slow := 0.0, 0.0
				if at.After(breach) && region == "eu" && route == "/pay" {
					failed = 9
				}
				if at.After(breach) && region == "ap" || region == "us" && route == "/" {
					slow = 15
				}
				good, bad, fast = good+30-failed, bad+failed, fast+30-slow
				of := []string{"region", region, "route", route, "pod", region + "-0"}
				write(at, good, append(of, "__name__", "hits_total", "code", "200")...)
				write(at, bad, append(of, "__name__", "hits_total", "code", "503")...)
				write(at, good+bad, append(of, "__name__", "took_seconds_count")...)
				write(at, good+bad, append(of, "__name__", "took_seconds_bucket", "le", "+Inf")...)
				write(at, fast, append(of, "__name__", "took_seconds_bucket", "le", "0.3")...)
			}
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return breach
}

// A live SLO on labelled metrics says which labels its failures have, on the real program over
// stored history.
func TestALiveSLOIsExplainedByItsLabels(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{})
	breach := storeShop(t, filepath.Join(s.dir, "data"))
	s.write("slos/shop.yaml", labelledSLOs)
	s.configure("")
	s.start()
	s.eventually("the incident is open, and explained from its own beginning", func() bool {
		_, answer, _ := s.explain("--slo", "shop/buy", "-o", "json")
		return answer.Incident != "" && answer.Verdict == explain.VerdictCauses
	})
	out, _, code := s.explain("--slo", "shop/buy")
	for _, want := range []string{"shop/buy, from ", ", incident ", `1. region="eu", route="/pay"`, "failed, 30 %; elsewhere 0 %; before 0 %", "it holds 100 % of all failures",
		"events by region, route, pod."} {
		if !strings.Contains(out, want) || code != exitFine {
			t.Errorf("no %q, code %d, in\n%s", want, code, out)
		}
	}
	since := breach.UTC().Format(time.RFC3339)
	out, answer, code := s.explain("--slo", "shop/fast", "--from", since, "-o", "json")
	if code != exitFine || answer.Where == nil || len(answer.Where.Explanations) != 1 || fmt.Sprint(answer.Where.Explanations[0].Labels) != "map[region:ap]" {
		t.Errorf("of what is slow, code %d:\n%s", code, out)
	}
	out, answer, code = s.explain("--slo", "shop/buy", "--from", breach.Add(-time.Hour).UTC().Format(time.RFC3339), "--to", breach.Add(-time.Minute).UTC().Format(time.RFC3339))
	if code != exitFindings || !strings.Contains(out, "It can't be told where the events fail") {
		t.Errorf("before anything failed, code %d: %+v\n%s", code, answer, out)
	}
	if out, _, code := s.explain("--slo", "shop/asked", "--from", since); code != exitFindings || !strings.Contains(out, "It can't be told") {
		t.Errorf("of an SLO that a query counts, code %d:\n%s", code, out)
	}
	if out, _, code := s.explain("--slo", "shop/none"); code != exitFindings || !strings.Contains(out, "No SLO has this ID.") || strings.Contains(out, "none/explain") {
		t.Errorf("of an unknown SLO, code %d:\n%s", code, out)
	}
}

// explain runs burnline explain against the story's server.
func (s *story) explain(args ...string) (string, explained, int) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"explain", "--server", "http://" + s.web}, args...)
	code := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr)
	var answer explained
	if strings.HasPrefix(stdout.String(), "{") {
		if err := json.Unmarshal(stdout.Bytes(), &answer); err != nil {
			s.t.Fatal(err)
		}
	}
	return stdout.String() + stderr.String(), answer, code
}
