package slo_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

func TestHeatPutsBucketsIntoRows(t *testing.T) {
	t.Parallel()
	at := time.Unix(1000, 0)
	classic := func(fast, middle, slow float64) slo.HeatStep {
		return slo.HeatStep{T: at, Buckets: []slo.HeatBucket{{0, 0.1, fast}, {0.1, 0.3, middle}, {0.3, math.Inf(1), slow}}}
	}
	h := slo.NewHeat([]slo.HeatStep{classic(80, 15, 5), classic(0, 0, 0), classic(0, 0, 10)}, 0.3, 20)
	if !slices.Equal(h.Bounds, []float64{0.1, 0.3, math.Inf(1)}) || len(h.Cells) != 3 || h.Cells[2][2] != 10 || h.Total() != 110 {
		t.Errorf("%+v", h)
	}
	if b, ok := h.Below(0.5); !ok || b != 0.1 {
		t.Errorf("half took at most %g", b)
	}
	if b, ok := h.Below(0.99); !ok || !math.IsInf(b, 1) {
		t.Errorf("99 %% took at most %g", b)
	}
	if slow, all := h.Slow(0, 0.3); slow != 5 || all != 100 {
		t.Errorf("%g of %g were slow", slow, all)
	}
	if _, ok := slo.NewHeat([]slo.HeatStep{classic(0, 0, 0)}, 0.3, 20).Below(0.5); ok {
		t.Error("without requests nothing is known")
	}
}

func TestHeatMergesNarrowBucketsButNeverAcrossTheThreshold(t *testing.T) {
	t.Parallel()
	var step slo.HeatStep
	for i := range 200 { // as a native histogram has them
		lower := 0.001 * math.Pow(2, float64(i)/16)
		step.Buckets = append(step.Buckets, slo.HeatBucket{Lower: lower, Upper: 0.001 * math.Pow(2, float64(i+1)/16), Count: 1})
	}
	for _, most := range []int{5, 12, 20} {
		h := slo.NewHeat([]slo.HeatStep{step}, 0.3, most)
		if len(h.Bounds) > most || h.Total() != 200 || !slices.IsSorted(h.Bounds) {
			t.Errorf("at most %d rows: %d with %g requests", most, len(h.Bounds), h.Total())
		}
		fast := 0.0
		for _, b := range step.Buckets {
			if b.Upper <= 0.3 {
				fast++
			}
		}
		if slow, all := h.Slow(0, 0.3); all-slow != fast {
			t.Errorf("%g of %g were slow, %g were not", slow, all, fast)
		}
		if i := slices.IndexFunc(h.Bounds, func(b float64) bool { return b > 0.3 }); i < 1 || h.Bounds[i-1] < 0.28 {
			t.Errorf("no row ends below the threshold: %v", h.Bounds)
		}
	}
}
