package engine

import (
	"context"
	"runtime"
	"testing"
	"time"

	"burnline/slo"
)

// shopSLO is the SLO of the first shop with the given name.
func shopSLO(id, metric string) slo.Definition {
	d := eventsSLO(id)
	d.SLI.Events.Total[0].Selector.Name, d.SLI.Events.Bad[0].Selector.Name = metric, metric
	return d
}

// BenchmarkCheckpoint is the cost of writing and of reading the checkpoint of one SLO
// with 50 series and 30 days of history, and how long it is.
func BenchmarkCheckpoint(b *testing.B) {
	now := time.UnixMilli(shopNow)
	store := newShops(1)
	e, err := New(Options{Reader: store, Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		b.Fatal(err)
	}
	d := shopSLO("shop/buy", store[0][0].Labels().Get(slo.MetricName))
	if err := e.Update([]slo.Definition{d}); err != nil {
		b.Fatal(err)
	}
	one := e.tracked(d.ID)
	readThrough(b.Context(), e, one)
	data, _ := one.checkpoint(now.UnixMilli())
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			data, _ = one.checkpoint(now.UnixMilli())
		}
		b.ReportMetric(float64(len(data)), "B/checkpoint")
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fresh, err := newTracked(&d, keepOf(&d), DefaultLateness)
			if err != nil {
				b.Fatal(err)
			}
			r, err := decodeCheckpoint(data, fresh, DefaultLateness, now.UnixMilli())
			if err != nil {
				b.Fatal(err)
			}
			runtime.KeepAlive(r)
		}
	})
	b.Run("restart", func(b *testing.B) {
		later := now.Add(time.Minute)
		for b.Loop() {
			e, err := New(Options{
				Reader: store, Now: func() time.Time { return later }, Checkpoints: &shelf{saved: map[string][]byte{d.ID: data}},
				Commit: func(context.Context, slo.Transition) error { return nil },
			})
			if err != nil {
				b.Fatal(err)
			}
			e.Resume(b.Context())
			if err := e.Update([]slo.Definition{d}); err != nil {
				b.Fatal(err)
			}
			e.readOnce(b.Context(), e.tracked(d.ID))
			e.evaluate(b.Context(), e.tracked(d.ID))
		}
	})
}
