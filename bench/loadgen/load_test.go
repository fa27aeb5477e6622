package loadgen

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

// received decodes what it is sent.
type received struct {
	t       *testing.T
	batches chan pmetric.Metrics
}

func (r received) Send(_ context.Context, body []byte) error {
	req := pmetricotlp.NewExportRequest()
	if err := req.UnmarshalProto(body); err != nil {
		r.t.Error(err)
	}
	r.batches <- req.Metrics()
	return nil
}

func TestEachRoundSendsEverySeriesOnceWithNewTimesAndRisingValues(t *testing.T) {
	from := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, kind := range []Kind{Gauge, Sum, Histogram, Mix} {
		t.Run(string(kind), func(t *testing.T) {
			load, err := Build(Spec{Kind: kind, Series: 1250, PerRequest: 600, Start: from.Add(-time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			to := received{t, make(chan pmetric.Metrics, 9)}
			res, err := load.Run(t.Context(), to, Options{Connections: 2, Rounds: 3, From: from, Step: time.Second})
			if err != nil || res.Points != 3*1250 || res.Requests != 9 || res.Rounds != 3 || load.Points() != 1250 {
				t.Fatalf("%+v, %v", res, err)
			}
			perSecond := map[time.Duration]int{}
			for range 9 {
				for at, value := range values(<-to.batches) {
					second := time.Unix(0, at).Sub(from)
					perSecond[second] += len(value)
					for _, v := range value {
						if round := second/time.Second + 1; v <= 0 || int64(v)%int64(round) != 0 {
							t.Fatalf("round %d has the value %v", round, v)
						}
					}
				}
			}
			for round := range time.Duration(3) {
				if n := perSecond[round*time.Second]; n != 1250 {
					t.Errorf("%d points %s after the first", n, round*time.Second)
				}
			}
		})
	}
}

func TestHistogramsAreConsistent(t *testing.T) {
	load, err := Build(Spec{Kind: Histogram, Series: 3, PerRequest: 3, Start: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	to := received{t, make(chan pmetric.Metrics, 1)}
	if _, err := load.Run(t.Context(), to, Options{Rounds: 1, Done: 4, From: time.Unix(100, 0), Step: time.Second}); err != nil {
		t.Fatal(err)
	}
	md := <-to.batches
	for _, p := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Histogram().DataPoints().All() {
		var sum uint64
		for _, n := range p.BucketCounts().AsRaw() {
			sum += n
		}
		if sum != p.Count() || sum == 0 {
			t.Errorf("%d in buckets, count is %d", sum, p.Count())
		}
		if p.Timestamp().AsTime().Unix() != 104 {
			t.Errorf("the fifth round is at %s", p.Timestamp().AsTime())
		}
	}
}

func TestAWrongSpecIsAnError(t *testing.T) {
	for _, s := range []Spec{{Kind: "other", Series: 1, PerRequest: 1}, {Kind: Sum, PerRequest: 1}, {Kind: Sum, Series: 1}} {
		if _, err := Build(s); err == nil {
			t.Errorf("%+v was taken", s)
		}
	}
}

// values are the values of all points by their time; a histogram's is its count.
func values(md pmetric.Metrics) map[int64][]float64 {
	all := map[int64][]float64{}
	for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		switch m.Type() {
		case pmetric.MetricTypeGauge:
			for _, p := range m.Gauge().DataPoints().All() {
				all[int64(p.Timestamp())] = append(all[int64(p.Timestamp())], float64(p.IntValue()))
			}
		case pmetric.MetricTypeSum:
			for _, p := range m.Sum().DataPoints().All() {
				all[int64(p.Timestamp())] = append(all[int64(p.Timestamp())], float64(p.IntValue()))
			}
		default:
			for _, p := range m.Histogram().DataPoints().All() {
				all[int64(p.Timestamp())] = append(all[int64(p.Timestamp())], float64(p.Count()))
			}
		}
	}
	return all
}
