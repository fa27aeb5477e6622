package backends

import (
	"net/http"
	"testing"
)

func TestEverySystemStartsAndAnswersQueries(t *testing.T) {
	for name, b := range map[string]*Backend{"prometheus": Run(t, Prometheus), "victoria-metrics": Run(t, VictoriaMetrics)} {
		resp, err := http.Get(b.QueryURL + "/api/v1/query?query=1")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", name, resp.Status)
		}
		if err := b.Settle(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	Run(t, Alertmanager)
}
