package traces

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// noon is the time of these tests.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestATraceInPiecesIsReadAsOne(t *testing.T) {
	s := open(t, Options{})
	shop := span{trace: 1, service: "shop", name: "GET /buy", at: 0, took: 300 * time.Millisecond}
	pay := span{trace: 1, service: "payment", name: "charge", parent: true, at: 100 * time.Millisecond, took: 100 * time.Millisecond, failed: true}
	keep(t, s, batch(pay), batch(shop))

	td, err := s.Trace(t.Context(), id(1))
	if err != nil {
		t.Fatal(err)
	}
	if got := names(td); got != "charge,GET /buy," {
		t.Errorf("spans are %q", got)
	}
	found := search(t, s, tracesearch.Query{})
	if len(found) != 1 {
		t.Fatalf("found %+v", found)
	}
	got := found[0]
	if got.ID != id(1) || got.Service != "shop" || got.Name != "GET /buy" || got.Spans != 2 || got.Errors != 1 ||
		got.Start != noon.UnixNano() || got.End != noon.Add(300*time.Millisecond).UnixNano() || !got.Rooted {
		t.Errorf("got %+v", got)
	}
}

func TestATraceThatIsNotKeptIsNotFound(t *testing.T) {
	s := open(t, Options{})
	if _, err := s.Trace(t.Context(), id(9)); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestABatchOfManyTracesIsKeptTraceByTrace(t *testing.T) {
	s := open(t, Options{})
	keep(t, s, batch(
		span{trace: 1, service: "shop", name: "a"},
		span{trace: 2, service: "shop", name: "b"},
		span{trace: 1, service: "shop", name: "c", parent: true},
		span{trace: 2, service: "cart", name: "d", parent: true},
	))
	for n, want := range map[byte]string{1: "a,c,", 2: "b,d,"} {
		td, err := s.Trace(t.Context(), id(n))
		if err != nil {
			t.Fatal(err)
		}
		if got := names(td); got != want {
			t.Errorf("trace %d has %q, want %q", n, got, want)
		}
	}
}

func TestEverythingIsThereAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, MaxBytes: 8 << 10}) // several segments
	for n := range byte(20) {
		keep(t, s, batch(span{trace: n + 1, service: "shop", name: fmt.Sprint("span ", n), at: time.Duration(n) * time.Second, failed: n%2 == 0}))
	}
	want := search(t, s, tracesearch.Query{Limit: 100})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, Options{Dir: dir, MaxBytes: 8 << 10})
	got := search(t, again, tracesearch.Query{Limit: 100})
	if len(got) != len(want) || len(got) < 10 {
		t.Fatalf("%d traces after the restart, %d before", len(got), len(want))
	}
	for i := range got {
		if got[i].ID != want[i].ID || got[i].Name != want[i].Name || got[i].Errors != want[i].Errors {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
		if _, err := again.Trace(t.Context(), got[i].ID); err != nil {
			t.Errorf("trace %s: %v", got[i].ID, err)
		}
	}
	if found := search(t, again, tracesearch.Query{Where: tracesearch.SpanName("span 19")}); len(found) != 1 {
		t.Errorf("found %+v by a name that only the index knows", found)
	}
}

func TestATornLastRecordIsCutOffAndTheRestKept(t *testing.T) {
	whole := t.TempDir()
	s := open(t, Options{Dir: whole})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "first"}), batch(span{trace: 2, service: "shop", name: "second"}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := "0000000000000001" + suffixOthers
	raw, err := os.ReadFile(filepath.Join(whole, file))
	if err != nil {
		t.Fatal(err)
	}
	var p prefix
	if err := p.unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	// A kill may cut the second record at any byte.
	for cut := int(p.length()); cut < len(raw); cut += 7 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), raw[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		torn := open(t, Options{Dir: dir})
		keep(t, torn, batch(span{trace: 3, service: "shop", name: "third"}))
		for n, want := range map[byte]error{1: nil, 2: ErrNotFound, 3: nil} {
			if _, err := torn.Trace(t.Context(), id(n)); !errors.Is(err, want) {
				t.Fatalf("cut at %d: trace %d: got %v, want %v", cut, n, err, want)
			}
		}
	}
}

func TestADamagedLastRecordIsCutOff(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "first"}), batch(span{trace: 2, service: "shop", name: "second"}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "0000000000000001"+suffixOthers)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{Dir: dir})
	if _, err := s.Trace(t.Context(), id(2)); !errors.Is(err, ErrNotFound) {
		t.Errorf("damaged trace: %v", err)
	}
	if _, err := s.Trace(t.Context(), id(1)); err != nil {
		t.Errorf("whole trace: %v", err)
	}
}

func TestTheOldestGoesWhenABoundIsReached(t *testing.T) {
	for name, opts := range map[string]Options{
		"bytes":  {MaxBytes: 16 << 10},
		"number": {MaxTraces: 100},
	} {
		t.Run(name, func(t *testing.T) {
			opts.Dir = t.TempDir()
			s := open(t, opts)
			const total = 1000
			for n := range total {
				sp := span{service: "shop", name: fmt.Sprint("span ", n)}
				td := batch(sp)
				one := td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
				one.SetTraceID(pcommon.TraceID{byte(n), byte(n >> 8), 1})
				keep(t, s, td)
			}
			size := int64(0)
			paths, _ := filepath.Glob(filepath.Join(opts.Dir, "*"))
			for _, p := range paths {
				info, err := os.Stat(p)
				if err != nil {
					t.Fatal(err)
				}
				size += info.Size()
			}
			if opts.MaxBytes > 0 && size > opts.MaxBytes {
				t.Errorf("%d bytes of files, bound is %d", size, opts.MaxBytes)
			}
			found := search(t, s, tracesearch.Query{Limit: total})
			if opts.MaxTraces > 0 && len(found) > opts.MaxTraces {
				t.Errorf("%d traces, bound is %d", len(found), opts.MaxTraces)
			}
			if len(found) < 50 {
				t.Errorf("only %d traces are left", len(found))
			}
			newest := pcommon.TraceID{byte((total - 1) & 0xff), byte((total - 1) >> 8), 1}
			if _, err := s.Trace(t.Context(), newest); err != nil {
				t.Errorf("the newest trace: %v", err)
			}
			if _, err := s.Trace(t.Context(), pcommon.TraceID{0, 0, 1}); !errors.Is(err, ErrNotFound) {
				t.Errorf("the oldest trace: %v", err)
			}
		})
	}
}

func TestATracePastTheRetentionIsGone(t *testing.T) {
	now := noon
	s := open(t, Options{Retention: time.Hour, Now: func() time.Time { return now }})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "old"}))
	now = noon.Add(61 * time.Minute)
	if _, err := s.Trace(t.Context(), id(1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("by id: %v", err)
	}
	if found := search(t, s, tracesearch.Query{}); len(found) != 0 {
		t.Errorf("by search: %v", found)
	}
	keep(t, s, batch(span{trace: 2, service: "shop", name: "new"}))
	paths, _ := filepath.Glob(filepath.Join(s.opts.Dir, "*"))
	if len(paths) != 1 {
		t.Errorf("files left: %v", paths)
	}
}

func TestAFailedWriteIsAnErrorAndLeavesNoHalfRecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "first"}))
	// The file can no longer be written to, as on a full disk.
	whole := s.others.segments[0].file
	readOnly, err := os.Open(whole.Name())
	if err != nil {
		t.Fatal(err)
	}
	s.others.segments[0].file = readOnly
	if err := s.Append(t.Context(), batch(span{trace: 2, service: "shop", name: "lost"})); err == nil {
		t.Fatal("a write that failed returned nil")
	}
	if _, err := s.Trace(t.Context(), id(2)); !errors.Is(err, ErrNotFound) {
		t.Errorf("the lost trace: %v", err)
	}
	keep(t, s, batch(span{trace: 3, service: "shop", name: "next"}))
	if _, err := s.Trace(t.Context(), id(3)); err != nil {
		t.Errorf("the next trace: %v", err)
	}
	_ = whole.Close()
}

func TestManyWritersAndReadersAtTheSameTime(t *testing.T) {
	s := open(t, Options{MaxBytes: 32 << 10})
	var all sync.WaitGroup
	for w := range byte(4) {
		all.Go(func() {
			for n := range byte(100) {
				if err := s.Append(t.Context(), batch(span{trace: n, service: "shop", name: "x"})); err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
		all.Go(func() {
			for n := range byte(100) {
				if _, err := s.Trace(t.Context(), id(n)); err != nil && !errors.Is(err, ErrNotFound) {
					t.Errorf("reader %d: %v", w, err)
				}
				if _, err := s.Search(t.Context(), tracesearch.Query{}); err != nil {
					t.Errorf("reader %d: %v", w, err)
				}
			}
		})
	}
	all.Wait()
}

func TestAClosedStoreRefuses(t *testing.T) {
	s := open(t, Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), batch(span{trace: 1})); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

func FuzzRecord(f *testing.F) {
	s := open(f, Options{})
	td := batch(span{trace: 1, service: "shop", name: "GET /buy", failed: true})
	record, err := s.encode(headOf(id(1), td, noon), td)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	f.Add(record[:len(record)-3])
	f.Add(bytes.Repeat([]byte{0xff}, prefixLen+headFixed))
	f.Fuzz(func(t *testing.T, b []byte) {
		td, err := s.decodeBody(b)
		if err != nil {
			return
		}
		_, h, err := decodeHead(b)
		if err != nil {
			t.Fatalf("the body can be read and the head can't: %v", err)
		}
		again, err := s.encode(h, td)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.decodeBody(again); err != nil {
			t.Fatalf("what was read can't be written and read: %v", err)
		}
	})
}

// span is one span of a test; times are relative to noon.
type span struct {
	trace         byte
	service, name string
	parent        bool
	at, took      time.Duration
	failed        bool
	// attrs are pairs of attributes of the span.
	attrs []string
}

func id(n byte) pcommon.TraceID { return pcommon.TraceID{15: n, 0: 1} }

func batch(spans ...span) ptrace.Traces {
	td := ptrace.NewTraces()
	for i, sp := range spans {
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", sp.service)
		s := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
		s.SetTraceID(id(sp.trace))
		s.SetSpanID(pcommon.SpanID{byte(i + 1)})
		if sp.parent {
			s.SetParentSpanID(pcommon.SpanID{99})
		}
		s.SetName(sp.name)
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(noon.Add(sp.at)))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(noon.Add(sp.at + sp.took)))
		if sp.failed {
			s.Status().SetCode(ptrace.StatusCodeError)
		}
		for i := 0; i < len(sp.attrs); i += 2 {
			s.Attributes().PutStr(sp.attrs[i], sp.attrs[i+1])
		}
	}
	return td
}

func open(t testing.TB, opts Options) *Store {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	if opts.Now == nil {
		opts.Now = func() time.Time { return noon }
	}
	s, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func keep(t *testing.T, s *Store, batches ...ptrace.Traces) {
	t.Helper()
	for _, td := range batches {
		if err := s.Append(t.Context(), td); err != nil {
			t.Fatal(err)
		}
	}
}

func search(t *testing.T, s *Store, q tracesearch.Query) []tracesearch.Found {
	t.Helper()
	answer, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if !answer.Until.IsZero() {
		t.Fatalf("the search ended at %s", answer.Until)
	}
	return answer.Traces
}

func names(td ptrace.Traces) string {
	s := ""
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				s += sp.Name() + ","
			}
		}
	}
	return s
}
