package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestAnswersHaveTheDescribedShape(t *testing.T) {
	srv := serve(t, newShop(noon), nil)
	for _, path := range []string{"/api/openapi.json", "/api/v1/slos", "/api/v1/slos/checkout/availability", "/api/v1/incidents", "/api/v1/incidents/4be7a1c0d2f9", "/api/v1/health",
		"/api/v1/charts/checkout/availability?group=region%3Deu&range=6h&points=50"} {
		if status, body := get(t, srv.URL+path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestAnswersOnPromisesHaveTheDescribedShape(t *testing.T) {
	p := newPromises(t, noon)
	srv := serve(t, p.shop, p.options)
	for _, path := range []string{"/api/v1/slos", "/api/v1/slos/pay/availability", "/api/v1/slos/shop/buying", "/api/v1/slos/pay/availability/versions",
		"/api/v1/charts/pay/availability?range=30d&points=20", "/api/v1/incidents", "/api/v1/incidents/a1e47", "/api/v1/corrections?removed=true"} {
		if status, body := get(t, srv.URL+path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
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
