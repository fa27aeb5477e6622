package sampling

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const mark = "burnline.slo"

// kept gathers what a sampler passes on.
type kept struct {
	mu      sync.Mutex
	spans   map[string]string // what was kept by trace and span, as JSON with its resource and scope
	decided map[string]int
	hurried int
}

func (k *kept) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (k *kept) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.Copy(k.spans, written(td))
	return nil
}

func (k *kept) Decided(why string, spans int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.decided[why] += spans
}

func (k *kept) Hurried(spans int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.hurried += spans
}

// traceNumbers returns the numbers of the traces of which something was kept.
func (k *kept) traceNumbers() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	seen := map[string]bool{}
	for id := range k.spans {
		number, _, _ := strings.Cut(id, "/")
		seen[number] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// written writes each span with all that belongs to it.
func written(td ptrace.Traces) map[string]string {
	all := map[string]string{}
	var marshaler ptrace.JSONMarshaler
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				one := ptrace.NewTraces()
				r := one.ResourceSpans().AppendEmpty()
				rs.Resource().CopyTo(r.Resource())
				r.SetSchemaUrl(rs.SchemaUrl())
				s := r.ScopeSpans().AppendEmpty()
				ss.Scope().CopyTo(s.Scope())
				s.SetSchemaUrl(ss.SchemaUrl())
				sp.CopyTo(s.Spans().AppendEmpty())
				text, err := marshaler.MarshalTraces(one)
				if err != nil {
					panic(err)
				}
				id := sp.TraceID()
				all[fmt.Sprintf("%d/%s", binary.BigEndian.Uint64(id[8:]), sp.SpanID())] = string(text)
			}
		}
	}
	return all
}

// one is a span of a test.
type one struct {
	trace  uint64
	took   time.Duration
	failed bool
	bad    bool
}

// batch puts spans into one request, over two resources with two scopes each.
func batch(r *rand.Rand, all ...one) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range 2 {
		rs := td.ResourceSpans().AppendEmpty()
		rs.SetSchemaUrl("https://example.com/schema")
		rs.Resource().Attributes().PutStr("service.name", fmt.Sprintf("service-%d", i))
		for k := range 2 {
			ss := rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName(fmt.Sprintf("scope-%d", k))
		}
	}
	for _, o := range all {
		sp := td.ResourceSpans().At(r.IntN(2)).ScopeSpans().At(r.IntN(2)).Spans().AppendEmpty()
		var trace [16]byte
		var span [8]byte
		binary.BigEndian.PutUint64(trace[8:], o.trace)
		binary.BigEndian.PutUint64(span[:], r.Uint64()|1)
		sp.SetTraceID(trace)
		sp.SetSpanID(span)
		sp.SetName("GET /")
		sp.Attributes().PutStr("text", strings.Repeat("x", r.IntN(300)))
		sp.Events().AppendEmpty().SetName("event")
		if o.failed {
			sp.Status().SetCode(ptrace.StatusCodeError)
		}
		if o.bad {
			sp.Attributes().PutStr(mark, "a/b")
		}
		sp.SetStartTimestamp(pcommon.NewTimestampFromTime(time.Now().Add(-o.took)))
		sp.SetEndTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	}
	return td
}

func start(t *testing.T, change func(*Config)) (*Sampler, *kept) {
	t.Helper()
	config := DefaultConfig()
	config.Baseline.Percentage = 0
	if change != nil {
		change(&config)
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	k := &kept{spans: map[string]string{}, decided: map[string]int{}}
	s := New(Options{Config: config, Mark: mark, Next: k, Counts: k})
	s.Start(t.Context())
	return s, k
}

// What makes a trace worth keeping may come in its last span: all of its spans are kept, as they
// were sent, with their resources and scopes, and nothing of the others.
func TestWholeTracesAreKeptAsTheyWereSent(t *testing.T) {
	for name, give := range map[string]func(*testing.T, ptrace.Traces) context.Context{
		"the spans are marshalled":           func(t *testing.T, _ ptrace.Traces) context.Context { return t.Context() },
		"the body that they came in is held": withBody,
	} {
		t.Run(name, func(t *testing.T) { keepWholeTraces(t, give) })
	}
}

// withBody gives the body in which spans came, before they were marked.
func withBody(t *testing.T, td ptrace.Traces) context.Context {
	t.Helper()
	came := ptrace.NewTraces()
	td.CopyTo(came)
	for _, sp := range spansOf(came) {
		sp.Attributes().Remove(mark)
	}
	var marshaler ptrace.ProtoMarshaler
	body, err := marshaler.MarshalTraces(came)
	if err != nil {
		t.Fatal(err)
	}
	return WithBody(t.Context(), body)
}

// keepWholeTraces sends traces with the context that give makes of each request.
func keepWholeTraces(t *testing.T, give func(*testing.T, ptrace.Traces) context.Context) {
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		s, k := start(t, func(c *Config) {
			c.Bad.Burst, c.Errors.Burst, c.Slow.Burst, c.Slow.Threshold = 1e6, 1e6, 1e6, 10*time.Second
		})
		want := map[string]string{}
		send := func(all ...one) {
			td := batch(r, all...)
			for id, text := range written(td) {
				number, _, _ := strings.Cut(id, "/")
				if n := number[len(number)-1]; n >= '1' && n <= '3' {
					want[id] = text
				}
			}
			if err := s.ConsumeTraces(give(t, td), td); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		for round := range uint64(4) {
			var all []one
			for i := range uint64(200) {
				o := one{trace: i, took: time.Millisecond}
				if round == 3 { // by the last digit: broke an SLO, failed, slow
					o.bad, o.failed = i%10 == 1, i%10 == 2
					if i%10 == 3 {
						o.took = 20 * time.Second
					}
				}
				all = append(all, o)
			}
			send(all...)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if !maps.Equal(k.spans, want) {
			t.Errorf("%d spans are kept, want %d, or others or in another form", len(k.spans), len(want))
		}
		if k.decided["bad"] != 80 || k.decided["error"] != 80 || k.decided["slow"] != 80 || k.decided[""] != 560 {
			t.Errorf("decided: %v", k.decided)
		}
		if len(s.traces) != 0 || len(s.chunks) != 0 || s.bytes != 0 {
			t.Errorf("%d traces, %d chunks and %d bytes are still held", len(s.traces), len(s.chunks), s.bytes)
		}

		send(one{trace: 1}, one{trace: 5}) // late spans, of a kept trace and of another
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(k.spans, want) {
			t.Errorf("%d spans are kept after late ones, want %d", len(k.spans), len(want))
		}
	})
}

// Each sort of trace has a budget of its own; one that finds no room in one may in another.
func TestBudgetsBoundWhatIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, func(c *Config) {
			c.Bad, c.Errors = Budget{0, 10}, Budget{5, 20}
		})
		var all []one
		for i := range uint64(100) {
			all = append(all, one{trace: i, bad: true, failed: true}, one{trace: i})
		}
		if err := s.ConsumeTraces(t.Context(), batch(rand.New(rand.NewPCG(1, 1)), all...)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if k.decided["bad"] != 10 || k.decided["error"] != 20 || len(k.traceNumbers()) != 15 {
			t.Errorf("decided %v, %d traces are kept, want 10 spans, 20 spans, and 15 traces", k.decided, len(k.traceNumbers()))
		}
		if err := s.ConsumeTraces(t.Context(), batch(rand.New(rand.NewPCG(1, 1)), one{trace: 1000, bad: true, failed: true})); err != nil {
			t.Fatal(err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if k.decided["error"] != 21 {
			t.Errorf("decided %v: a budget is not filled again", k.decided)
		}
	})
}

// What failed is worth more than the budget of a moment: a trace that fits no bucket is kept by a full one, which
// keeps nothing more until that is paid.
func TestAFailedTraceThatIsLongerThanABurstIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, func(c *Config) {
			c.Bad, c.Errors, c.Slow.Budget, c.Baseline.Budget = Budget{}, Budget{5, 20}, Budget{}, Budget{5, 20}
			c.Baseline.Percentage = 100
		})
		send := func(trace uint64, spans int, failed bool) {
			t.Helper()
			all := []one{{trace: trace, failed: failed}}
			for range spans - 1 {
				all = append(all, one{trace: trace})
			}
			if err := s.ConsumeTraces(t.Context(), batch(rand.New(rand.NewPCG(1, 1)), all...)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(6 * time.Second)
			synctest.Wait()
		}
		for _, step := range []struct {
			what          string
			trace         uint64
			spans         int
			failed        bool
			errors, other int
		}{
			{"one of three bursts", 1, 60, true, 60, 0},
			{"one while that is paid", 2, 25, true, 60, 0},
			{"one that did not fail", 3, 60, false, 60, 0},
			{"one when it is paid", 4, 25, true, 85, 0},
			{"one of more than ten bursts", 5, 201, true, 85, 0},
		} {
			send(step.trace, step.spans, step.failed)
			if k.decided["error"] != step.errors || k.decided["baseline"] != step.other {
				t.Errorf("after %s decided are %v, want %d and %d", step.what, k.decided, step.errors, step.other)
			}
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheBaselineIsItsShare(t *testing.T) {
	s, k := start(t, func(c *Config) { c.Baseline = Baseline{Budget{1e6, 1e6}, 10} })
	r := rand.New(rand.NewPCG(3, 4))
	var all []one
	for i := range uint64(20_000) {
		all = append(all, one{trace: i})
	}
	if err := s.ConsumeTraces(t.Context(), batch(r, all...)); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := k.decided["baseline"]; n < 1700 || n > 2300 {
		t.Errorf("%d of 20,000 are kept, want about 2,000", n)
	}
}

// Where more is held than may be, the oldest are judged sooner.
func TestWhatIsHeldIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, func(c *Config) { c.MaxMiB = 1 })
		r := rand.New(rand.NewPCG(5, 6))
		for i := range uint64(40) {
			var all []one
			for n := range uint64(200) {
				all = append(all, one{trace: i*1000 + n, failed: n == 0})
			}
			if err := s.ConsumeTraces(t.Context(), batch(r, all...)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		synctest.Wait()
		s.mu.Lock()
		held := s.bytes
		s.mu.Unlock()
		if held > 1<<20 || k.hurried == 0 {
			t.Errorf("%d bytes are held, %d spans were judged too soon", held, k.hurried)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if k.decided["error"] != 40 {
			t.Errorf("decided %v, want 40 failed traces", k.decided)
		}
	})
}

// A trace that never ends, as one of a client that gives all its spans the same id, spends the budget of
// its sort like all others, and every span is counted by what became of it.
func TestLateSpansOfAKeptTraceSpendItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, k := start(t, func(c *Config) { c.Bad = Budget{10, 100} })
		r := rand.New(rand.NewPCG(9, 9))
		sent := 0
		for i := range 50 {
			all := []one{{trace: 1, bad: i == 0}}
			for range 99 {
				all = append(all, one{trace: 1})
			}
			if i == 0 {
				all = all[:50]
			}
			sent += len(all)
			if err := s.ConsumeTraces(t.Context(), batch(r, all...)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(6 * time.Second)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if most := 100 + 10*6*50; len(k.spans) > most || len(k.spans) < 2000 {
			t.Errorf("%d spans of %d are kept, the budget is %d", len(k.spans), sent, most)
		}
		if k.decided["bad"] != len(k.spans) || k.decided["bad"]+k.decided[""] != sent {
			t.Errorf("decided %v of %d spans, of which %d are kept", k.decided, sent, len(k.spans))
		}
	})
}

// stuck takes nothing until it may.
type stuck struct {
	kept
	free chan struct{}
}

func (s *stuck) ConsumeTraces(context.Context, ptrace.Traces) error {
	<-s.free
	return nil
}

func TestSpansAreRefusedWhileWhatIsKeptIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := DefaultConfig()
		config.MaxMiB = 1
		next := &stuck{kept: kept{decided: map[string]int{}}, free: make(chan struct{})}
		s := New(Options{Config: config, Mark: mark, Next: next, Counts: next})
		s.Start(t.Context())
		r := rand.New(rand.NewPCG(5, 6))
		send := func(i uint64) error {
			var all []one
			for n := range uint64(200) {
				all = append(all, one{trace: i*1000 + n, bad: n == 0})
			}
			return s.ConsumeTraces(t.Context(), batch(r, all...))
		}
		refused := 0
		for i := range uint64(400) {
			if send(i) != nil {
				refused++
			}
			time.Sleep(100 * time.Millisecond)
		}
		s.mu.Lock()
		held := s.bytes
		s.mu.Unlock()
		if held > 3<<20 || refused == 0 {
			t.Errorf("%d bytes are held and %d batches were refused while nothing was taken", held, refused)
		}
		close(next.free)
		time.Sleep(10 * time.Second)
		if err := send(1000); err != nil {
			t.Errorf("after all was taken: %v", err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzCut requires that no bytes break the finding of spans, and that what is found is what stands there.
func FuzzCut(f *testing.F) {
	var marshaler ptrace.ProtoMarshaler
	seed, err := marshaler.MarshalTraces(batch(rand.New(rand.NewPCG(7, 8)), one{trace: 1}, one{trace: 2, failed: true}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, 2)
	f.Add(seed[:40], 1)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		c := &chunk{bytes: bytes.Clone(data)}
		c.bytes = c.bytes[:len(c.bytes):len(c.bytes)]
		if c.cut(make([]uint64, min(max(n, 0), 100))) != nil {
			return
		}
		all := make([]bool, len(c.spans))
		for i := range all {
			all[i] = true
		}
		if len(c.spans) > 0 {
			c.marks = []spanMark{{0, "a/b"}}
		}
		again := &chunk{bytes: c.only(all, mark)}
		again.bytes = again.bytes[:len(again.bytes):len(again.bytes)]
		if err := again.cut(make([]uint64, len(c.spans))); err != nil {
			t.Errorf("what was cut can't be cut again: %v", err)
		}
	})
}
