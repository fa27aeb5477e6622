package statuspage

import (
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

// kept is a record of a promise of 99 %, by how much of 1,000 events an hour failed on some days before
// noon; a negative number is a day without data.
func kept(failed map[int]float64, out ...slo.Interval) *report.Record {
	p := &report.Promise{Definition: &slo.Definition{ID: "a/b", Objective: 99}, Corrected: out, Since: noon.Add(-100 * 24 * time.Hour), Until: noon}
	for day := range 100 {
		t := slo.DayTotals{SLO: "a/b", Day: noon.Truncate(24*time.Hour).AddDate(0, 0, -day)}
		for q := range t.Total {
			if share := failed[day]; share >= 0 && t.Day.Add(time.Duration(q)*15*time.Minute).Before(noon) {
				t.Total[q], t.Good[q] = 250, 250*(1-share)
			}
		}
		p.Totals = append(p.Totals, t)
	}
	return report.Read(p)
}

func TestEachDayIsToldAsItWas(t *testing.T) {
	c, _ := shop()
	h := c.Past(noon, []*report.Record{kept(map[int]float64{1: 0.05, 2: -1, 3: 0.005}), kept(map[int]float64{3: 0.008, 5: 0.02})})
	if len(h.Days) != Days || h.Days[Days-1].Date != "2026-03-01" || h.Days[0].Date != "2025-12-02" {
		t.Fatalf("%d days from %s to %s", len(h.Days), h.Days[0].Date, h.Days[len(h.Days)-1].Date)
	}
	for _, d := range []struct {
		name   string
		ago    int
		state  DayState
		worked float64
	}{
		{"today", 0, Good, 100}, {"more failed than promised", 1, Bad, 95}, {"one of two promises had no data", 2, NoData, 100}, {"the lower of two", 3, Good, 99.2}, {"the other promise", 5, Bad, 98},
	} {
		have := h.Days[Days-1-d.ago]
		if have.State != d.state || have.Worked == nil || *have.Worked-d.worked > 1e-6 || d.worked-*have.Worked > 1e-6 {
			t.Errorf("%s: %+v", d.name, have)
		}
	}
	if h.Missing != 24 || h.Worked == nil || *h.Worked >= 100 {
		t.Errorf("altogether %+v", h)
	}
}

func TestMaintenanceIsLeftOutAndSaid(t *testing.T) {
	c, _ := shop()
	yesterday := noon.Truncate(24*time.Hour).AddDate(0, 0, -1)
	h := c.Past(noon, []*report.Record{kept(map[int]float64{1: 0.5}, slo.Interval{From: yesterday, To: yesterday.Add(24 * time.Hour)})})
	if d := h.Days[Days-2]; d.State != Excluded || d.Worked != nil || d.Maintenance != 24 {
		t.Errorf("the day is %+v", d)
	}
	if *h.Worked != 100 || *h.WorkedWithAll > 99.5 || h.Maintenance != 24 {
		t.Errorf("altogether %v, with maintenance %v, of %v hours", *h.Worked, *h.WorkedWithAll, h.Maintenance)
	}
}

func TestWithoutRecordsNothingIsGood(t *testing.T) {
	c, _ := shop()
	h := c.Past(noon, nil)
	if len(h.Days) != Days || h.Worked != nil {
		t.Fatalf("%d days, %v", len(h.Days), h.Worked)
	}
	for _, d := range h.Days {
		if d.State != NoData {
			t.Errorf("%s is %s", d.Date, d.State)
		}
	}
}

// In Santiago no clock shows 00:00 on 6 September 2026.
func TestEveryDayIsThereOnceWhereOneHasNoMidnight(t *testing.T) {
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	c := &Config{Zone: zone}
	young := report.Read(&report.Promise{Definition: &slo.Definition{ID: "a/b", Objective: 99}})
	for _, ago := range []int{0, 1, 40, Days - 1} {
		at := time.Date(2026, time.September, 6+ago, 15, 0, 0, 0, zone)
		for _, records := range [][]*report.Record{nil, {young}} {
			h := c.Past(at, records)
			seen := map[string]bool{}
			for _, d := range h.Days {
				seen[d.Date] = true
			}
			if len(h.Days) != Days || len(seen) != Days || h.Days[Days-1].Date != at.Format(time.DateOnly) {
				t.Errorf("%d days after, with %d records: %d days, %d of them different, from %s to %s", ago, len(records), len(h.Days), len(seen), h.Days[0].Date, h.Days[len(h.Days)-1].Date)
			}
		}
	}
}

func TestDaysBeforeAPromiseAreNotWithoutData(t *testing.T) {
	c, _ := shop()
	young := report.Read(&report.Promise{Definition: &slo.Definition{ID: "a/b", Objective: 99}, Since: noon.Add(-24 * time.Hour), Until: noon})
	h := c.Past(noon, []*report.Record{young})
	if h.Days[0].State != Before || h.Days[Days-1].State != NoData {
		t.Errorf("the first day is %s, today %s", h.Days[0].State, h.Days[Days-1].State)
	}
}

func TestSlugs(t *testing.T) {
	for name, want := range map[string]string{"Paying": "paying", "Search & browse": "search-browse", "  Über 3 Wege ": "über-3-wege", "…": ""} {
		if got := (&JourneyConfig{Name: name}).Slug(); got != want {
			t.Errorf("%q has the address %q, want %q", name, got, want)
		}
	}
}
