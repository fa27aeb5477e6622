package metricstest

import (
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"burnline/storage/metrics"
)

func testStartTimes(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, 2, 30, 1)
	p[0].st, p[1].st, p[2].st = f.at(-3600), f.at(-3600), f.at(20)
	f.mustWrite(p...)
	for _, samples := range f.sel(f.all(), f.start, f.at(60)) {
		for i, s := range samples {
			if s.ST != p[i].st {
				f.Errorf("sample %d: start time %d, want %d", i, s.ST, p[i].st)
			}
		}
	}
	s, found, err := f.store.Before(f.Context(), f.series(), f.at(30))
	if err != nil || !found || s.ST != p[1].st {
		f.Errorf("before: %+v %v %v, want start time %d", s, found, err, p[1].st)
	}
}

func testNoStartTimes(f *fixture) {
	p := f.points(f.series(), 0, 1)
	p[0].st = f.at(-3600)
	f.mustWrite(p...)
	for _, samples := range f.sel(f.all(), f.start, f.at(60)) {
		if samples[0].ST != 0 {
			f.Errorf("start time %d, want 0", samples[0].ST)
		}
	}
}

func testOutOfOrder(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, 2, 30, 3, 700, 9)
	f.mustWrite(p[0], p[3])
	f.mustWrite(p[2])
	f.mustWrite(p[1])
	f.want(p...)
	s, found, err := f.store.Before(f.Context(), f.series(), f.at(700))
	if err != nil || !found || s.T != p[2].t {
		f.Errorf("before: %+v %v %v, want the late sample", s, found, err)
	}
}

func testLateTwice(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, 2, 700, 9)
	f.mustWrite(p[0], p[2])
	f.mustWrite(p[1])
	f.mustWrite(p...)
	f.want(p...)
}

func testSameTwice(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, 2)
	f.mustWrite(p...)
	f.mustWrite(p[1])
	f.want(p...)
}

func testFuture(f *fixture) {
	good := f.points(f.series("when", "now"), 0, 1)
	bad := point{series: f.series("when", "future"), t: time.Now().Add(time.Hour).UnixMilli(), v: 1}
	n, why := f.write(bad, good[0])
	if n != 1 || why == "" {
		f.Errorf("rejected %d %q, want 1 with its reason", n, why)
	}
	f.want(good...)
}

func testConflict(f *fixture) {
	p := f.points(f.series("i", "1"), 0, 1, 15, 2)
	f.mustWrite(p...)
	conflicting := f.points(f.series("i", "1"), 15, 3)
	rest := f.points(f.series("i", "2"), 15, 4)
	n, why := f.write(conflicting[0], rest[0])
	if n != 1 || why == "" {
		f.Errorf("rejected %d %q, want 1 with its reason", n, why)
	}
	f.want(append(p, rest...)...)
}

func testConflictInBatch(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, 2, 15, 3, 30, 4)
	n, why := f.write(p...)
	if n != 1 || why == "" {
		f.Errorf("rejected %d %q, want 1 with its reason", n, why)
	}
	f.want(p[0], p[1], p[3])
}

func testNothingRejected(f *fixture) {
	if n, why := f.write(f.points(f.series(), 0, 1)...); n != 0 || why != "" {
		f.Errorf("rejected %d %q, want nothing", n, why)
	}
}

func testRollback(f *fixture) {
	app := f.store.AppenderV2(f.Context())
	f.append(app, f.points(f.series(), 0, 1)...)
	if err := app.Rollback(); err != nil {
		f.Fatalf("roll back: %v", err)
	}
	f.mustWrite(f.points(f.series("kept", "yes"), 0, 1)...)
	f.want(f.points(f.series("kept", "yes"), 0, 1)...)
}

func testConcurrent(f *fixture) {
	const writers, batches = 8, 20
	var (
		wg     sync.WaitGroup
		points [writers][]point
	)
	for w := range writers {
		for b := range batches {
			points[w] = append(points[w], f.points(f.series("writer", fmt.Sprint(w)), float64(b), float64(b))...)
		}
		wg.Go(func() {
			for _, p := range points[w] {
				app := f.store.AppenderV2(f.Context())
				if _, err := app.Append(0, metrics.ToLabels(p.series), 0, p.t, p.v, nil, nil, storage.AOptions{}); err != nil {
					f.Errorf("append: %v", err)
				}
				if err := app.Commit(); err != nil {
					f.Errorf("commit: %v", err)
				}
			}
		})
	}
	wg.Wait()
	var all []point
	for w := range writers {
		all = append(all, points[w]...)
	}
	f.settle()
	f.want(all...)
}

func testLargeBatch(f *fixture) {
	const series = 5000
	var points []point
	for i := range series {
		points = append(points, f.points(f.series("i", fmt.Sprint(i), "path", "/some/longer/path"), 0, float64(i), 15, float64(i+1))...)
	}
	f.mustWrite(points...)
	got := f.sel(f.all(), f.start, f.at(60))
	samples := 0
	for _, s := range got {
		samples += len(s)
	}
	if len(got) != series || samples != 2*series {
		f.Errorf("%d series with %d samples, want %d with %d", len(got), samples, series, 2*series)
	}
}

func testReopen(f *fixture) {
	p := f.points(f.series(), 0, 1, 15, 2)
	p[0].st, p[1].st = f.at(-60), f.at(-60)
	f.mustWrite(p...)
	if f.can.OutOfOrder {
		late := f.points(f.series(), 5, 1.5)
		late[0].st = f.at(-60)
		f.mustWrite(late...)
		p = []point{p[0], late[0], p[1]}
	}
	f.store = f.can.Reopen(f.T, f.store)
	f.want(p...)
	for _, samples := range f.sel(f.all(), f.start, f.at(60)) {
		for _, s := range samples {
			if f.can.StartTimes && s.ST != f.at(-60) {
				f.Errorf("start time %d after reopening, want %d", s.ST, f.at(-60))
			}
		}
	}
}

// settle waits until everything committed can be read.
func (f *fixture) settle() {
	if f.can.Settle != nil {
		f.can.Settle(f.T)
	}
}

func testExemplar(f *fixture) {
	app := f.store.AppenderV2(f.Context())
	p := f.points(f.series(), 0, 1, 15, 2)
	for i, at := range []float64{10, 0} { // the second exemplar is out of order, its sample is not
		o := storage.AOptions{Exemplars: []exemplar.Exemplar{{
			Labels: labels.FromStrings("trace_id", fmt.Sprint(i)), Value: 1, Ts: f.at(at), HasTs: true}}}
		if _, err := app.Append(0, metrics.ToLabels(p[i].series), 0, p[i].t, p[i].v, nil, nil, o); err != nil {
			f.Fatalf("append with exemplar: %v", err)
		}
	}
	if err := app.Commit(); err != nil {
		f.Fatalf("commit: %v", err)
	}
	f.settle()
	f.want(p...)
}
