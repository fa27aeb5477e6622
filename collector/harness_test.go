package collector

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// store is a metric store in memory that keeps the contract of the real one:
// nothing is there before Commit, and a sample it won't have is dropped and
// told by Rejected.
type store struct {
	mu      sync.Mutex
	samples []sample
	// rolledBack is how many batches were taken back.
	rolledBack int
	// drop says why a sample is dropped, "" when it is not.
	drop func(sample) string
	// appendErr and commitErr make the store fail.
	appendErr, commitErr error
}

// sample is what was stored of one sample.
type sample struct {
	labels    string
	name      string
	st, t     int64
	v         float64
	h         *histogram.Histogram
	exemplars int
	family    string
	kind      string
}

func (s *store) AppenderV2(context.Context) storage.AppenderV2 { return &batch{s: s} }

// fail makes the store fail from now on; nil and nil heals it.
func (s *store) fail(appendErr, commitErr error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appendErr, s.commitErr = appendErr, commitErr
}

// stored returns the stored samples of a metric name.
func (s *store) stored(name string) []sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []sample
	for _, x := range s.samples {
		if x.name == name {
			found = append(found, x)
		}
	}
	return found
}

func (s *store) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, x := range s.samples {
		names = append(names, x.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// batch is an appender of the store.
type batch struct {
	s       *store
	pending []sample
	dropped int
	why     string
}

func (b *batch) Append(_ storage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, _ *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if b.s.appendErr != nil {
		return 0, b.s.appendErr
	}
	x := sample{
		labels: ls.String(), name: ls.Get(model.MetricNameLabel), st: st, t: t, v: v, h: h,
		exemplars: len(o.Exemplars), family: o.MetricFamilyName, kind: string(o.Metadata.Type),
	}
	if b.s.drop != nil {
		if why := b.s.drop(x); why != "" {
			b.dropped++
			if b.why == "" {
				b.why = why
			}
			return 0, nil
		}
	}
	b.pending = append(b.pending, x)
	return 1, nil
}

func (b *batch) Commit() error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	if b.s.commitErr != nil {
		return b.s.commitErr
	}
	b.s.samples = append(b.s.samples, b.pending...)
	return nil
}

func (b *batch) Rollback() error {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.s.rolledBack++
	return nil
}

func (b *batch) Rejected() (int, string) { return b.dropped, b.why }

// traceSink remembers what it was given.
type traceSink struct {
	mu    sync.Mutex
	spans []string
	err   error
}

func (s *traceSink) Append(_ context.Context, td ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				s.spans = append(s.spans, sp.Name())
			}
		}
	}
	return nil
}

func (s *traceSink) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.spans)
}

// running is a collector that takes in telemetry on ports of its own.
type running struct {
	*Collector
	store  *store
	traces *traceSink
	reg    *prometheus.Registry
	// stop ends Run and returns what it returned.
	stop func() error
}

func start(t *testing.T, config string) *running {
	t.Helper()
	return startWith(t, piped(config))
}

// piped takes a pipeline; "" is the built-in one.
func piped(config string) func(*Options) {
	return func(o *Options) {
		if config != "" {
			o.Config = []byte(config)
		}
	}
}

// startWith is start with options of the test's own.
func startWith(t *testing.T, edit func(*Options)) *running {
	t.Helper()
	r := prepareWith(t, edit)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	select {
	case <-r.Ready():
	case err := <-done:
		t.Fatalf("the collector did not start: %v", err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return r
}

// prepare returns a collector that is not started.
func prepare(t *testing.T, config string) *running {
	t.Helper()
	return prepareWith(t, piped(config))
}

func prepareWith(t *testing.T, edit func(*Options)) *running {
	t.Helper()
	r := &running{store: &store{}, traces: &traceSink{}, reg: prometheus.NewPedanticRegistry()}
	opts := Options{
		GRPC: "127.0.0.1:0", HTTP: "127.0.0.1:0",
		Metrics: r.store, Traces: r.traces, Registerer: r.reg,
		Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	edit(&opts)
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	r.Collector = c
	return r
}

// value returns a counter's value, by name and the values of its labels in
// order of their names.
func (r *running) value(t *testing.T, name string, labelValues ...string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var got []string
			for _, l := range m.GetLabel() {
				got = append(got, l.GetValue())
			}
			if slices.Equal(got, labelValues) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

var errDisk = errors.New("no space left on device")
