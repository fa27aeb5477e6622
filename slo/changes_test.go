package slo_test

import (
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

func TestChangesAreToldInPlainWords(t *testing.T) {
	before := func() *slo.Definition {
		return &slo.Definition{
			Objective: 99.9, Window: slo.Window{Rolling: 30 * day}, Team: "payments", NoData: slo.NoDataAuto,
			SLI:      slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "request_duration_seconds"}, Threshold: 300 * time.Millisecond}},
			Policies: slo.DefaultPolicies(30 * day)[:1], Source: slo.Source{File: "a.yaml", Line: 1},
			Budgeting: slo.Budgeting{Method: slo.Timeslices, Slice: time.Minute, Target: 0.95},
		}
	}
	for _, test := range []struct {
		what    string
		change  func(*slo.Definition)
		want    []string
		lowered bool
	}{
		{"nothing", func(*slo.Definition) {}, nil, false},
		{"a move to another file is no change", func(d *slo.Definition) { d.Source = slo.Source{File: "b.yaml", Line: 7} }, nil, false},
		{"a lower objective", func(d *slo.Definition) { d.Objective = 99.5 }, []string{"the objective was lowered from 99.9% to 99.5%"}, true},
		{"a higher objective", func(d *slo.Definition) { d.Objective = 99.95 }, []string{"the objective was raised from 99.9% to 99.95%"}, false},
		{"a longer threshold", func(d *slo.Definition) {
			d.SLI.Latency = &slo.LatencySLI{Histogram: d.SLI.Latency.Histogram, Threshold: time.Second}
		}, []string{"the threshold changed from 300ms to 1s"}, true},
		{"a lower target of slices", func(d *slo.Definition) { d.Budgeting.Target = 0.9 },
			[]string{"the budgeting changed from timeslices of 1m at 95% to timeslices of 1m at 90%"}, true},
		{"another histogram", func(d *slo.Definition) {
			d.SLI.Latency = &slo.LatencySLI{Histogram: slo.Selector{Name: "other_seconds"}, Threshold: time.Second}
		}, []string{"what is counted changed"}, false},
		{"several at once", func(d *slo.Definition) {
			d.Window, d.Team, d.Policies = slo.Window{Rolling: 7 * day}, "commerce", nil
		}, []string{"the window changed from 30d to 7d", "the alert policies changed from page 1h/5m above 14.4 to nothing",
			`the team changed from "payments" to "commerce"`}, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			now := before()
			test.change(now)
			got, lowered := slo.Changes(before(), now)
			if !slices.Equal(got, test.want) || lowered != test.lowered {
				t.Errorf("got %q, lowered %t; want %q, %t", got, lowered, test.want, test.lowered)
			}
		})
	}
}
