package dashboards

import (
	"errors"
	"strings"
	"testing"
)

// overviewJSON returns the overview as it is generated.
func overviewJSON(t *testing.T) string {
	t.Helper()
	for _, f := range generate(t, Options{}, plainSLO()) {
		if strings.HasSuffix(f.Path, "overview.json") {
			return string(f.Data)
		}
	}
	t.Fatal("no overview was generated")
	return ""
}

func TestLintFindsWhatIsWrong(t *testing.T) {
	good := overviewJSON(t)
	if errs := Lint([]byte(good)); len(errs) > 0 {
		t.Fatalf("the overview breaks rules: %v", errors.Join(errs...))
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"it can be edited", `"editable": false`, `"editable": true`, "can be edited"},
		{"the uid is too long", `"uid": "burnline-overview"`, `"uid": "` + strings.Repeat("x", 41) + `"`, "the uid"},
		{"an id is used twice", `"id": 2,`, `"id": 1,`, "used twice"},
		{"an id is zero", `"id": 2,`, `"id": 0,`, "zero or used twice"},
		{"a panel has no title", `"title": "Burning"`, `"title": ""`, "no title"},
		{"a panel has no description", `"description": "All SLOs that are chosen above."`, `"description": ""`, "no description"},
		{"a panel has no unit", `"unit": "percentunit"`, `"unit": ""`, "no unit"},
		{"two targets have one name", `"refId": "B"`, `"refId": "A"`, "refId"},
		{"a target asks a fixed data source", "\"uid\": \"${datasource}\"\n          },\n          \"editorMode\"", "\"uid\": \"prod\"\n          },\n          \"editorMode\"", "chosen data source"},
		{"PromQL does not parse", `"expr": "count(slo_info`, `"expr": "count((slo_info`, "parse error"},
		{"a variable is unknown", `window=\"$window\"`, `window=\"$range\"`, "unknown variable"},
		{"a counter is shown as it is", `"expr": "count(slo_info{service=~\"$service\",team=~\"$team\",slo=~\"$slo\"}) or vector(0)"`, `"expr": "sum(slo_events_total)"`, "not shown by its rate"},
		{"a rate has a fixed interval", `"expr": "count(slo_info{service=~\"$service\",team=~\"$team\",slo=~\"$slo\"}) or vector(0)"`, `"expr": "sum(rate(slo_events_total[5m]))"`, "not shown by its rate"},
		{"panels overlap", "\"x\": 6,\n        \"y\": 0", "\"x\": 5,\n        \"y\": 0", "lies over another"},
		{"panels are not equally high", "\"h\": 4,\n        \"w\": 6,\n        \"x\": 6", "\"h\": 3,\n        \"w\": 6,\n        \"x\": 6", "gaps"},
		{"the data source can't be chosen", `"name": "datasource"`, `"name": "source"`, "does not choose the data source"},
		{"a variable's query is unknown", `"definition": "label_values(slo_info, team)"`, `"definition": "metrics(slo_.*)"`, "is not label_values"},
		{"a row hides its panels", `"collapsed": false`, `"collapsed": true`, "hides its panels"},
		{"it has no title", `"title": "SLOs: overview"`, `"title": ""`, "the dashboard has no title"},
		{"it asks for inputs", `"title": "SLOs: overview"`, `"title": "${DS_PROMETHEUS}"`, "asks for inputs"},
		{"an annotation asks nothing", `"name": "Pages"`, `"name": ""`, "annotation"},
		{"a query is empty", `"expr": "count(slo_info{service=~\"$service\",team=~\"$team\",slo=~\"$slo\"}) or vector(0)"`, `"expr": ""`, "is empty"},
		{"an orientation is empty", `"orientation": "auto"`, `"orientation": ""`, "orientation"},
		{"a reducer is null", `"reducer": []`, `"reducer": null`, "reducer"},
		{"it is not a dashboard", `"panels"`, `"pannels"`, "decode the dashboard"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(good, c.from, c.to, 1)
			if broken == good {
				t.Fatalf("the overview does not hold %q", c.from)
			}
			if err := errors.Join(Lint([]byte(broken))...); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("found %v, want something with %q", err, c.want)
			}
		})
	}
}

func TestLintReadsTraceQL(t *testing.T) {
	b := service("checkout", nil, Options{})
	p := failingTraces("checkout")
	p.targets[0].expr = "{ status = error } | rate()"
	b.sections = []section{row("", 4, p.wide(gridWidth))}
	data, err := encode(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Lint(data)...); err == nil || !strings.Contains(err.Error(), "one pair of braces") {
		t.Errorf("found %v, want that this TraceQL can't be read", err)
	}
}

func FuzzLint(f *testing.F) {
	files, err := Generate(nil, Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(file.Data)
	}
	f.Add([]byte(`{"panels":[{"type":"row"},{"type":"stat","targets":[{}]}]}`))
	f.Fuzz(func(_ *testing.T, data []byte) { _ = Lint(data) })
}
