package engine

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"burnline/slo"
)

// fleet is an engine with 1,000 SLOs of 50 series each, a day into its life.
func fleet(b testing.TB, slos, series int) (*Engine, *time.Time, [][]slo.SeriesSample) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := New(Options{Reader: newMemory(), Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		b.Fatal(err)
	}
	var defs []slo.Definition
	var batches [][]slo.SeriesSample
	for i := range slos {
		d := eventsSLO(fmt.Sprintf("shop/slo-%d", i))
		d.SLI.Events.Total[0].Selector.Name = fmt.Sprintf("req_%d", i)
		d.SLI.Events.Bad[0].Selector.Name = fmt.Sprintf("req_%d", i)
		defs = append(defs, d)
		var batch []slo.SeriesSample
		for n := range series {
			code := "200"
			if n%10 == 0 {
				code = "500"
			}
			labels := slo.NewLabels(slo.MetricName, fmt.Sprintf("req_%d", i), "job", "shop", "code", code, "n", fmt.Sprint(n))
			batch = append(batch, slo.SeriesSample{Series: slo.NewSeries(labels), Sample: slo.Sample{T: now.UnixMilli()}})
		}
		batches = append(batches, batch)
	}
	if err := e.Update(defs); err != nil {
		b.Fatal(err)
	}
	for _, t := range e.list() {
		readThrough(context.Background(), e, t)
	}
	return e, &now, batches
}

func advance(e *Engine, now *time.Time, batches [][]slo.SeriesSample, step time.Duration) {
	*now = now.Add(step)
	for _, batch := range batches {
		for i := range batch {
			batch[i].T = now.UnixMilli()
			batch[i].V += 10
		}
		e.Deliver(batch)
	}
}

func judgeAll(e *Engine) {
	for _, t := range e.list() {
		e.evaluate(context.Background(), t)
		if t.wantsRead(e.opt.Now().UnixMilli()) {
			readThrough(context.Background(), e, t)
		}
	}
}

// BenchmarkDeliver is the cost of one sample in the hot path of taking data in.
func BenchmarkDeliver(b *testing.B) {
	e, now, batches := fleet(b, 1000, 50)
	advance(e, now, batches, 15*time.Second)
	judgeAll(e)
	b.ResetTimer()
	for n := 0; n < b.N; n += 50_000 {
		advance(e, now, batches, 15*time.Second)
		b.StopTimer()
		judgeAll(e)
		b.StartTimer()
	}
}

// BenchmarkCountAndJudge is the cost of one judging of an SLO with 50 new samples.
func BenchmarkCountAndJudge(b *testing.B) {
	e, now, batches := fleet(b, 1000, 50)
	for range 30 {
		advance(e, now, batches, 15*time.Second)
		judgeAll(e)
	}
	b.ResetTimer()
	for n := 0; n < b.N; n += 1000 {
		b.StopTimer()
		advance(e, now, batches, 15*time.Second)
		b.StartTimer()
		judgeAll(e)
	}
}

// BenchmarkMemory reports the memory of an SLO with 50 series and full rings of
// three days, errors among them.
func BenchmarkMemory(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e, now, batches := fleet(b, 50, 50)
	for minute := range 3 * 24 * 60 {
		advance(e, now, batches, time.Minute)
		judgeAll(e)
		if minute%10 == 0 {
			e.sweep(*now)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/50, "B/SLO")
	b.ReportMetric(0, "ns/op")
	runtime.KeepAlive(e)
}

// BenchmarkYoungSiblings is the cost of one scrape of a process with 5,000 series
// that were all born within the hour.
func BenchmarkYoungSiblings(b *testing.B) {
	e, now, batches := fleet(b, 1, 5000)
	for range 2 {
		advance(e, now, batches, 15*time.Second)
		judgeAll(e)
	}
	b.ResetTimer()
	for n := 0; n < b.N; n++ {
		advance(e, now, batches, 100*time.Millisecond)
		judgeAll(e)
	}
}

// month is a store of 50 series with a sample every 15 seconds for 30 days,
// made while it is read.
type month struct{ series []*slo.Series }

func (m month) Select(_ context.Context, _ slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	for i, s := range m.series {
		run := slo.SeriesSamples{Series: s}
		for t := from - from%15_000 + 15_000; t <= to; t += 15_000 {
			run.Samples = append(run.Samples, slo.Sample{T: t, V: float64(t/15_000) * float64(i)})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return nil
}

func (month) Before(context.Context, slo.Labels, int64) (slo.Sample, bool, error) {
	return slo.Sample{}, false, nil
}

// BenchmarkFillMonth is the cost, besides that of storage, of reading the history
// of one SLO with 50 series after a restart.
func BenchmarkFillMonth(b *testing.B) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var store month
	for n := range 50 {
		store.series = append(store.series, reqSeries("200", n))
	}
	for b.Loop() {
		e, err := New(Options{Reader: store, Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
			b.Fatal(err)
		}
		readThrough(b.Context(), e, e.tracked("shop/buy"))
	}
}

// BenchmarkFootprint reports what one SLO of 50 series at 15 s with 30 days of
// history holds in memory, and what judging it costs.
func BenchmarkFootprint(b *testing.B) {
	const slos = 10
	var before, after runtime.MemStats
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var defs []slo.Definition
	store := newShops(slos)
	for i, all := range store {
		defs = append(defs, shopSLO(fmt.Sprintf("shop/slo-%d", i), all[0].Labels().Get(slo.MetricName)))
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	e, err := New(Options{Reader: store, Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Update(defs); err != nil {
		b.Fatal(err)
	}
	for _, t := range e.list() {
		readThrough(b.Context(), e, t)
	}
	for range 12 {
		store.deliver(e, &now)
		judgeAll(e)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ResetTimer()
	for n := 0; n < b.N; n += slos {
		judgeAll(e)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/slos, "B/SLO")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/slos/50, "B/series")
	runtime.KeepAlive(e)
}

// shops is a store of the series of some SLOs, each with its own metric and a
// sample every 15 seconds, made while it is read: of ten thousand requests five fail.
type shops [][]*slo.Series

func newShops(n int) shops {
	var store shops
	for i := range n {
		name := fmt.Sprintf("http_server_requests_%d_total", i)
		var all []*slo.Series
		for n := range 50 {
			code := []string{"200", "201", "204", "404", "500"}[n%5]
			all = append(all, slo.NewSeries(slo.NewLabels(slo.MetricName, name, "job", "shop", "code", code,
				"instance", fmt.Sprintf("10.0.0.%d:8080", n/5))))
		}
		store = append(store, all)
	}
	return store
}

func (s shops) value(series *slo.Series, t int64) float64 {
	if series.Labels().Get("code") == "500" {
		return math.Floor(float64(t/15_000) / 20)
	}
	return float64(t/15_000) * 25
}

func (s shops) Select(_ context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	for _, all := range s {
		for _, one := range all {
			if one.Labels().Get(slo.MetricName) != sel.Name || len(sel.Matchers) > 0 && one.Labels().Get("code") != "500" {
				continue
			}
			samples := make([]slo.Sample, 0, (to-from)/15_000+1)
			for t := from - from%15_000 + 15_000; t <= to && t <= shopNow; t += 15_000 {
				samples = append(samples, slo.Sample{T: t, V: s.value(one, t)})
			}
			if err := yield(slo.SeriesSamples{Series: one, Samples: samples}); err != nil {
				return err
			}
		}
	}
	return nil
}

// shopNow is 2 March 2026 at noon.
const shopNow = 1_772_452_800_000

func (shops) Before(context.Context, slo.Labels, int64) (slo.Sample, bool, error) {
	return slo.Sample{}, false, nil
}

// deliver lets 15 seconds pass.
func (s shops) deliver(e *Engine, now *time.Time) {
	*now = now.Add(15 * time.Second)
	for _, all := range s {
		var batch []slo.SeriesSample
		for _, one := range all {
			batch = append(batch, slo.SeriesSample{Series: one, Sample: slo.Sample{T: now.UnixMilli(), V: s.value(one, now.UnixMilli())}})
		}
		e.Deliver(batch)
	}
}
