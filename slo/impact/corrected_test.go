package impact

import (
	"testing"
	"time"

	"burnline/slo"
)

// The SLO's own counts leave corrected time out, and so do customers, regions and places.
func TestCorrectedTimeHurtsNobody(t *testing.T) {
	w := newWorld(t, nil)
	maintained := slo.Interval{From: noon.Add(time.Minute), To: noon.Add(3 * time.Minute)}
	w.Correct(func(id string, from, to time.Time) []slo.Interval {
		if id != "checkout/ok" || !from.Before(maintained.From) || !to.After(maintained.To) {
			t.Errorf("asked for %s from %s to %s", id, from, to)
		}
		return []slo.Interval{maintained}
	})
	for second := range 240 {
		at := noon.Add(time.Duration(second) * time.Second)
		w.set(at)
		region := "eu"
		if within([]slo.Interval{maintained}, at) {
			region = "us" // fails in the maintenance alone
		}
		w.Judged([]slo.JudgedSpan{span(at, second, true, region, "v1", "pay")})
	}
	i := w.ask(checkoutIncident()).Impact
	if i.Failed != 120 || i.Customers.Hurt != 120 || len(i.Regions) != 1 || i.Regions[0].Name != "eu" || i.Regions[0].Failed != 120 {
		t.Errorf("impact is %+v of %+v, want what failed outside the maintenance", i, i.Customers)
	}
	w.Correct(nil)
	w.Judged([]slo.JudgedSpan{span(noon.Add(2*time.Minute), 999, true, "us", "v1", "pay")})
	if i := w.ask(checkoutIncident()).Impact; i.Failed != 121 {
		t.Errorf("%v failed after the correction is gone", i.Failed)
	}
}
