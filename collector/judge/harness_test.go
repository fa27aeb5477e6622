package judge

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/slo"
)

// store keeps samples in memory as the metric store does: nothing before the commit.
type store struct {
	mu      sync.Mutex
	series  map[string]map[int64]float64
	labels  map[string]labels.Labels
	starts  map[string]int64
	shown   map[string]int // exemplars
	commits int
	// fail says whether the next commit fails; refuse whether the store drops a sample.
	fail   func() bool
	refuse func(ls labels.Labels) bool
}

func newStore() *store {
	return &store{series: map[string]map[int64]float64{}, labels: map[string]labels.Labels{}, starts: map[string]int64{}, shown: map[string]int{}}
}

type sample struct {
	ls    labels.Labels
	st, t int64
	v     float64
	shown int
}

type appender struct {
	s       *store
	pending []sample
	dropped int
}

func (s *store) AppenderV2(context.Context) storage.AppenderV2 { return &appender{s: s} }

func (a *appender) Append(_ storage.SeriesRef, ls labels.Labels, st, t int64, v float64, _ *histogram.Histogram, _ *histogram.FloatHistogram, o storage.AOptions) (storage.SeriesRef, error) {
	if a.s.refuse != nil && a.s.refuse(ls) {
		a.dropped++
		return 0, nil
	}
	a.pending = append(a.pending, sample{ls, st, t, v, len(o.Exemplars)})
	return 1, nil
}

func (a *appender) Rejected() (int, string) { return a.dropped, "no room" }
func (a *appender) Rollback() error         { return nil }

var errFull = errors.New("no space left on device")

func (a *appender) Commit() error {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	if a.s.fail != nil && a.s.fail() {
		return errFull
	}
	a.s.commits++
	for _, x := range a.pending {
		key := x.ls.String()
		if a.s.series[key] == nil {
			a.s.series[key] = map[int64]float64{}
		}
		if old, taken := a.s.series[key][x.t]; taken && old != x.v {
			return errors.New("two values at one time in " + key)
		}
		a.s.series[key][x.t], a.s.labels[key] = x.v, x.ls
		a.s.starts[key] = max(a.s.starts[key], x.st)
		a.s.shown[key] += x.shown
	}
	return nil
}

// bucket is where events are counted.
type bucket struct {
	slo, group, outcome string
	minute              int64
}

// counted adds up the differences of consecutive samples, as the engine does: a value below the one
// before is a counter that began anew, and a first sample tells nothing. (design, "Counting")
func (s *store) counted(group ...string) map[bucket]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[bucket]float64{}
	for key, samples := range s.series {
		ls := s.labels[key]
		b := bucket{slo: ls.Get(slo.SpanLabelSLO), outcome: ls.Get(slo.SpanLabelOutcome)}
		for _, name := range group {
			b.group += ls.Get(name) + ";"
		}
		times := make([]int64, 0, len(samples))
		for t := range samples {
			times = append(times, t)
		}
		slices.Sort(times)
		for i, t := range times[min(1, len(times)):] {
			d := samples[t] - samples[times[i]]
			if d < 0 {
				d = samples[t]
			}
			if d > 0 {
				b.minute = t / minute * minute
				all[b] += d
			}
		}
	}
	return all
}

// total adds up the outcomes of all minutes.
func total(all map[bucket]float64, outcome string) float64 {
	n := 0.0
	for b, v := range all {
		if b.outcome == outcome {
			n += v
		}
	}
	return n
}

// one describes a span of a test.
type one struct {
	id       uint64
	service  string
	region   string
	kind     ptrace.SpanKind
	failed   bool
	end      time.Time
	took     time.Duration
	customer string
}

// traces puts spans into one request, a resource for each service that follows another.
func traces(all ...one) ptrace.Traces {
	td := ptrace.NewTraces()
	var spans ptrace.SpanSlice
	for i, s := range all {
		if i == 0 || s.service != all[i-1].service {
			r := td.ResourceSpans().AppendEmpty()
			r.Resource().Attributes().PutStr("service.name", s.service)
			spans = r.ScopeSpans().AppendEmpty().Spans()
		}
		sp := spans.AppendEmpty()
		var trace [16]byte
		var span [8]byte
		binary.BigEndian.PutUint64(trace[8:], s.id/7+1)
		binary.BigEndian.PutUint64(span[:], s.id+1)
		sp.SetTraceID(trace)
		sp.SetSpanID(span)
		sp.SetName("POST /pay")
		sp.SetKind(s.kind)
		if s.failed {
			sp.Status().SetCode(ptrace.StatusCodeError)
		}
		if s.region != "" {
			sp.Attributes().PutStr("cloud.region", s.region)
		}
		if s.customer != "" {
			sp.Attributes().PutStr("enduser.id", s.customer)
		}
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(s.end.Add(-s.took)))
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(s.end))
	}
	return td
}

// definition is the example of docs/spans.md, by region.
func definition(change ...func(*slo.Definition)) slo.Definition {
	d := slo.Definition{
		ID: "checkout/availability", Name: "availability", Service: "checkout", Objective: 99.9,
		GroupBy: []string{"cloud_region"},
		SLI: slo.SLI{Spans: &slo.SpansSLI{
			Service: "checkout", Where: "kind == SPAN_KIND_SERVER",
			Bad: "status.code == STATUS_CODE_ERROR or duration > 300ms", Attributes: []string{"cloud.region"},
		}},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func newJudge(t *testing.T, s *store, defs []slo.Definition, change ...func(*Options)) *Judge {
	t.Helper()
	o := Options{Store: s}
	for _, c := range change {
		c(&o)
	}
	j, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Set(defs); err != nil {
		t.Fatal(err)
	}
	return j
}

// random returns a source of numbers that a failing test names.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 1))
}
