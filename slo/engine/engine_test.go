package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/internal/harness/patience"
	"burnline/slo"
)

func eventsSLO(id string) slo.Definition {
	d := slo.Definition{ID: id, Service: "shop", Name: "buy", Objective: 99.9, ResolveAfter: 5 * time.Minute, MinBad: 2}
	d.Window.Rolling = 30 * 24 * time.Hour
	d.Policies = slo.DefaultPolicies(d.Window.Rolling)
	failed := slo.Selector{Name: "req", Matchers: []slo.Matcher{{Label: "code", Op: slo.MatchEqual, Value: "500"}}}
	d.SLI.Events = &slo.EventsSLI{Total: slo.Sum{{Selector: slo.Selector{Name: "req"}}}, Bad: slo.Sum{{Selector: failed}}}
	return d
}

func reqSeries(code string, n int) *slo.Series {
	return slo.NewSeries(slo.NewLabels(slo.MetricName, "req", "job", "shop", "code", code, "n", fmt.Sprint(n)))
}

// recorder keeps the newest value of every recorded series, and can be read
// back through the store.
type recorder struct {
	mu    sync.Mutex
	store *memory
	rows  map[string]float64
}

func (r *recorder) Record(_ context.Context, rows []slo.Recorded) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range rows {
		r.rows[row.Labels.String()] = row.V
		r.store.commit(row.Labels, slo.Sample{T: row.T, V: row.V})
	}
	return nil
}

func (r *recorder) get(series string) (float64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.rows[series]
	return v, ok
}

// The running engine judges new samples within 200 ms, retries commits, and
// its recorded counter goes on after a restart.
func TestRunningEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		rec := &recorder{store: store, rows: map[string]float64{}}
		var committed []slo.Transition
		failures := 3
		start := func(open []slo.Incident) (*Engine, func()) {
			beside := func(at time.Time) []slo.Recorded {
				return []slo.Recorded{{Labels: slo.NewLabels(slo.MetricName, "beside"), T: at.UnixMilli(), V: 1}}
			}
			e, err := New(Options{Reader: store, Recorder: rec, Beside: beside, Registerer: prometheus.NewRegistry(), Commit: func(_ context.Context, tr slo.Transition) error {
				if failures > 0 {
					failures--
					return errors.New("the database is away")
				}
				committed = append(committed, tr)
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			e.Restore(open)
			if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- e.Run(ctx) }()
			return e, func() {
				cancel()
				if err := <-done; err != nil {
					t.Errorf("Run ended with %v", err)
				}
			}
		}
		e, stop := start(nil)
		ok, bad := reqSeries("200", 0), reqSeries("500", 0)
		send := func(good, failed float64) {
			at := time.Now().UnixMilli()
			batch := []slo.SeriesSample{{Series: ok, Sample: slo.Sample{T: at, V: good}}, {Series: bad, Sample: slo.Sample{T: at, V: failed}}}
			for _, s := range batch {
				store.commit(s.Series.Labels(), s.Sample)
			}
			e.Deliver(batch)
		}
		<-time.After(time.Second)
		send(1000, 0)
		<-time.After(10 * time.Second)
		before := e.Version()
		send(1000, 90)
		<-time.After(200 * time.Millisecond)
		if s := e.Status("shop/buy")[0]; s.State != slo.StateBurning || e.Version() == before {
			t.Errorf("200 ms after the delivery the state is %s (%s), version %d → %d", s.State, s.Reason, before, e.Version())
		}
		<-time.After(5 * time.Second)
		if len(committed) != 1 || committed[0].Kind != slo.IncidentOpened || committed[0].Since.Bad() != 90 {
			t.Fatalf("after three failures one page is committed with 90 bad events; got %+v", committed)
		}
		<-time.After(30 * time.Second)
		if pages, _ := rec.get(`slo_incidents_open{severity="page", slo="shop/buy"}`); pages != 1 {
			t.Errorf("slo_incidents_open counts %v pages, want 1", pages)
		}
		if tickets, found := rec.get(`slo_incidents_open{severity="ticket", slo="shop/buy"}`); !found || tickets != 0 {
			t.Errorf("slo_incidents_open counts %v tickets, %v; want a 0", tickets, found)
		}
		if _, found := rec.get("beside"); !found {
			t.Error("what others have recorded is not")
		}
		counter := `slo_events_total{outcome="bad", slo="shop/buy"}`
		if v, found := rec.get(counter); !found || v != 90 {
			t.Errorf("%s is %v, %v; want 90", counter, v, found)
		}
		stop()

		<-time.After(10 * time.Second)
		e, stop = start([]slo.Incident{committed[0].Incident})
		<-time.After(time.Second)
		send(1000, 95)
		<-time.After(31 * time.Second)
		if v, _ := rec.get(counter); v != 95 {
			t.Errorf("after a restart %s is %v, want 95", counter, v)
		}
		if v, found := rec.get(`slo_status{slo="shop/buy", status="burning"}`); !found || v != 1 {
			t.Errorf("slo_status burning is %v, %v; want 1", v, found)
		}
		if len(committed) != 1 {
			t.Errorf("after a restart nothing new is committed; got %+v", committed[1:])
		}
		now := time.Now()
		chart, err := e.Chart("shop/buy", nil, now.Add(-5*time.Minute), now, 100)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range chart.Points {
			sum += p.Counts.Bad()
		}
		last := chart.Points[len(chart.Points)-1]
		budget := e.Status("shop/buy")[0].Budget
		if sum != 95 || last.Remaining == nil || !near(*last.Remaining/budget.Remaining, 1) && *last.Remaining-budget.Remaining > 0.01 {
			t.Errorf("the chart shows %v bad events and %v left, want 95 and %v", sum, *last.Remaining, budget.Remaining)
		}
		stop()
	})
}

// Deliveries, reads, updates and views go on at once; in the end everything is
// counted once.
func TestConcurrentUse(t *testing.T) {
	store := newMemory()
	e, err := New(Options{Reader: store, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	both := compositeSLO(slo.Weighted, slo.Window{Rolling: time.Hour}, slo.CompositePart{SLO: "shop/a", Weight: 1}, slo.CompositePart{SLO: "shop/b", Weight: 1})
	defs := []slo.Definition{both, eventsSLO("shop/a"), eventsSLO("shop/b")}
	if err := e.Update(defs); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running, senders sync.WaitGroup
	running.Go(func() { _ = e.Run(ctx) })
	running.Go(func() {
		for ctx.Err() == nil {
			e.Statuses()
			_, _ = e.Chart("shop/a", nil, time.Now().Add(-time.Hour), time.Now(), 50)
			e.Selectors()
			if err := e.Update(defs); err != nil {
				t.Error(err)
			}
		}
	})
	const series, samples = 8, 400
	begin := time.Now().UnixMilli() - samples*100
	for n := range series {
		senders.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(n), 2))
			one := reqSeries([]string{"200", "500"}[n%2], n)
			for _, i := range rng.Perm(samples) {
				s := slo.Sample{T: begin + int64(i)*100, V: float64(i)}
				store.commit(one.Labels(), s)
				e.Deliver([]slo.SeriesSample{{Series: one, Sample: s}})
			}
		})
	}
	senders.Wait()
	patience.Until(t, fmt.Sprintf("%d are counted in all and half of them bad", series*(samples-1)), func() bool {
		s := e.Status("shop/b")[0]
		counts := slo.Counts{}
		if len(s.Burns) > 0 {
			counts = s.Burns[len(s.Burns)-1].Counts
		}
		return counts.Total == series*(samples-1) && counts.Bad() == series/2*(samples-1)
	})
	cancel()
	running.Wait()
}

func TestStates(t *testing.T) {
	tests := []struct {
		name   string
		def    func(*slo.Definition)
		values map[string][2]float64 // by metric and label, first and second value
		state  slo.State
		reason string
	}{
		{"bad above total is broken", nil, map[string][2]float64{"req code=200": {0, 0}, "req code=500": {0, 0}, "worse code=500": {0, 50}, "req code=201": {0, 10}}, slo.StateBroken, "50 bad events exceed the total of 10"},
		{"a latency without a bucket at the threshold is broken and names its neighbours", latency,
			map[string][2]float64{"lat_count le=": {0, 90}, "lat_bucket le=0.25": {0, 80}, "lat_bucket le=0.5": {0, 85}}, slo.StateBroken, "no bucket that ends at 300ms; the nearest end at 0.25 and 0.5"},
		{"a latency with its bucket is judged", latency,
			map[string][2]float64{"lat_count le=": {0, 90}, "lat_bucket le=0.30": {0, 90}}, slo.StateOK, "Events arrive"},
		{"series without events are idle", nil, map[string][2]float64{"req code=200": {7, 7}}, slo.StateIdle, "The series report"},
		{"nothing ever seen is unseen", nil, nil, slo.StateUnseen, "No sample"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := eventsSLO("shop/buy")
			d.SLI.Events.Bad = append(d.SLI.Events.Bad, slo.Signed{Selector: slo.Selector{Name: "worse"}})
			if tt.def != nil {
				tt.def(&d)
			}
			now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
			store := newMemory()
			e, err := New(Options{Reader: store, Now: func() time.Time { return now }, Commit: func(_ context.Context, tr slo.Transition) error {
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Update([]slo.Definition{d}); err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				for name, v := range tt.values {
					metric, label, _ := strings.Cut(name, " ")
					key, value, _ := strings.Cut(label, "=")
					labels := slo.NewLabels(slo.MetricName, metric, key, value)
					e.Wants(labels)
					store.commit(labels, slo.Sample{T: now.Add(time.Duration(i-1) * 10 * time.Second).UnixMilli(), V: v[i]})
				}
			}
			one := e.tracked("shop/buy")
			readThrough(t.Context(), e, one)
			e.evaluate(t.Context(), one)
			s := e.Status("shop/buy")[0]
			if s.State != tt.state || !strings.Contains(s.Reason, tt.reason) {
				t.Errorf("state %s (%s), want %s (%s)", s.State, s.Reason, tt.state, tt.reason)
			}
			if strings.Contains(s.Reason, "no bucket") && (s.Budget.Known || s.Whole.Known || s.Burns[0].Known) {
				t.Errorf("numbers that nobody can know are shown: budget %+v, burns %+v", s.Budget, s.Burns)
			}
		})
	}
}

func latency(d *slo.Definition) {
	d.SLI = slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "lat"}, Threshold: 300 * time.Millisecond}}
}

// A store that can't be read is shown, and read again with growing pauses.
func TestReadErrorIsBroken(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	store.err = errors.New("connection refused")
	e, err := New(Options{Reader: store, Now: func() time.Time { return now }, Commit: func(context.Context, slo.Transition) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update([]slo.Definition{eventsSLO("shop/buy")}); err != nil {
		t.Fatal(err)
	}
	one := e.tracked("shop/buy")
	readThrough(t.Context(), e, one)
	e.evaluate(t.Context(), one)
	if s := e.Status("shop/buy")[0]; s.State != slo.StateBroken || !strings.Contains(s.Reason, "connection refused") || !s.Filling {
		t.Errorf("state %s (%s), filling %v", s.State, s.Reason, s.Filling)
	}
	if one.wantsRead(now.UnixMilli()) || !one.wantsRead(now.Add(time.Second).UnixMilli()) {
		t.Error("the next read begins after a pause of one second")
	}
	store.err = nil
	now = now.Add(time.Second)
	readThrough(t.Context(), e, one)
	e.evaluate(t.Context(), one)
	if s := e.Status("shop/buy")[0]; s.State != slo.StateUnseen || s.Filling {
		t.Errorf("state %s (%s), filling %v", s.State, s.Reason, s.Filling)
	}
}

// A native histogram whose buckets are merged holds as many observations as
// before, and seems to hold fewer good ones: that is no reset.
func TestMergedBucketsAreNoReset(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name          string
		before, after slo.Sample
		want          slo.Counts
	}{
		{"fewer good ones, more in all", slo.Sample{H: fakeHistogram{1000, 900}}, slo.Sample{H: fakeHistogram{1010, 870}}, slo.Counts{Total: 10, Good: 0}},
		{"more good ones than in all", slo.Sample{H: fakeHistogram{1000, 900}}, slo.Sample{H: fakeHistogram{1010, 940}}, slo.Counts{Total: 10, Good: 10}},
		{"fewer in all is a reset", slo.Sample{H: fakeHistogram{1000, 900}}, slo.Sample{H: fakeHistogram{30, 20}}, slo.Counts{Total: 30, Good: 20}},
		{"a later start is a reset", slo.Sample{H: fakeHistogram{1000, 900}}, slo.Sample{ST: now.Add(-time.Minute).UnixMilli(), H: fakeHistogram{1010, 870}}, slo.Counts{Total: 1010, Good: 870}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := eventsSLO("shop/buy")
			latency(&d)
			table, err := newTable(&d)
			if err != nil {
				t.Fatal(err)
			}
			m := table.bind(slo.NewSeries(slo.NewLabels(slo.MetricName, "lat")))
			tt.before.T, tt.after.T = now.Add(-2*time.Minute).UnixMilli(), now.UnixMilli()
			a := newAccumulator(keep{longest: time.Hour}, DefaultLateness)
			p, _ := m.point(tt.before)
			a.start(m, p)
			a.add(m, tt.after, now.UnixMilli())
			if got := over(a.group(int(m.group)).rings, now, time.Hour); got != tt.want {
				t.Errorf("counted %v, want %v", got, tt.want)
			}
		})
	}
}
