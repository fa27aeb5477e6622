package traces

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"burnline/internal/tracesearch"
)

func TestForgettingDeletesEveryTraceOfACustomerAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	alice, bob := []string{"enduser.id", "hash-of-alice"}, []string{"enduser.id", "hash-of-bob"}
	inEvent := batch(span{trace: 4, service: "shop", name: "event"})
	spanOf(inEvent).Events().AppendEmpty().Attributes().PutStr("enduser.id", "hash-of-alice")
	keep(t, s,
		batch(span{trace: 1, service: "shop", name: "a", attrs: alice}),
		batch(span{trace: 2, service: "shop", name: "b", attrs: bob}),
		batch(span{trace: 3, service: "shop", name: "c", attrs: alice, failed: true}),
		inEvent,
		batch(span{trace: 1, service: "shop", name: "another piece", parent: true}),
		batch(span{trace: 5, service: "shop", name: "d"}),
	)
	for round, want := range []int{3, 0} { // again is fine
		n, err := s.Forget(t.Context(), []string{"enduser.id", "user.id"}, "hash-of-alice")
		if err != nil || n != want {
			t.Errorf("round %d: %d traces were forgotten, want %d (%v)", round, n, want, err)
		}
	}
	check := func(s *Store) {
		t.Helper()
		for n, want := range map[byte]error{1: ErrNotFound, 2: nil, 3: ErrNotFound, 4: ErrNotFound, 5: nil} {
			if _, err := s.Trace(t.Context(), id(n)); !errors.Is(err, want) {
				t.Errorf("trace %d: got %v, want %v", n, err, want)
			}
		}
		if found := search(t, s, tracesearch.Query{}); len(found) != 2 {
			t.Errorf("found %+v", found)
		}
	}
	check(s)
	keep(t, s, batch(span{trace: 6, service: "shop", name: "next"}))
	if _, err := s.Trace(t.Context(), id(6)); err != nil {
		t.Errorf("what came after: %v", err)
	}
	if got := s.others.pieces; got != 3 {
		t.Errorf("%d pieces are counted", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	var size int64
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		size += int64(len(raw))
		trace1 := id(1)
		if bytes.Contains(raw, trace1[:]) {
			t.Errorf("%s still has the trace", path)
		}
	}
	if size != s.bytes() {
		t.Errorf("%d bytes are counted, %d are there", s.bytes(), size)
	}
	again := open(t, Options{Dir: dir})
	if _, err := again.Trace(t.Context(), id(6)); err != nil {
		t.Error(err)
	}
	if _, err := again.Forget(t.Context(), []string{"name"}, "next"); err != nil {
		t.Error(err)
	}
}

func TestForgettingGoesOnWhileTracesComeAndGo(t *testing.T) {
	s := open(t, Options{MaxBytes: 64 << 10})
	var all sync.WaitGroup
	all.Go(func() {
		for n := range 600 {
			attrs := []string{"enduser.id", "alice"}
			if n%2 == 0 {
				attrs[1] = "bob"
			}
			td := batch(span{service: "shop", name: "a", attrs: attrs, failed: n%3 == 0})
			spanOf(td).SetTraceID(pcommon.TraceID{byte(n), byte(n >> 8), 1})
			if err := s.Append(t.Context(), td); err != nil {
				t.Errorf("append: %v", err)
			}
		}
	})
	all.Go(func() {
		for range 20 {
			if _, err := s.Forget(t.Context(), []string{"enduser.id"}, "alice"); err != nil {
				t.Errorf("forget: %v", err)
			}
			if _, err := s.Search(t.Context(), tracesearch.Query{}); err != nil {
				t.Errorf("search: %v", err)
			}
		}
	})
	all.Wait()
	if _, err := s.Forget(t.Context(), []string{"enduser.id"}, "alice"); err != nil {
		t.Fatal(err)
	}
	if found := search(t, s, tracesearch.Query{Where: tracesearch.Attribute("enduser.id", "alice")}); len(found) != 0 {
		t.Errorf("%d traces of alice are left", len(found))
	}
	if found := search(t, s, tracesearch.Query{Where: tracesearch.Attribute("enduser.id", "bob")}); len(found) == 0 {
		t.Error("none of bob's traces is left")
	}
}

func TestAForgettingThatFailsLeavesEverythingReadable(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "a", attrs: []string{"enduser.id", "alice"}}), batch(span{trace: 2, service: "shop", name: "b"}))
	// A folder stands where the new file would be written.
	if err := os.Mkdir(filepath.Join(dir, "0000000000000001"+suffixOthers+unfinished), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Forget(t.Context(), []string{"enduser.id"}, "alice"); err == nil {
		t.Fatal("it reported success")
	}
	for n := range byte(2) {
		if _, err := s.Trace(t.Context(), id(n+1)); err != nil {
			t.Errorf("trace %d: %v", n+1, err)
		}
	}
}
