package rig

import (
	"math"
	"os"
	"testing"
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
