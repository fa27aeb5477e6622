package rig

import (
	"math"
	"os"
	"testing"
	"time"
)

func TestMedianIsTheMiddle(t *testing.T) {
	if got := Median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("of three: %g", got)
	}
	if got := Median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("of four: %g", got)
	}
	if got := Median(nil); !math.IsNaN(got) {
		t.Errorf("of none: %g", got)
	}
}

func TestMemoryIsThatOfTheProcess(t *testing.T) {
	got, err := RSS(os.Getpid())
	if err != nil || got < 1<<20 || got > 1<<40 {
		t.Errorf("got %d bytes, error %v", got, err)
	}
	if _, err := RSS(-1); err == nil {
		t.Error("memory of no process")
	}
}

func TestCPUTimeIsReadPastANameWithSpacesAndBrackets(t *testing.T) {
	got, err := parseCPU("42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 8 0 100 1 2 3")
	if err != nil || got != 3*time.Second {
		t.Errorf("got %s, %v, want 3s", got, err)
	}
	if _, err := parseCPU("42 (short) S"); err == nil {
		t.Error("a short line was taken")
	}
}

func TestThePeakIsAtLeastWhatIsResident(t *testing.T) {
	now, err := RSS(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if peak, err := PeakMemory(os.Getpid()); err != nil || peak < now/2 {
		t.Errorf("peak %d, now %d, %v", peak, now, err)
	}
	if _, err := CPU(os.Getpid()); err != nil {
		t.Error(err)
	}
}
