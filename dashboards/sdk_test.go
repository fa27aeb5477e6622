package dashboards

import (
	"encoding/json"
	"strings"
	"testing"
)

// object and list shorten the reading of untyped JSON.
type object = map[string]any

// panelsOf returns the panels and rows of every generated dashboard as Grafana
// reads them, without the SDK.
func panelsOf(t *testing.T) map[string][]object {
	t.Helper()
	all := map[string][]object{}
	for _, f := range generate(t, Options{}, plainSLO(), groupedSLO()) {
		if !strings.HasSuffix(f.Path, ".json") {
			continue
		}
		var d struct{ Panels []object }
		if err := json.Unmarshal(f.Data, &d); err != nil {
			t.Fatal(err)
		}
		all[f.Path] = d.Panels
	}
	if len(all) != 8 {
		t.Fatalf("%d dashboards, want four for all, one per SLO and one per service", len(all))
	}
	return all
}

func TestEveryPanelAndRowHasAnIDOfItsOwn(t *testing.T) {
	for path, panels := range panelsOf(t) {
		seen := map[float64]bool{0: true}
		for _, p := range panels {
			id, _ := p["id"].(float64)
			if seen[id] {
				t.Errorf("%s: panel %v has the id %v, which is zero, missing or taken", path, p["title"], p["id"])
			}
			seen[id] = true
		}
	}
}

func TestPanelsStandBesideTheirRowNotInsideIt(t *testing.T) {
	rows := 0
	for path, panels := range panelsOf(t) {
		for _, p := range panels {
			if p["type"] != "row" {
				continue
			}
			rows++
			if inside, _ := p["panels"].([]any); len(inside) > 0 || p["collapsed"] != false {
				t.Errorf("%s: row %v hides %d panels", path, p["title"], len(inside))
			}
		}
	}
	if rows == 0 {
		t.Error("no dashboard has a row")
	}
}

func TestAStatSaysItsOrientation(t *testing.T) {
	for path, panels := range panelsOf(t) {
		for _, p := range panels {
			options, _ := p["options"].(object)
			if orientation, has := options["orientation"]; has && orientation != "auto" {
				t.Errorf("%s: panel %v has the orientation %q", path, p["title"], orientation)
			}
			if _, has := options["orientation"]; p["type"] == "stat" && !has {
				t.Errorf("%s: panel %v has no orientation", path, p["title"])
			}
		}
	}
}

func TestEveryTargetNamesItselfAndItsDataSource(t *testing.T) {
	for path, panels := range panelsOf(t) {
		for _, p := range panels {
			targets, _ := p["targets"].([]any)
			if p["type"] != "row" && len(targets) == 0 {
				t.Errorf("%s: panel %v asks nothing", path, p["title"])
			}
			for _, target := range targets {
				target := target.(object)
				source, _ := target["datasource"].(object)
				wanted := [2]any{"${datasource}", "prometheus"}
				if target["queryType"] == "traceql" {
					wanted = [2]any{"${traces}", "tempo"}
				}
				if target["refId"] == "" || target["refId"] == nil || [2]any{source["uid"], source["type"]} != wanted {
					t.Errorf("%s: panel %v has a target with refId %v and data source %v", path, p["title"], target["refId"], source)
				}
			}
		}
	}
}

func TestATableHasAFooterWithoutNull(t *testing.T) {
	tables := 0
	for path, panels := range panelsOf(t) {
		for _, p := range panels {
			if p["type"] != "table" {
				continue
			}
			tables++
			footer, _ := p["options"].(object)["footer"].(object)
			if reducer, ok := footer["reducer"].([]any); !ok || len(reducer) != 0 {
				t.Errorf("%s: table %v has the reducer %v, want an empty list", path, p["title"], footer["reducer"])
			}
		}
	}
	if tables == 0 {
		t.Error("no dashboard has a table")
	}
}

func TestAUIDThatGrafanaRefusesIsRefused(t *testing.T) {
	for name, uid := range map[string]string{
		"41 characters": strings.Repeat("a", 41), "7 characters": "burnlin", "a slash": "burnline/overview", "none": "",
	} {
		if _, err := encode(board{Board: Board{UID: uid, Title: "x"}, from: "now-1h"}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAnSLOKeepsItsUIDAndAnotherHasAnother(t *testing.T) {
	long := strings.Repeat("service/", 40)
	if a, b := sloUID(long+"a"), sloUID(long+"b"); a == b || len(a) > 40 {
		t.Errorf("uids %q and %q: want two different ones of at most 40 characters", a, b)
	}
	changed := plainSLO()
	changed.Objective, changed.Team = 99, "others"
	if a, b := detail(ptr(plainSLO()), Options{}).UID, detail(&changed, Options{}).UID; a != b {
		t.Errorf("the uid changed from %s to %s with the objective", a, b)
	}
}

func TestTheStrictDecoderTakesEveryDashboardAndNoUnknownField(t *testing.T) {
	tried := map[string]int{}
	for _, f := range generate(t, Options{}, plainSLO(), groupedSLO()) {
		if !strings.HasSuffix(f.Path, ".json") {
			continue
		}
		if _, err := decode(f.Data); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
		for what, broken := range map[string][2]string{
			"dashboard": {`"uid":`, `"nonsense": 1, "uid":`},
			"options":   {`"showHeader":`, `"nonsense": 1, "showHeader":`},
			"target":    {`"expr":`, `"nonsense": 1, "expr":`},
		} {
			text := strings.Replace(string(f.Data), broken[0], broken[1], 1)
			if text == string(f.Data) {
				continue // dashboards of one SLO have no table
			}
			tried[what]++
			if _, err := decode([]byte(text)); err == nil {
				t.Errorf("%s: an unknown field in the %s passed", f.Path, what)
			}
		}
	}
	for _, what := range []string{"dashboard", "options", "target"} {
		if tried[what] < 3 {
			t.Errorf("only %d dashboards have %s to spoil", tried[what], what)
		}
	}
}

func TestALineThatDoesNotFillTheGridIsRefused(t *testing.T) {
	b := board{Board: Board{UID: "burnline-test", Title: "x"}, from: "now-1h", sections: []section{{lines: []line{
		{height: 4, panels: []panel{{kind: kindStat, title: "narrow", width: 7}}},
	}}}}
	if _, err := encode(b); err == nil || !strings.Contains(err.Error(), "7 columns") {
		t.Errorf("a line of 7 columns: %v", err)
	}
}

func TestTheDataSourceIsAVariableAndNoImportInput(t *testing.T) {
	for _, f := range generate(t, Options{}, plainSLO(), groupedSLO()) {
		text := string(f.Data)
		if strings.Contains(text, "__inputs") || strings.Contains(text, "${DS_") {
			t.Errorf("%s asks for inputs, which only the import dialogue fills in", f.Path)
		}
		if strings.HasSuffix(f.Path, ".json") && !strings.Contains(text, `"type": "datasource"`) {
			t.Errorf("%s has no data source variable", f.Path)
		}
	}
}
