package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting/drills"
	"burnline/alerting/shadow"
	"burnline/alerting/silences"
	"burnline/internal/tracesearch/tracetest"
	"burnline/slo/changes"
)

// description is the part of openapi.json that tests hold against the server.
type description struct {
	Paths      map[string]map[string]described `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type described struct {
	Responses map[string]struct {
		Content map[string]struct {
			Schema schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []string          `json:"enum"`
	Free       any               `json:"additionalProperties"`
}

func describe(t *testing.T) description {
	t.Helper()
	data, err := embedded.ReadFile("api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var d description
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOpenAPIListsExactlyTheRoutesThatExist(t *testing.T) {
	shop := newShop(noon)
	s, err := newServer(Options{Engine: shop, Ledger: shop, System: shop, Corrections: &ledgerOfCorrections{}, Silences: &silences.Keeper{}, Shadow: &shadow.Desk{}, Drills: &drills.Keeper{}, Changes: &changes.Keeper{},
		Acknowledge: func(context.Context, string, string, string, time.Time) error { return nil }, Reload: func() error { return nil }, Traces: &tracetest.Memory{},
		ForgetCustomer: func(context.Context, string) (int, error) { return 0, nil }})
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for _, r := range s.routes() {
		if r.api == nil || r.api.summary != "" {
			continue
		}
		parts := strings.Split(r.path, "/")
		for i, p := range parts {
			if p != "" && (p[0] == ':' || p[0] == '*') {
				parts[i] = "{" + p[1:] + "}"
			}
		}
		have = append(have, r.method+" "+strings.Join(parts, "/"))
	}
	for path, ops := range describe(t).Paths {
		for method := range ops {
			want = append(want, strings.ToUpper(method)+" "+path)
		}
	}
	have = append(have, "GET /api/v1/slos/{id}/versions", "GET /api/v1/slos/{id}/explain") // the router has no name for what follows an ID with slashes
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the router has\n%s\nopenapi.json has\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
}

func TestAnswersHaveTheDescribedShape(t *testing.T) {
	d := describe(t)
	srv := serve(t, newShop(noon), nil)
	for path, real := range map[string]string{
		"/api/v1/slos": "/api/v1/slos", "/api/v1/slos/{id}": "/api/v1/slos/checkout/availability", "/api/v1/incidents": "/api/v1/incidents",
		"/api/v1/incidents/{key}": "/api/v1/incidents/4be7a1c0d2f9", "/api/v1/health": "/api/v1/health",
		"/api/v1/charts/{id}": "/api/v1/charts/checkout/availability?group=region%3Deu&range=6h&points=50",
	} {
		status, body := get(t, srv.URL+real)
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil || status != http.StatusOK {
			t.Fatalf("%s: status %d, %v", real, status, err)
		}
		for _, fault := range d.check(path, d.Paths[path]["get"].Responses["200"].Content["application/json"].Schema, value) {
			t.Error(fault)
		}
	}
}

func TestAnswersOnPromisesHaveTheDescribedShape(t *testing.T) {
	d, p := describe(t), newPromises(t, noon)
	srv := serve(t, p.shop, p.options)
	for _, tc := range []struct{ path, real string }{
		{"/api/v1/slos", "/api/v1/slos"}, {"/api/v1/slos/{id}", "/api/v1/slos/pay/availability"}, {"/api/v1/slos/{id}", "/api/v1/slos/shop/buying"},
		{"/api/v1/slos/{id}/versions", "/api/v1/slos/pay/availability/versions"}, {"/api/v1/charts/{id}", "/api/v1/charts/pay/availability?range=30d&points=20"},
		{"/api/v1/incidents", "/api/v1/incidents"}, {"/api/v1/incidents/{key}", "/api/v1/incidents/a1e47"}, {"/api/v1/corrections", "/api/v1/corrections?removed=true"},
	} {
		status, body := get(t, srv.URL+tc.real)
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil || status != http.StatusOK {
			t.Fatalf("%s: status %d, %v", tc.real, status, err)
		}
		for _, fault := range d.check(tc.real, d.Paths[tc.path]["get"].Responses["200"].Content["application/json"].Schema, value) {
			t.Error(fault)
		}
	}
}

// check compares a value with its schema: types, no field missing, none that is
// not described.
func (d description) check(at string, s schema, v any) (faults []string) {
	if s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	kind := map[bool]string{true: "null"}[v == nil]
	switch x := v.(type) {
	case string:
		kind = "string"
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, x) {
			faults = append(faults, at+": "+x+" is not described")
		}
	case float64:
		kind = "number"
	case bool:
		kind = "boolean"
	case []any:
		kind = "array"
		for i, item := range x[:min(len(x), 20)] {
			faults = append(faults, d.check(fmt.Sprintf("%s[%d]", at, i), *s.Items, item)...)
		}
	case map[string]any:
		kind = "object"
		for name, item := range x {
			if p, ok := s.Properties[name]; ok {
				faults = append(faults, d.check(at+"."+name, p, item)...)
			} else if len(s.Properties) > 0 {
				faults = append(faults, at+"."+name+" is not described")
			}
		}
		for _, name := range s.Required {
			if _, ok := x[name]; !ok {
				faults = append(faults, at+"."+name+" is missing")
			}
		}
	}
	types := strings.ReplaceAll(fmt.Sprint(s.Type), "integer", "number")
	if !strings.Contains(types, kind) {
		faults = append(faults, fmt.Sprintf("%s is %s, described as %v", at, kind, s.Type))
	}
	return faults
}

func TestAChartSaysInWordsWhatItShows(t *testing.T) {
	_, body := get(t, serve(t, newShop(noon), nil).URL+"/api/v1/charts/checkout/availability?group=region%3Deu&range=6h&points=60")
	var ch chartJSON
	if err := json.Unmarshal([]byte(body), &ch); err != nil {
		t.Fatal(err)
	}
	if len(ch.T) != 60 || len(ch.Burns) != len(ch.Windows) || len(ch.Thresholds) != 4 {
		t.Errorf("%d points, %d windows, %d burn columns, %d thresholds", len(ch.T), len(ch.Windows), len(ch.Burns), len(ch.Thresholds))
	}
	for key, want := range map[string]string{"budget": "of the error budget is left.", "burn": "Burn at the end:", "errors": "events were bad. The worst step had"} {
		if !strings.Contains(ch.Summary[key], want) {
			t.Errorf("summary %s is %q", key, ch.Summary[key])
		}
	}
}
