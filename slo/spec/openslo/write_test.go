package openslo_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/openslo"
)

// written writes definitions and reads them again.
func written(t *testing.T, defs []slo.Definition) (string, []slo.Definition, slo.Findings) {
	t.Helper()
	return dialecttest.Again(t, openslo.Write, read, defs)
}

func withoutSource(defs []slo.Definition) []slo.Definition {
	var all []slo.Definition
	for _, d := range defs {
		d.Source = slo.Source{}
		all = append(all, d)
	}
	return all
}

// What OpenSLO says, it can be told again: only what Burnline has no exact word for differs.
func TestWhatIsReadIsWrittenAndReadTheSame(t *testing.T) {
	inputs, err := filepath.Glob("testdata/in-*.yaml")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	seen := 0
	for _, input := range inputs {
		data, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
		defs, _ := read(input, data)
		text, again, lost := written(t, defs)
		seen += len(defs)
		if len(lost) > 0 {
			t.Errorf("%s loses %v\n%s", input, lost, text)
		}
		for i, d := range withoutSource(defs) {
			// A factor that is written has its share of the budget but for the last digits.
			for j := range d.Policies {
				d.Policies[j].Share = again[i].Policies[j].Share
			}
			if !reflect.DeepEqual(d, withoutSource(again)[i]) {
				t.Errorf("%s: %s comes back as\n%+v\nnot\n%+v\n%s", input, d.ID, again[i], d, text)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d SLOs were compared", seen)
	}
}

func selector(name string) slo.Selector { return slo.Selector{Name: name} }

// plain is an SLO that OpenSLO can say.
func plain() slo.Definition {
	const month = 30 * 24 * time.Hour
	return slo.Definition{
		ID: "shop/pay", Name: "pay", Service: "shop", Team: "payments", Journey: "buy", Description: "Customers can pay.", Objective: 99.9,
		Window: slo.Window{Rolling: month}, NoData: slo.NoDataAuto, ResolveAfter: 5 * time.Minute, MinBad: 2, Dialect: slo.OpenSLO,
		SLI: slo.SLI{Events: &slo.EventsSLI{
			Bad:   slo.Sum{{Selector: selector("failed_total")}, {Selector: selector("lost_total")}},
			Total: slo.Sum{{Selector: selector("all_total")}, {Selector: selector("probes_total"), Minus: true}},
		}},
		GroupBy: []string{"region"}, Policies: slo.DefaultPolicies(month), Source: slo.Source{File: "in.yaml", Line: 3},
	}
}

func TestAPlainSLOLosesNothing(t *testing.T) {
	text, again, lost := written(t, []slo.Definition{plain()})
	if len(lost) > 0 || len(again) != 1 || !reflect.DeepEqual(again[0].SLI, plain().SLI) {
		t.Errorf("%v\n%s\n%+v", lost, text, again)
	}
	if want := "sum by (region) (all_total) - sum by (region) (probes_total)"; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}

func TestWriteNamesWhatOpenSLOCannotSay(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*slo.Definition)
		want   string
	}{
		{"a latency is a query", func(d *slo.Definition) {
			d.SLI = slo.SLI{Latency: &slo.LatencySLI{Histogram: selector("request_seconds"), Threshold: time.Second}}
		}, `sli: a latency (request_seconds within 1s) becomes events (good request_seconds_bucket{le=~"1(\\.0)?"} of request_seconds_count)`},
		{"when an incident closes", func(d *slo.Definition) { d.ResolveAfter = time.Minute }, "resolve_after: 1m becomes 5m"},
		{"the least number of bad events", func(d *slo.Definition) { d.MinBad = 10 }, "min_bad: 10 becomes 2"},
		{"silence that is ignored", func(d *slo.Definition) { d.NoData = slo.NoDataIgnore }, "no_data: ignore becomes auto"},
		{"labels for receivers", func(d *slo.Definition) { d.AlertLabels = map[string]string{"channel": "x"} }, "alerting.labels: [channel:x] is left out"},
		{"a short window that is no twelfth", func(d *slo.Definition) { d.Policies[0].Short = 2 * time.Minute }, "policies: page 1h/2m above 14.4"},
		{"no policies", func(d *slo.Definition) { d.Policies = nil }, "policies: it becomes page 1h/5m above 14.4"},
		{"seconds", func(d *slo.Definition) {
			d.Budgeting = slo.Budgeting{Method: slo.RatioTimeslices, Slice: 30 * time.Second}
		}, "budgeting: ratio_timeslices of 30s, target 0% becomes ratio_timeslices of 1m, target 0%"},
		{"equality", func(d *slo.Definition) {
			up := selector("up")
			d.GroupBy, d.SLI = nil, slo.SLI{Samples: &slo.SamplesSLI{Selector: &up, Op: slo.EQ, Value: 1, Every: time.Minute}}
		}, "sli: samples (up eq 1 every 1m) becomes samples ((up) == bool 1 gte 1 every 1m)"},
		{"parts from elsewhere", func(d *slo.Definition) {
			d.GroupBy, d.SLI = nil, slo.SLI{Composite: &slo.CompositeSLI{Method: slo.Worst, Parts: []slo.CompositePart{{SLO: "a/b", Weight: 1}, {SLO: "c/d", Weight: 1}}}}
		}, "it is left out: OpenSLO's composites hold their parts"},
		{"one of several objectives", func(d *slo.Definition) { d.ID += "/99.9" }, "its ID becomes shop/pay-99.9"},
		{"a name for nobody else", func(d *slo.Definition) { d.Name, d.ID = "Pay", "shop/Pay" }, "is none to other readers of OpenSLO"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := plain()
			c.change(&d)
			var text bytes.Buffer
			lost, err := openslo.Write(&text, []slo.Definition{d})
			if err != nil || !strings.Contains(lost.Error(), c.want) || lost[0].Source != d.Source {
				t.Errorf("lost %v, error %v; want %q\n%s", lost, err, c.want, &text)
			}
		})
	}
}

// refusing is a writer that takes nothing.
type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestAWriterThatRefusesIsAnError(t *testing.T) {
	if _, err := openslo.Write(refusing{}, []slo.Definition{plain()}); err == nil || !strings.HasPrefix(err.Error(), "write OpenSLO files: ") {
		t.Errorf("error %v", err)
	}
}
