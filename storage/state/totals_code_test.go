package state

import (
	"math"
	"reflect"
	"testing"

	"burnline/slo"
)

func TestADayComesBackAsItWas(t *testing.T) {
	var d slo.DayTotals
	for i, v := range [][2]float64{
		{0, 0}, {100, 100}, {100, 99}, {100.25, 99}, {1 << 53, 1}, {-(1 << 53), 1 << 53}, {1 << 60, 1 << 60}, {3, 4},
		{1e300, 0.1}, {math.Copysign(0, -1), 0}, {math.MaxFloat64, math.SmallestNonzeroFloat64},
	} {
		d.Total[i], d.Good[i] = v[0], v[1]
	}
	d.Total[95], d.Good[95] = 1, 0
	var back slo.DayTotals
	if err := decodeTotals(encodeTotals(&d), &back); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("got %+v, %v\nwant %+v", back, err, d)
	}
}

func TestADayComesBackWithWhatCorrectionsTakeOut(t *testing.T) {
	var d slo.DayTotals
	d.Total[3], d.Good[3] = 7, 6
	d.OutTotal[40], d.OutGood[40] = 12.5, 0
	d.OutTotal[41], d.OutGood[41] = 3, 3
	var back slo.DayTotals
	if err := decodeTotals(encodeTotals(&d), &back); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("got %+v, %v\nwant %+v", back, err, d)
	}
}

func TestABusyDayIsSmall(t *testing.T) {
	var d slo.DayTotals
	for i := range d.Total {
		d.Total[i], d.Good[i] = 90_000, 89_999
	}
	if n := len(encodeTotals(&d)); n > 96*4+2 {
		t.Errorf("a day of 100 events a second is %d bytes", n)
	}
	if n := len(encodeTotals(&slo.DayTotals{})); n != 2 {
		t.Errorf("a day without events is %d bytes", n)
	}
}

// Whatever bytes a row has, reading them fails or gives what writes itself again.
func FuzzDecodeTotals(f *testing.F) {
	var d slo.DayTotals
	d.Total[0], d.Good[0], d.Total[1], d.Good[1] = 10, 9, 0.5, 0.25
	f.Add(encodeTotals(&d))
	f.Add([]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 3})
	d.OutTotal[5], d.OutGood[5] = 2, 1
	f.Add(encodeTotals(&d))
	f.Fuzz(func(t *testing.T, in []byte) {
		var a, b slo.DayTotals
		if decodeTotals(in, &a) != nil {
			return
		}
		if err := decodeTotals(encodeTotals(&a), &b); err != nil {
			t.Fatalf("%v does not come back: %v", a, err)
		}
		for i := range a.Total {
			if math.Float64bits(a.Total[i]) != math.Float64bits(b.Total[i]) || math.Float64bits(a.Good[i]) != math.Float64bits(b.Good[i]) {
				t.Errorf("quarter %d: %v/%v became %v/%v", i, a.Good[i], a.Total[i], b.Good[i], b.Total[i])
			}
		}
	})
}
