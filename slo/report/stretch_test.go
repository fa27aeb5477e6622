package report

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"burnline/slo"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// steady are days of a group with so many events in each quarter, of which some are bad.
func steady(group string, from time.Time, days int, total, bad float64) []slo.DayTotals {
	var all []slo.DayTotals
	for i := range days {
		d := slo.DayTotals{SLO: "shop/buy", Day: from.AddDate(0, 0, i)}
		if group != "" {
			d.Group = slo.NewLabels("region", group)
		}
		for q := range d.Total {
			d.Total[q], d.Good[q] = total, total-bad
		}
		all = append(all, d)
	}
	return all
}

func shop(objective float64) *slo.Definition {
	return &slo.Definition{ID: "shop/buy", Service: "shop", Name: "buy", Team: "payments", Objective: objective}
}

func utc(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestADayIsCutByTheClockOfItsZone(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for _, c := range []struct {
		what  string
		month time.Month
		days  int
		long  string
		hours float64
	}{
		{"clocks go back in October", time.October, 31, "2026-10-25", 25},
		{"clocks go forward in March", time.March, 31, "2026-03-29", 23},
	} {
		r := Read(&Promise{Definition: shop(99), Totals: steady("", utc(2026, c.month, 1).AddDate(0, 0, -1), 33, 10, 0)})
		from := time.Date(2026, c.month, 1, 0, 0, 0, 0, zone)
		days := r.Days(zone, from, from.AddDate(0, 1, 0))
		if len(days) != c.days {
			t.Fatalf("%s: %d days", c.what, len(days))
		}
		total := 0.0
		for _, d := range days {
			want := 24.0
			if d.Date == c.long {
				want = c.hours
			}
			if d.Hours != want || d.Raw.Total != want*4*10 || d.Corrected.State != Kept {
				t.Errorf("%s: %s has %v hours with %v events, %s", c.what, d.Date, d.Hours, d.Raw.Total, d.Corrected.State)
			}
			total += d.Corrected.Total
		}
		if month := r.Over(from, from.AddDate(0, 1, 0)); month.Corrected.Total != total {
			t.Errorf("%s: the days have %v events, the month %v", c.what, total, month.Corrected.Total)
		}
	}
}

func midnight(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return DayAt(y, m, d, zone)
}

// In Santiago and Havana a clock that is set forward shows no midnight. Days that were found by adding one to the
// date of the evening before never came to an end.
func TestADayWithoutMidnightBeginsWhenTheClockIsSetForward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone  string
		month time.Month
		days  int
		short string
	}{{"America/Santiago", time.September, 30, "2026-09-06"}, {"America/Havana", time.March, 31, "2026-03-08"}, {"Africa/Cairo", time.April, 30, "2026-04-24"}} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		short, _ := time.Parse(time.DateOnly, c.short)
		begin := DayAt(2026, c.month, short.Day(), zone)
		if next := NextDay(DayAt(2026, c.month, short.Day()-1, zone)); !next.Equal(begin) || begin.Format("2006-01-02 15:04") != c.short+" 01:00" {
			t.Fatalf("%s: the day after the one before %s begins at %s", c.zone, c.short, next)
		}
		r := Read(&Promise{Definition: shop(99), Totals: steady("", utc(2026, c.month, 1).AddDate(0, 0, -1), 33, 10, 0)})
		days := r.Days(zone, DayAt(2026, c.month, 1, zone), DayAt(2026, c.month+1, 1, zone))
		if len(days) != c.days {
			t.Fatalf("%s: %d days, want %d", c.zone, len(days), c.days)
		}
		for _, d := range days {
			if (d.Hours == 23) != (d.Date == c.short) || d.Corrected.State != Kept {
				t.Errorf("%s: %s has %v hours, %s", c.zone, d.Date, d.Hours, d.Corrected.State)
			}
		}
	}
}

func TestHowADayWasKept(t *testing.T) {
	t.Parallel()
	day := utc(2026, time.October, 7)
	at := func(h int) time.Time { return day.Add(time.Duration(h) * time.Hour) }
	empty := func(days []slo.DayTotals, fromHour, toHour int) []slo.DayTotals {
		for q := fromHour * 4; q < toHour*4; q++ {
			days[0].Total[q], days[0].Good[q] = 0, 0
		}
		return days
	}
	for _, c := range []struct {
		what      string
		p         Promise
		corrected State
		raw       State
		missing   float64
	}{
		{"no failure", Promise{Totals: steady("", day, 1, 100, 0)}, Kept, Kept, 0},
		{"exactly what the objective allows", Promise{Totals: steady("", day, 1, 100, 1)}, Kept, Kept, 0},
		{"one more", Promise{Totals: steady("", day, 1, 100, 1.001)}, Missed, Missed, 0},
		{"no events", Promise{Totals: steady("", day, 1, 0, 0)}, NoData, NoData, 24},
		{"never heard of", Promise{}, NoData, NoData, 24},
		{"an hour without events", Promise{Totals: empty(steady("", day, 1, 100, 0), 3, 4)}, Partly, Partly, 1},
		{"hours without events, and too many failures", Promise{Totals: empty(steady("", day, 1, 100, 5), 3, 9)}, Missed, Missed, 6},
		{"one group of two missed", Promise{Totals: append(steady("eu", day, 1, 1000, 0), steady("us", day, 1, 100, 2)...)}, Missed, Missed, 0},
		{"a group is idle", Promise{Totals: append(steady("eu", day, 1, 1000, 0), steady("us", day, 1, 0, 0)...)}, Kept, Kept, 0},
		{"a correction takes all failures out", Promise{
			Totals:    func() []slo.DayTotals { d := steady("", day, 1, 100, 0); d[0].Good[10] = 0; return d }(),
			Corrected: []slo.Interval{{From: at(2), To: at(3)}},
		}, Kept, Missed, 0},
		{"a correction takes the whole day out", Promise{
			Totals: steady("", day, 1, 100, 90), Corrected: []slo.Interval{{From: at(-1), To: at(30)}},
		}, Excluded, Missed, 0},
		{"a correction takes out the little that was seen of a silent day", Promise{
			Totals: empty(steady("", day, 1, 100, 0), 0, 20), Corrected: []slo.Interval{{From: at(20), To: at(24)}},
		}, NoData, Partly, 20},
		{"nothing arrives in a maintenance", Promise{
			Totals: empty(steady("", day, 1, 100, 0), 2, 4), Corrected: []slo.Interval{{From: at(2), To: at(4)}},
		}, Kept, Partly, 0},
		{"the promise was made at noon", Promise{Totals: empty(steady("", day, 1, 100, 0), 0, 12), Since: at(12)}, Kept, Kept, 0},
		{"the day is not over", Promise{Totals: empty(steady("", day, 1, 100, 0), 9, 24), Until: at(9).Add(20 * time.Minute)}, Kept, Kept, 0},
	} {
		c.p.Definition = shop(99)
		d := Read(&c.p).Days(time.UTC, day, day.AddDate(0, 0, 1))[0]
		if d.Corrected.State != c.corrected || d.Raw.State != c.raw || d.Corrected.Missing != c.missing {
			t.Errorf("%s: %q raw %q with %v hours missing; want %q raw %q with %v", c.what, d.Corrected.State, d.Raw.State, d.Corrected.Missing, c.corrected, c.raw, c.missing)
		}
	}
}

func TestALoweredObjectiveIsJudgedAsItWas(t *testing.T) {
	t.Parallel()
	p := Promise{Definition: shop(99), Versions: []slo.Version{
		{Objective: 99.5, Since: utc(2026, time.September, 1)},
		{Objective: 99.9, Since: utc(2026, time.October, 3)},
		{Objective: 99, Since: utc(2026, time.October, 20)},
	}}
	for _, c := range []struct {
		from, to time.Time
		want     float64
	}{
		{utc(2026, time.August, 1), utc(2026, time.August, 2), 99.5},
		{utc(2026, time.October, 1), utc(2026, time.October, 2), 99.5},
		{utc(2026, time.October, 1), utc(2026, time.November, 1), 99.9},
		{utc(2026, time.October, 20), utc(2026, time.October, 21), 99},
		{utc(2026, time.October, 21), utc(2026, time.November, 1), 99},
	} {
		if got := p.Objective(c.from, c.to); got != c.want {
			t.Errorf("from %s to %s: %v, want %v", c.from.Format(time.DateOnly), c.to.Format(time.DateOnly), got, c.want)
		}
	}
}

func TestACorrectionCutsAQuarter(t *testing.T) {
	t.Parallel()
	day := utc(2026, time.October, 7)
	five := slo.Interval{From: day.Add(5 * time.Minute), To: day.Add(10 * time.Minute)}
	whole := slo.DayTotals{Day: day}
	whole.Total[0], whole.Good[0] = 90, 60
	exact := whole
	exact.Total[0], exact.Good[0], exact.OutTotal[0], exact.OutGood[0] = 50, 50, 40, 10
	for _, c := range []struct {
		what      string
		d         slo.DayTotals
		corrected []slo.Interval
		raw, want slo.Counts
	}{
		{"the engine knew of it", exact, []slo.Interval{five}, slo.Counts{Good: 60, Total: 90}, slo.Counts{Good: 50, Total: 50}},
		{"it was entered later", whole, []slo.Interval{five}, slo.Counts{Good: 60, Total: 90}, slo.Counts{Good: 40, Total: 60}},
		{"it was removed later", exact, nil, slo.Counts{Good: 60, Total: 90}, slo.Counts{Good: 60, Total: 90}},
		{"it was made longer later", exact, []slo.Interval{{From: day, To: day.Add(time.Hour)}}, slo.Counts{Good: 60, Total: 90}, slo.Counts{}},
	} {
		got := quarterOf(&c.d, 0, c.corrected)
		if got.raw != c.raw || math.Abs(got.corrected.Good-c.want.Good) > 1e-9 || math.Abs(got.corrected.Total-c.want.Total) > 1e-9 {
			t.Errorf("%s: %+v, want raw %+v and %+v", c.what, got, c.raw, c.want)
		}
	}
}

// Any stretch of any totals has what adding up every quarter of them by hand gives.
func TestSumsAreThoseOfBruteForce(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		begin := utc(2026, time.October, 20)
		var days []slo.DayTotals
		for _, group := range []string{"eu", "us"} {
			for _, d := range steady(group, begin, 10, 0, 0) {
				if rnd.IntN(4) == 0 {
					continue
				}
				for q := range d.Total {
					d.Total[q] = float64(rnd.IntN(3) * rnd.IntN(50))
					d.Good[q] = float64(rnd.IntN(int(d.Total[q]) + 1))
				}
				days = append(days, d)
			}
		}
		rnd.Shuffle(len(days), func(i, j int) { days[i], days[j] = days[j], days[i] })
		var out []slo.Interval
		for at := begin; at.Before(begin.AddDate(0, 0, 10)); {
			at = at.Add(time.Duration(rnd.IntN(4000)) * time.Minute)
			end := at.Add(time.Duration(1+rnd.IntN(300)) * time.Minute)
			out = append(out, slo.Interval{From: at, To: end})
			at = end.Add(time.Minute)
		}
		r := Read(&Promise{Definition: shop(99), Totals: days, Corrected: out})
		from := begin.Add(time.Duration(rnd.IntN(400)) * quarter)
		to := from.Add(time.Duration(1+rnd.IntN(400)) * quarter)
		got := r.Over(from, to)
		raw, corrected := brute(days, out, from, to)
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6 }
		if !near(got.Raw.Total, raw.Total) || !near(got.Raw.Good, raw.Good) || !near(got.Corrected.Total, corrected.Total) || !near(got.Corrected.Good, corrected.Good) {
			t.Fatalf("seed %d: raw %+v corrected %+v, want %+v and %+v", seed, got.Raw, got.Corrected, raw, corrected)
		}
		sum := 0.0
		for _, d := range r.Days(zone, midnight(begin, zone), begin.AddDate(0, 0, 11)) {
			sum += d.Raw.Total
		}
		if all, _ := brute(days, nil, begin.AddDate(0, 0, -1), begin.AddDate(0, 0, 12)); !near(sum, all.Total) {
			t.Fatalf("seed %d: the days have %v events, all are %v", seed, sum, all.Total)
		}
	}
}

// brute looks at every minute of every quarter.
func brute(days []slo.DayTotals, out []slo.Interval, from, to time.Time) (raw, corrected slo.Counts) {
	for _, d := range days {
		for q := range d.Total {
			at := d.Day.Add(time.Duration(q) * quarter)
			if at.Before(from) || !at.Before(to) {
				continue
			}
			for m := range 15 {
				minute := at.Add(time.Duration(m) * time.Minute)
				one := slo.Counts{Good: d.Good[q] / 15, Total: d.Total[q] / 15}
				raw = sum(raw, one)
				hidden := false
				for _, in := range out {
					hidden = hidden || !minute.Before(in.From) && minute.Before(in.To)
				}
				if !hidden {
					corrected = sum(corrected, one)
				}
			}
		}
	}
	return raw, corrected
}

func TestTheDayOfAJourneyIsTheWorstOfItsSLOs(t *testing.T) {
	t.Parallel()
	day := utc(2026, time.October, 7)
	one := func(p Promise) []Day {
		p.Definition = shop(99)
		return Read(&p).Days(time.UTC, day, day.AddDate(0, 0, 1))
	}
	kept, missed, none := one(Promise{Totals: steady("", day, 1, 100, 0)}), one(Promise{Totals: steady("", day, 1, 100, 50)}), one(Promise{})
	if got := Together(kept, none)[0].Corrected; got.State != NoData || got.Missing != 24 || got.Total != 9600 {
		t.Errorf("kept and unknown: %+v", got)
	}
	if got := Together(none, missed, kept)[0].Corrected; got.State != Missed || got.Bad != 4800 || got.Attained != 75 {
		t.Errorf("with one that missed: %+v", got)
	}
	if kept[0].Corrected.State != Kept {
		t.Error("the days that were given were changed")
	}
	if Together() != nil {
		t.Error("a journey without SLOs has days")
	}
}

func TestAnSLOOfSLOsIsMadeOfItsPartsOverTheWholeStretch(t *testing.T) {
	t.Parallel()
	day := utc(2026, time.October, 7)
	d := shop(99)
	d.SLI.Composite = &slo.CompositeSLI{Method: slo.Weighted, Parts: []slo.CompositePart{{SLO: "a/a", Weight: 3}, {SLO: "b/b", Weight: 1}}}
	p := Promise{Definition: d, Parts: []Promise{
		{Definition: &slo.Definition{ID: "a/a"}, Totals: steady("", day, 1, 100, 0)},
		{Definition: &slo.Definition{ID: "b/b"}, Totals: steady("", day, 1, 10, 5)},
	}}
	s := Read(&p).Over(day, day.AddDate(0, 0, 1))
	if s.Corrected.State != Missed || math.Abs(s.Corrected.Attained-87.5) > 1e-9 || s.Corrected.Missing != 0 {
		t.Errorf("%+v", s.Corrected)
	}
	p.Parts = nil
	if s := Read(&p).Over(day, day.AddDate(0, 0, 1)); s.Corrected.State != NoData {
		t.Errorf("without parts: %+v", s.Corrected)
	}
}
