package dashboards

import (
	"os"
	"strings"
	"testing"

	"burnline/slo"
)

// readOne reads additions to the dashboards of two SLOs.
func readOne(text string) ([]Addition, slo.Findings) {
	return ReadAdditions("mine.yaml", []byte(text), []slo.Definition{plainSLO(), groupedSLO()})
}

const goodAddition = `apiVersion: burnline/v1
kind: DashboardPanels
boards: ["slo:checkout/*", overview]
row: Database
panels:
  - title: Connections
    description: Open connections of $service; at 100 new requests wait.
    unit: short
    query: sum by (pool) (db_connections{service=~"$service"})
    legend: "{{pool}}"
  - title: Slow queries
    description: Queries a second that took more than a second.
    unit: cps
    draw: stacked
    width: 8
    queries:
      - {expr: 'sum(rate(db_slow_total{service=~"$service"}[$__rate_interval]))', legend: all, exemplars: true}
  - {title: Newest backup, description: When the newest backup ended., unit: dateTimeFromNow, draw: number, width: 4, query: max(db_backup_end_seconds) * 1000}
  - {title: Pools, description: Every pool., unit: short, draw: table, query: db_pools}
`

func TestPanelsOfAFileStandOnTheDashboardsThatItNames(t *testing.T) {
	additions, findings := readOne(goodAddition)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	with := 0
	for _, f := range generate(t, Options{Additions: additions}, plainSLO(), groupedSLO()) {
		has := strings.Contains(string(f.Data), `"Connections"`)
		wanted := f.Board.Name == "overview" || f.Board.Name == "slo:checkout/availability"
		if has != wanted {
			t.Errorf("%s has the panel: %v, want %v", f.Path, has, wanted)
		}
		if !has {
			continue
		}
		with++
		queries, err := Queries(f.Data, nil)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, q := range queries {
			found = found || q.Panel == "Slow queries" && q.Exemplars && strings.Contains(q.Expr, "[2m]") && !strings.Contains(q.Expr, "$")
		}
		if !found {
			t.Errorf("%s does not ask for slow queries", f.Path)
		}
	}
	if with != 2 {
		t.Errorf("%d dashboards have the panel, want 2", with)
	}
}

func TestWhatIsWrongInAFileOfPanelsIsSaidWithItsLine(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"PromQL that does not parse", "sum by (pool) (db_connections", "sum by (pool (db_connections", "mine.yaml:9: panels[0].query"},
		{"a variable that the dashboard does not have", `db_connections{service=~"$service"}`, `db_connections{service=~"$servce"}`, "mine.yaml:9: panels[0].query: an unknown variable is left"},
		{"a counter as it is", "db_pools", "db_pools_total", "mine.yaml:19: panels[3].query: the counter db_pools_total is not shown by its rate"},
		{"a key that does not exist", "legend: \"{{pool}}\"", "legnd: \"{{pool}}\"", "mine.yaml:10: panels[0].legnd"},
		{"no unit", "    unit: cps\n", "", "panels[1].unit: it is missing"},
		{"a dashboard that does not exist", "overview]", "overviews]", `mine.yaml:3: boards[1]: there is no dashboard "overviews"`},
		{"a width beyond the page", "width: 8", "width: 25", "mine.yaml:15: panels[1].width"},
		{"an unknown way to draw", "draw: stacked", "draw: pie", `mine.yaml:14: panels[1].draw: unknown way to draw "pie"`},
		{"a file of another kind", "kind: DashboardPanels", "kind: SLO", "mine.yaml:2: kind"},
		{"no file at all", goodAddition, "", "mine.yaml:1: the file is empty"},
		{"no row", "row: Database", "row: ''", "mine.yaml:4: row"},
		{"two queries for a number", "query: max(db_backup_end_seconds) * 1000", "queries: [{expr: a}, {expr: b}]", "a number shows one query"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(goodAddition, c.from, c.to, 1)
			if text == goodAddition {
				t.Fatalf("the file does not hold %q", c.from)
			}
			additions, findings := readOne(text)
			said := ""
			for _, f := range findings {
				said += f.String() + "\n"
			}
			if !strings.Contains(said, c.want) || len(additions) > 0 {
				t.Errorf("found\n%s(%d additions), want something with %q", said, len(additions), c.want)
			}
		})
	}
}

func TestWhatIsWrongInAnAdditionOfGoIsSaid(t *testing.T) {
	_, err := Generate([]slo.Definition{plainSLO()}, Options{Additions: []Addition{{
		Boards: []string{"nowhere"}, Row: "Mine", Panels: []Panel{{Title: "x", Description: "y", Queries: []PanelQuery{{Expr: "a"}}}},
	}}})
	if err == nil || !strings.Contains(err.Error(), `no dashboard "nowhere"`) || !strings.Contains(err.Error(), "panels[0].unit") {
		t.Errorf("%v, want that there is no such dashboard and no unit", err)
	}
}

func FuzzReadAdditions(f *testing.F) {
	f.Add([]byte(goodAddition))
	if text, err := os.ReadFile("../examples/grafana/panels.yaml"); err == nil {
		f.Add(text)
	}
	f.Add([]byte("boards: [x"))
	f.Add([]byte(strings.Replace(goodAddition, `"slo:checkout/*"`, "on*", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		additions, findings := ReadAdditions("mine.yaml", data, nil)
		if len(findings.Errors()) > 0 {
			return
		}
		boards := build(nil, Options{ExternalURL: DefaultURL})
		if err := add(boards, additions); err != nil {
			t.Errorf("what was read without a finding can't be added: %v", err)
		}
		for _, b := range boards {
			if _, err := encode(b); err != nil {
				t.Errorf("what was read without a finding can't be written: %v", err)
			}
		}
	})
}
