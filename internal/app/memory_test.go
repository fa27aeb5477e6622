package app

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestHeapHasLessRoomWhileCollectingTakesLittle(t *testing.T) {
	p := pace{}
	for _, look := range []struct {
		why     string
		gc, all float64
		want    int
	}{
		{"much was collected", 10, 100, 75},
		{"the runtime tells of no time", 10, 100, 75},
		{"not so little that half the room is enough", 13, 200, 75},
		{"little", 15, 300, 40},
		{"not so little that still less room is enough", 19, 400, 40},
		{"little", 21, 500, 25},
		{"little, and no less room is left", 23, 600, 25},
		{"more, but not much", 30, 700, 25},
		{"much again", 38, 800, 40},
	} {
		if got := p.next(look.gc, look.all); got != look.want {
			t.Errorf("%s: %d %%, want %d", look.why, got, look.want)
		}
	}
}

func TestRuntimeTellsWhatCollectingTakes(t *testing.T) {
	if _, all := collecting(); all <= 0 {
		t.Errorf("all processors had %g seconds", all)
	}
}

func TestOnlyTheStartHasMoreRoom(t *testing.T) {
	t.Setenv("GOGC", "")
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
	calm := tuneMemory()
	if got := debug.SetGCPercent(startPercent); got != startPercent {
		t.Errorf("the start has %d %%, want %d", got, startPercent)
	}
	if got := debug.SetMemoryLimit(-1); got == math.MaxInt64 {
		t.Error("the start may take all memory that there is")
	}
	calm()
	if got := debug.SetGCPercent(100); got != gcPercents()[0] {
		t.Errorf("after the start it is %d %%, want %d", got, gcPercents()[0])
	}
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64 {
		t.Errorf("after the start the limit is %d, and the operator set none", got)
	}
}
