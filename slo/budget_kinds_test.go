package slo_test

import (
	"testing"
	"time"

	"burnline/slo"
)

func TestACalendarBudgetEndsWithItsWindow(t *testing.T) {
	month := func(at string, consumedBad, perHour float64) slo.BudgetStatus {
		c, err := slo.NewCalendar(slo.Month, 1, "Europe/Berlin", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		w, now := slo.Window{Calendar: c}, moment(t, at)
		start, end := w.Bounds(now)
		elapsed := now.Sub(start)
		total := 1000 * elapsed.Hours()
		return slo.NewBudget(slo.BudgetInput{
			Counts: counts(consumedBad, total), Budget: 0.001, Window: w.Length(now), Elapsed: elapsed, Left: end.Sub(now),
			Long: slo.NewBurn(time.Hour, counts(perHour, 1000), 0.001),
		})
	}
	// March 2026 in Berlin has 743 hours, October 745; 1,000 requests an hour allow
	// one bad one an hour.
	for _, test := range []struct {
		sentence string
		got      slo.BudgetStatus
		consumed float64
		goneIn   time.Duration
	}{
		{"a month that lost an hour allows less", month("2026-03-31T21:59:59Z", 743, 0), 1, 0},
		{"a month that gained an hour allows more", month("2026-10-31T22:59:59Z", 743, 0), 743.0 / 745, 0},
		{"half of the budget at ten bad ones an hour is gone in time", month("2026-03-14T23:00:00Z", 371.5, 10), 0.5, 37*time.Hour + 9*time.Minute},
		{"what lasts beyond the end of the month is never gone", month("2026-03-31T12:00:00Z", 371.5, 10), 0.5, 0},
		{"a leap day is a day of February", month("2028-02-29T22:00:00Z", 348, 0), 348.0 / 696, 0},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			if got := test.got; !near(got.Consumed, test.consumed) || (got.GoneIn-test.goneIn).Abs() > time.Millisecond || got.Exhausts != (test.goneIn > 0) {
				t.Errorf("consumed %g, gone in %s (%t); want %g and %s", got.Consumed, got.GoneIn, got.Exhausts, test.consumed, test.goneIn)
			}
		})
	}
}

func TestSlicesSpendAShareOfAllSlicesOfTheWindow(t *testing.T) {
	// 30 days of minutes at 99.9 % allow 43.2 bad ones, however many were seen.
	in := slo.BudgetInput{Budget: 0.001, Window: 30 * day, Elapsed: 10 * day, Slice: time.Minute, Counts: counts(21.6, 100)}
	got := slo.NewBudget(in)
	if !near(got.Consumed, 0.5) || !got.Known || !got.Projected || got.Exhausts {
		t.Errorf("21.6 bad minutes of 43.2 that may be: %+v", got)
	}
	in.Long = slo.NewBurn(time.Hour, counts(7.2, 60), 0.001)
	if got := slo.NewBudget(in); !got.Exhausts || (got.GoneIn-3*time.Hour).Abs() > time.Millisecond {
		t.Errorf("21.6 bad minutes are left and 7.2 come an hour: gone in %s", got.GoneIn)
	}
	in.Counts = slo.Counts{}
	if got := slo.NewBudget(in); got.Known || got.Consumed != 0 {
		t.Errorf("no slice with events is unknown, got %+v", got)
	}
}

func TestRatiosNeedNoProof(t *testing.T) {
	p := slo.Policy{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Factor: 14.4}
	d := slo.Definition{Objective: 99.9, MinBad: 2, SLI: slo.SLI{Ratio: &slo.RatioSLI{Slice: time.Minute}}}
	burn := slo.NewBurn(time.Hour, counts(1.2, 60), 0.001)
	if got := slo.Judge(p, burn, burn, d.Guard()); !got.Firing || got.Severity != slo.Page {
		t.Errorf("an hour of 2 %% errors is a %s because %s", got.Severity, got.Reason)
	}
	d.SLI = slo.SLI{Events: &slo.EventsSLI{}}
	if got := slo.Judge(p, burn, burn, d.Guard()); got.Severity != slo.Ticket {
		t.Errorf("1.2 bad of 60 requests are a %s because %s", got.Severity, got.Reason)
	}
}
