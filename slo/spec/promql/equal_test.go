package promql_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"

	"burnline/slo"
	reader "burnline/slo/spec/promql"
)

// Prometheus itself is asked: what is read as counts has to give the ratio that the query gives.
func TestARatioThatIsReadIsTheRatioThatPrometheusAnswers(t *testing.T) {
	storage := promqltest.LoadedStorage(t, `
load 15s
  requests_total{region="eu",code="200",job="a"} 0+90x240
  requests_total{region="eu",code="500",job="a"} 0+3x240
  requests_total{region="us",code="200",job="a"} 0+50x240
  requests_total{region="us",code="404",job="a"} 0+4x240
  requests_total{region="us",code="500",job="b"} 0+1x240
  lost_total{region="eu"} 0+2x240
  lost_total{region="us"} 0+5x240
  took_seconds_count{region="eu"} 0+100x240
  took_seconds_bucket{region="eu",le="0.5"} 0+93x240
  took_seconds_count{region="us"} 0+40x240
  took_seconds_bucket{region="us",le="0.5"} 0+31x240
`)
	t.Cleanup(func() {
		if err := storage.Close(); err != nil {
			t.Error(err)
		}
	})
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	for _, expr := range []string{
		`sum(rate(requests_total{code="500"}[10m])) / sum(rate(requests_total[10m]))`,
		`sum(increase(requests_total{code=~"5.."}[30m])) / sum(increase(requests_total{code!~"404"}[30m]))`,
		`1 - sum(rate(requests_total{code="200"}[10m])) / sum(rate(requests_total[10m]))`,
		`(sum(rate(took_seconds_count[10m])) - sum(rate(took_seconds_bucket{le="0.5"}[10m]))) / sum(rate(took_seconds_count[10m]))`,
		`sum by (region) (rate(requests_total{code="500"}[10m])) / sum by (region) (rate(requests_total[10m]))`,
		`sum by (region) (rate(requests_total{code="500"}[10m])) / on (region) sum by (region) (rate(requests_total[10m]))`,
		`1 - (sum by (region) (rate(took_seconds_bucket{le="0.5"}[10m])) / sum by (region) (rate(took_seconds_count[10m])))`,
		`sum(sum by (region, code) (rate(requests_total{code="500"}[10m]))) / sum(sum by (region) (rate(requests_total[10m])))`,
		`(sum(rate(requests_total{code="500"}[10m])) + sum(rate(lost_total[10m]))) / (sum(rate(requests_total[10m])) + sum(rate(lost_total[10m])))`,
		`(sum(rate(requests_total{code="503"}[10m])) or vector(0)) / sum(rate(requests_total[10m]))`,
		`(sum(rate(requests_total{code="503"}[10m])) or 0 * sum(rate(requests_total[10m]))) / sum(rate(requests_total[10m]))`,
		`sum(rate(requests_total{code="500"}[10m])) / (sum(rate(requests_total[10m])) > 0) or vector(0)`,
		`1 - ((sum(rate(requests_total{code="200"}[10m])) / (sum(rate(requests_total[10m])) > 0)) or on() vector(1))`,
		`clamp_max(sum(rate(requests_total{code="500"}[10m])) / sum(rate(requests_total[10m])), 1)`,
		`clamp(1 - sum(rate(requests_total{code="200"}[10m])) / sum(rate(requests_total[10m])), 0, 1)`,
		`1 * sum(rate(requests_total{code="500"}[10m])) / (sum(rate(requests_total[10m])) - sum(rate(requests_total{code="404"}[10m])))`,
		`1 - (sum(rate(requests_total[10m])) - sum(rate(requests_total{code="500"}[10m]))) / sum(rate(requests_total[10m]))`,
		`sum(rate(took_seconds_count[10m]) - ignoring (le) rate(took_seconds_bucket[10m])) / sum(rate(took_seconds_count[10m]))`,
	} {
		parts, err := reader.Ratio(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		ask := func(expr string) map[string]float64 {
			query, err := engine.NewInstantQuery(context.Background(), storage, nil, expr, time.Unix(3600, 0))
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			defer query.Close()
			vector, err := query.Exec(context.Background()).Vector()
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			return byRegion(vector)
		}
		counted := counts(parts, ask)
		answered := ask(expr)
		if len(answered) == 0 {
			t.Errorf("%s has no answer", expr)
		}
		for region, want := range answered {
			if got := counted(region); math.Abs(got-want) > 1e-9 {
				t.Errorf("%s in %q: counted %g, Prometheus says %g", expr, region, got, want)
			}
		}
	}
}

func byRegion(vector promql.Vector) map[string]float64 {
	values := map[string]float64{}
	for _, sample := range vector {
		values[sample.Metric.Get("region")] = sample.F
	}
	return values
}

// counts adds up what each selector counts by itself, and divides then.
func counts(parts reader.Parts, ask func(string) map[string]float64) func(region string) float64 {
	by := ""
	if len(parts.By) > 0 {
		by = " by (region) "
	}
	total := func(sum slo.Sum, region string) float64 {
		all := 0.0
		for _, s := range sum {
			n := ask("sum" + by + "(increase(" + s.Selector.String() + "[10m]))")[region]
			if s.Minus {
				n = -n
			}
			all += n
		}
		return all
	}
	return func(region string) float64 {
		if parts.Good != nil {
			return 1 - total(parts.Good, region)/total(parts.Total, region)
		}
		return total(parts.Bad, region) / total(parts.Total, region)
	}
}
