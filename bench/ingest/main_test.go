package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestCPUTimeIsReadPastANameWithSpacesAndBrackets(t *testing.T) {
	got, err := parseCPU("42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 8 0 100 1 2 3")
	if err != nil || got != 3*time.Second {
		t.Errorf("got %s, %v, want 3s", got, err)
	}
	if _, err := parseCPU("42 (short) S"); err == nil {
		t.Error("a short line was taken")
	}
}

func TestFiguresOfThisProcessCanBeRead(t *testing.T) {
	if _, err := cpu(os.Getpid()); err != nil {
		t.Error(err)
	}
	if n, err := peakMemory(os.Getpid()); err != nil || n < 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

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
