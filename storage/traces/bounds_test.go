package traces

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

func spanOf(td ptrace.Traces) ptrace.Span {
	return td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
}

// flood keeps total traces with ids that begin with kind.
func flood(t *testing.T, s *Store, kind byte, total int, of span) {
	t.Helper()
	for n := range total {
		td := batch(of)
		spanOf(td).SetTraceID(pcommon.TraceID{kind, byte(n), byte(n >> 8), 1})
		keep(t, s, td)
	}
}

func TestAFloodOfOthersPushesOutNoBadTrace(t *testing.T) {
	for name, opts := range map[string]Options{"bytes": {MaxBytes: 64 << 10}, "number": {MaxTraces: 400}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, opts)
			marked := batch(span{trace: 7, service: "shop", name: "marked"})
			spanOf(marked).Attributes().PutStr(tracesearch.SLOAttribute, "shop/buy")
			keep(t, s, batch(span{trace: 1, service: "shop", name: "bad", failed: true}), marked)
			flood(t, s, 9, 1200, span{service: "shop", name: "slow", took: time.Minute})
			for _, n := range []byte{1, 7} {
				if _, err := s.Trace(t.Context(), id(n)); err != nil {
					t.Errorf("bad trace %d: %v", n, err)
				}
			}
			if _, err := s.Trace(t.Context(), pcommon.TraceID{9, 0, 0, 1}); !errors.Is(err, ErrNotFound) {
				t.Errorf("the oldest of the flood: %v", err)
			}
		})
	}
}

func TestAFloodOfBadTracesLeavesTheOthersTheirShare(t *testing.T) {
	for name, opts := range map[string]Options{"bytes": {MaxBytes: 64 << 10}, "number": {MaxTraces: 400}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, opts)
			flood(t, s, 1, 1200, span{service: "shop", name: "other"})
			flood(t, s, 2, 1200, span{service: "shop", name: "bad", failed: true})
			others := len(search(t, s, tracesearch.Query{Where: tracesearch.SpanName("other"), Limit: tracesearch.MostResults}))
			bad := len(search(t, s, tracesearch.Query{Where: tracesearch.SpanName("bad"), Limit: tracesearch.MostResults}))
			if others < bad/8 || others > bad {
				t.Errorf("%d others are left beside %d bad ones", others, bad)
			}
			if all := s.bytes(); all > s.opts.MaxBytes {
				t.Errorf("%d bytes are kept, bound is %d", all, s.opts.MaxBytes)
			}
		})
	}
}

func TestLateSpansOfABadTraceAreKeptAsItIs(t *testing.T) {
	s := open(t, Options{})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "bad", failed: true}), batch(span{trace: 1, service: "shop", name: "late", parent: true}))
	if s.others.pieces != 0 || s.bad.pieces != 2 {
		t.Errorf("%d pieces are among the bad ones, %d among the others", s.bad.pieces, s.others.pieces)
	}
}

func TestManyPiecesOfFewTracesAreBoundedToo(t *testing.T) {
	s := open(t, Options{MaxTraces: 50})
	for n := range 1000 {
		keep(t, s, batch(span{trace: 1, service: "shop", name: fmt.Sprint(n)}))
	}
	if got := s.bad.pieces + s.others.pieces; got > piecesPerTrace*50 {
		t.Errorf("the index knows %d pieces", got)
	}
}

func TestFilesOfAnOlderFormAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"0000000000000001.traces", "0000000000000002-bad.spans.new"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, Options{Dir: dir})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "a"}))
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != "0000000000000001"+suffixOthers {
		t.Errorf("files are %v (%v)", files, err)
	}
}

func TestWhatIsRedactedReachesNoFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, Redact: func(td ptrace.Traces) { spanOf(td).Attributes().Remove("secret") }})
	sent := batch(span{trace: 1, service: "shop", name: "a", attrs: []string{"secret", "alice"}})
	keep(t, s, sent)
	td, err := s.Trace(t.Context(), id(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := spanOf(td).Attributes().Get("secret"); kept {
		t.Error("the secret is kept")
	}
	if _, there := spanOf(sent).Attributes().Get("secret"); !there {
		t.Error("the caller's span was changed")
	}
}
