package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo/spec"

	"burnline/bench/internal/fleet"
)

func TestTheRulesAreWhatPrometheusTakes(t *testing.T) {
	f := fleet.Fleet{Services: 3, Series: 50}
	groups, errs := rulefmt.Parse([]byte(slothRules(f, 15*time.Second)), false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if len(groups.Groups) != 9 || len(groups.Groups[0].Rules) != 8 {
		t.Errorf("%d groups, the first with %d rules; Sloth has three groups an SLO, the first with eight rules",
			len(groups.Groups), len(groups.Groups[0].Rules))
	}
}

func TestTheSLOsAreWhatBurnlineTakes(t *testing.T) {
	f := fleet.Fleet{Services: 101, Series: 50}
	n := 0
	for name, text := range f.Definitions("30d") {
		set, findings := spec.Parse(name, []byte(text))
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		n += len(set.Definitions)
	}
	if n != f.Services {
		t.Errorf("%d SLOs for %d services", n, f.Services)
	}
}

func TestTheServicesFailHalfOfWhatTheirBudgetAllows(t *testing.T) {
	var good, bad float64
	for _, c := range (fleet.Fleet{Services: 1, Series: 50}).Counters(0) {
		if c.Labels.Get("code") == "500" {
			bad += c.Rate
		} else {
			good += c.Rate
		}
	}
	if share := bad / (good + bad); share < 0.0004 || share > 0.0006 {
		t.Errorf("the error ratio is %g", share)
	}
}

func TestHistoryIsWrittenOnceAndShared(t *testing.T) {
	dir := t.TempDir()
	now := time.Unix(1_800_000_000, 0)
	f := fleet.Fleet{Services: 2, Series: 5, Began: now.Add(-48 * time.Hour)}
	n, err := writeHistory(t.Context(), filepath.Join(dir, "a"), f, []stretch{{now.Add(-24 * time.Hour), now, time.Minute}})
	if err != nil || n != 2*6*24*60 {
		t.Fatalf("%d samples, %v", n, err)
	}
	if err := share(filepath.Join(dir, "a"), filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	chunks, err := filepath.Glob(filepath.Join(dir, "b", "*", "chunks", "*"))
	if err != nil || len(chunks) == 0 {
		t.Errorf("the shared folder has no chunks, %v", err)
	}
}

func TestSizesThatCannotBeReadAreExplained(t *testing.T) {
	sizes, err := parseSizes("100@30d,10000@90d")
	if err != nil || len(sizes) != 2 || sizes[1].slos != 10_000 || sizes[1].past != 91*24*time.Hour {
		t.Errorf("%v, %v", sizes, err)
	}
	if _, err := parseSizes("100"); err == nil || !strings.Contains(err.Error(), "1000@30d") {
		t.Errorf("got %v", err)
	}
}
