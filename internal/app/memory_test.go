package app

import "testing"

func TestHeapHasLessRoomWhileCollectingTakesLittle(t *testing.T) {
	p := pace{percent: gcPercent}
	for _, look := range []struct {
		why     string
		gc, all float64
		want    int
	}{
		{"much was collected", 10, 100, gcPercent},
		{"the runtime tells of no time", 10, 100, gcPercent},
		{"less, but not little", 12, 200, gcPercent},
		{"little", 13, 300, gcPercentCalm},
		{"less than much", 16, 400, gcPercentCalm},
		{"much again", 21, 500, gcPercent},
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
