package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"

	"burnline/internal/harness/sizing"
)

const (
	kib, mib, gib = 1 << 10, 1 << 20, 1 << 30
	day           = 86400
	interval      = 15
)

// TestTheWorkedExampleFollowsFromTheFigures computes the tables of docs/sizing.md anew from its first ones.
func TestTheWorkedExampleFollowsFromTheFigures(t *testing.T) {
	f := sizing.Figures(t)
	mixed := 0.6*f["a sample of a counter, scraped"] + 0.3*f["a sample of a counter that stands still"] + 0.1*f["a sample of a gauge"]
	const series, slos, incidents, spans = 200_000, 1000, 20, 50
	perDay := mixed * series * day / interval
	memory := f["an idle server"] + series*f["a series, resident"]*kib/mib + slos*f["an SLO of 50 series, resident"]*kib/mib
	want := map[string]float64{
		"samples a second":            series / interval,
		"memory, usually":             memory,
		"memory to have":              2 * memory / 1024,
		"cores, usually":              f["1,000 SLOs"]*slos/1000 + f["a million samples"]*series/interval/1e6,
		"samples on the disk, a day":  perDay / gib,
		"disk for 35 days of samples": 35 * perDay / gib,
		"state, after a year":         (incidents*365*f["an incident of which three receivers are told"]*kib+slos*365*f["a day of an SLO and group"])/mib + 10,
		"checkpoints":                 slos * f["the checkpoint of an SLO of 50 series"] * kib / mib,
		"traces":                      spans * 72 * 3600 * f["a span of a kept trace"] / gib,
	}
	for name, n := range map[string]float64{"10,000": 1e4, "50,000": 5e4, "200,000": 2e5, "1,000,000": 1e6} {
		want[name] = n * mixed * day / interval / gib
	}
	for name, n := range want {
		if stated, there := f[name]; !there || math.Abs(stated/n-1) > 0.05 {
			t.Errorf("docs/sizing.md states %g for %s, and it is %.3g", stated, name, n)
		}
	}
}

// TestWhatAWholeServerTakesIsWhatWasMeasured compares with docs/benchmarks.md, which benchmarks of whole servers write.
func TestWhatAWholeServerTakesIsWhatWasMeasured(t *testing.T) {
	f := sizing.Figures(t)
	text, err := os.ReadFile("../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	var cpu, memory float64
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) +\| \d+d +\| \d+ +\| ([\d.]+) ms +\| [\d.]+ +\| (\d+) MiB`).FindAllStringSubmatch(string(text), -1) {
		slos, ms, of := number(t, m[1]), number(t, m[2]), number(t, m[3])
		if slos < 1000 {
			continue // what a server takes besides is as much as they take
		}
		cpu, memory = max(cpu, ms*1000/60_000), max(memory, of*mib/kib/slos)
	}
	ingest := regexp.MustCompile(`(?m)^\| CPU-s per million points +\| ([\d.]+)`).FindSubmatch(text)
	idle := regexp.MustCompile(`(?m)^\| burnline serve .*\| (\d+) MB +\|$`).FindSubmatch(text)
	if ingest == nil || idle == nil || cpu == 0 {
		t.Fatal("docs/benchmarks.md has no such tables")
	}
	for name, measured := range map[string]float64{
		"1,000 SLOs": cpu, "an SLO of 50 series, resident": memory,
		"a million samples": number(t, string(ingest[1])), "an idle server": number(t, string(idle[1])),
	} {
		if stated := f[name]; measured > 1.1*stated || measured < 0.5*stated {
			t.Errorf("%s: docs/benchmarks.md has %.3g, and docs/sizing.md %g", name, measured, stated)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(fmt.Errorf("read %q: %w", text, err))
	}
	return n
}
