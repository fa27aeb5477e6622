package main

import (
	"strings"
	"testing"
	"time"

	"burnline/bench/internal/rig"
)

func TestTheTableHasRatios(t *testing.T) {
	var b strings.Builder
	if err := write(&b, options{kind: "mix", rounds: 3, measured: time.Second}, rig.Figures{Rate: 200, CPU: 2, Memory: 200}, rig.Figures{Rate: 100, CPU: 3, Memory: 100}, rig.Figures{Rate: 190, CPU: 2.1, Memory: 201}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"| points/s | 200 | 100 | 2.00 | 190 |", "| CPU-s per million points | 2.00 | 3.00 | 1.50 | 2.10 |", "| peak memory, MiB | 200 | 100 | 0.50 | 201 |"} {
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
