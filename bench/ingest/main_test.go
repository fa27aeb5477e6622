package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheTableHasMediansAndRatios(t *testing.T) {
	ours := median([]figures{{300, 3, 100}, {100, 1, 300}, {200, 2, 200}})
	if ours != (figures{200, 2, 200}) {
		t.Fatalf("median is %v", ours)
	}
	var b strings.Builder
	if err := write(&b, options{kind: "mix", rounds: 3, measured: time.Second}, ours, figures{100, 3, 100}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"| points/s | 200 | 100 | 2.00 |", "| CPU-s per million points | 2.00 | 3.00 | 1.50 |", "| peak memory, MiB | 200 | 100 | 0.50 |"} {
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
