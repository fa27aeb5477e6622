package main

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"burnline/bench/internal/rig"
)

// Every sending is of other spans, which end when they are sent, and a flood has other names.
func TestARequestIsNewEachTime(t *testing.T) {
	b, err := newBody(3, 512, true)
	if err != nil {
		t.Fatal(err)
	}
	if size := len(b.bytes) / 512; size < 330 || size > 410 {
		t.Errorf("a span takes %d bytes, want about 370", size)
	}
	ids, names := map[string]bool{}, map[string]bool{}
	number := uint64(1000)
	now := time.Now()
	for range 3 {
		b.set(&number, now, rand.New(rand.NewPCG(1, 1)))
		req := ptraceotlp.NewExportRequest()
		if err := req.UnmarshalProto(b.bytes); err != nil {
			t.Fatal(err)
		}
		for _, s := range req.Traces().ResourceSpans().At(0).ScopeSpans().At(0).Spans().All() {
			trace, id := s.TraceID(), s.SpanID()
			ids[hex.EncodeToString(trace[:])+hex.EncodeToString(id[:])] = true
			names[s.Name()] = true
			if s.EndTimestamp().AsTime().UnixNano() != now.UnixNano() || !s.StartTimestamp().AsTime().Before(now) || s.Attributes().Len() != 13 {
				t.Fatalf("span %x goes from %s to %s with %d attributes", id, s.StartTimestamp(), s.EndTimestamp(), s.Attributes().Len())
			}
		}
	}
	if len(ids) != 3*512 || len(names) != 3*512 {
		t.Errorf("%d ids and %d names of 1536 spans", len(ids), len(names))
	}
}

func TestTheTableHasRatiosAndTheFlood(t *testing.T) {
	var b strings.Builder
	o := options{spans: 512, rounds: 3, measured: time.Second, flood: time.Minute}
	if err := write(&b, o, rig.Figures{Rate: 200, CPU: 3, Memory: 200}, rig.Figures{Rate: 100, CPU: 6, Memory: 100}, []int64{200, 210}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"| CPU-s per million spans | 3.00 | 6.00 | 2.00 |", "| peak memory, MiB | 200 | 100 | 0.50 |", "resident memory 200, 210 MiB"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestWithoutABinaryItSaysWhatToDo(t *testing.T) {
	err := run(t.Context(), nil, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "go build -o burnline") {
		t.Errorf("got %v", err)
	}
}
