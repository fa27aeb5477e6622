package dashboards

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"burnline/slo"
)

func TestQueriesReplaceVariablesByWhatIsChosen(t *testing.T) {
	var data []byte
	for _, f := range generate(t, Options{}, groupedSLO()) {
		if strings.Contains(f.Path, "slo-search") {
			data = f.Data
		}
	}
	queries, err := Queries(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Query{
		{Panel: "$region", RefID: "region", Label: "region", Selector: `slo_status{slo="search/\"fast\" answers"}`},
		{Panel: "Events", RefID: "A", Expr: `sum by (outcome) (rate(slo_events_total{slo="search/\"fast\" answers",region=~".*",zone=~".*"}[2m]))`},
		{
			Panel: "Burn rate over 1m and 10s: page above 14.4", RefID: "B",
			Expr: `slo_burn_rate{slo="search/\"fast\" answers",region=~".*",zone=~".*",window="10s"}`,
		},
	}
	for _, w := range want {
		if !slices.Contains(queries, w) {
			t.Errorf("%+v is missing", w)
		}
	}
	chosen, err := Queries(data, map[string]string{"region": "eu", "__rate_interval": "5m"})
	if err != nil {
		t.Fatal(err)
	}
	events := Query{Panel: "Events", RefID: "A", Expr: `sum by (outcome) (rate(slo_events_total{slo="search/\"fast\" answers",region=~"eu",zone=~".*"}[5m]))`}
	if !slices.Contains(chosen, events) {
		t.Errorf("%+v is missing", events)
	}
}

func TestTheSameDefinitionsInAnyOrderGiveTheSameBytes(t *testing.T) {
	a := generate(t, Options{}, plainSLO(), groupedSLO())
	b := generate(t, Options{}, groupedSLO(), plainSLO())
	if len(a) != len(b) {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for i := range a {
		if a[i].Path != b[i].Path || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s differs from %s", a[i].Path, b[i].Path)
		}
		if !bytes.Contains(a[i].Data, []byte(Mark)) {
			t.Errorf("%s does not carry the mark", a[i].Path)
		}
	}
}

func TestEveryStateHasItsOwnWordOnTheDashboards(t *testing.T) {
	var states []slo.State
	texts := map[string]bool{}
	for _, r := range ranks() {
		states = append(states, r.states...)
		texts[r.text] = true
		if r.colour == green && !slices.Equal(r.states, []slo.State{slo.StateOK}) {
			t.Errorf("%v is shown green", r.states)
		}
	}
	all := []slo.State{slo.StateOK, slo.StateBurning, slo.StateSpent, slo.StateIdle, slo.StateMissing, slo.StateBroken, slo.StateUnseen}
	for _, s := range all {
		if !slices.Contains(states, s) {
			t.Errorf("the state %s has no word", s)
		}
	}
	if len(states) != len(all) || len(texts) != len(all) {
		t.Errorf("%d states and %d words, want %d of each", len(states), len(texts), len(all))
	}
}

func TestWrongAddressesAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"a URL without scheme":       {ExternalURL: "burnline.example.com"},
		"a URL that is no web page":  {ExternalURL: "ftp://burnline.example.com"},
		"a relative path at Grafana": {GrafanaPath: "dashboards"},
	} {
		if _, err := Generate([]slo.Definition{plainSLO()}, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTheOddPolicyOutFillsItsLine(t *testing.T) {
	d := plainSLO()
	d.Policies = d.Policies[:3]
	lines := policyLines(&d)
	if len(lines) != 2 || lines[1].panels[0].width != gridWidth {
		t.Errorf("three policies stand in %d lines, the last %d wide", len(lines), lines[len(lines)-1].panels[0].width)
	}
}
