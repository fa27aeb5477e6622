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
