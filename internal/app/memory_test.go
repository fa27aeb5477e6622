package app

import "testing"

func TestHeapHasLessRoomWhileCollectingTakesLittle(t *testing.T) {
	p := pace{}
	for _, look := range []struct {
		why     string
		gc, all float64
		want    int
	}{
		{"much was collected", 10, 100, 75},
		{"the runtime tells of no time", 10, 100, 75},
		{"less, but not little", 12, 200, 75},
		{"little", 13, 300, 40},
		{"less than much", 16, 400, 40},
		{"little", 17, 500, 25},
		{"little, and no less room is left", 18, 600, 25},
		{"much again", 23, 700, 40},
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
