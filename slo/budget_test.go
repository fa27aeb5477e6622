package slo_test

import (
	"math"
	"testing"
	"time"

	"burnline/slo"
)

func TestNewBudget(t *testing.T) {
	const budget = 0.001
	hour := func(bad, total float64) slo.Burn { return slo.NewBurn(time.Hour, counts(bad, total), budget) }
	for _, test := range []struct {
		sentence string
		in       slo.BudgetInput
		want     slo.BudgetStatus
	}{
		{
			"half of the allowed errors leave half of the budget",
			slo.BudgetInput{Counts: counts(500, 1e6), Elapsed: 30 * day},
			slo.BudgetStatus{Known: true, Consumed: 0.5, Remaining: 0.5, Elapsed: 30 * day},
		},
		{
			// 500 bad events are left and 100 come an hour.
			"the budget is gone when the bad events that are left have come",
			slo.BudgetInput{Counts: counts(500, 1e6), Elapsed: 30 * day, Long: hour(100, 1400)},
			slo.BudgetStatus{Known: true, Consumed: 0.5, Remaining: 0.5, Elapsed: 30 * day, Exhausts: true, GoneIn: 5 * time.Hour},
		},
		{
			// A third of the window at burn 1 spends a third; 3 M requests a window
			// allow 3,000 bad ones, 2,000 are left and 1,000 come an hour.
			"a young window is projected",
			slo.BudgetInput{Counts: counts(1000, 1e6), Elapsed: 10 * day, Long: hour(1000, 4000)},
			slo.BudgetStatus{
				Known: true, Consumed: 1.0 / 3, Remaining: 2.0 / 3, Elapsed: 10 * day, Projected: true,
				Exhausts: true, GoneIn: 2 * time.Hour,
			},
		},
		{
			// The workbook's low traffic: one failure in ten is burn 100, and an hour
			// of that is 13.9 % of a month's budget.
			"one failure among ten in the first hour is no disaster",
			slo.BudgetInput{Counts: counts(1, 10), Elapsed: time.Hour},
			slo.BudgetStatus{Known: true, Consumed: 100.0 / 720, Remaining: 1 - 100.0/720, Elapsed: time.Hour, Projected: true},
		},
		{
			// One in a hundred is burn 10, which spends a month's budget in 72 h; the
			// first of its minutes is over. The hour holds no more than that minute.
			"a window younger than the long one is judged by the minutes it has",
			slo.BudgetInput{Counts: counts(10, 1000), Elapsed: time.Minute, Long: hour(10, 1000)},
			slo.BudgetStatus{
				Known: true, Consumed: 10.0 / 43200, Remaining: 1 - 10.0/43200, Elapsed: time.Minute, Projected: true,
				Exhausts: true, GoneIn: 72*time.Hour - time.Minute,
			},
		},
		{
			"an overspent budget has no end to wait for",
			slo.BudgetInput{Counts: counts(1500, 1e6), Elapsed: 30 * day, Long: hour(100, 1400)},
			slo.BudgetStatus{Known: true, Consumed: 1.5, Remaining: -0.5, Elapsed: 30 * day, Spent: true},
		},
		{
			"no events are unknown",
			slo.BudgetInput{Elapsed: 30 * day},
			slo.BudgetStatus{Remaining: 1, Elapsed: 30 * day},
		},
		{
			"an uncovered window is unknown",
			slo.BudgetInput{Counts: counts(1, 10)},
			slo.BudgetStatus{Remaining: 1, Projected: true},
		},
		{
			"more coverage than the window is the window",
			slo.BudgetInput{Counts: counts(500, 1e6), Elapsed: 31 * day},
			slo.BudgetStatus{Known: true, Consumed: 0.5, Remaining: 0.5, Elapsed: 30 * day},
		},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			test.in.Budget, test.in.Window = budget, 30*day
			got := slo.NewBudget(test.in)
			// Compare floats and the time by their own measure, the rest exactly.
			if !near(got.Consumed, test.want.Consumed) || !near(got.Remaining, test.want.Remaining) {
				t.Errorf("consumed %g, remaining %g; want %g and %g", got.Consumed, got.Remaining, test.want.Consumed, test.want.Remaining)
			}
			if off := got.GoneIn - test.want.GoneIn; off.Abs() > time.Millisecond {
				t.Errorf("gone in %s, want %s", got.GoneIn, test.want.GoneIn)
			}
			test.want.Counts = test.in.Counts
			got.Consumed, got.Remaining, got.GoneIn = test.want.Consumed, test.want.Remaining, test.want.GoneIn
			if got != test.want {
				t.Errorf("budget = %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestBurnRatesExhaustABudgetInTheWorkbooksTimes(t *testing.T) {
	for rate, want := range map[float64]time.Duration{
		1: 30 * day, 2: 15 * day, 10: 3 * day, 1000: 43*time.Minute + 12*time.Second,
	} {
		// A full budget at steady traffic: 1,000 requests an hour for 30 days.
		full := slo.NewBudget(slo.BudgetInput{
			Counts: counts(0, 720_000), Budget: 0.001, Window: 30 * day, Elapsed: 30 * day,
			Long: slo.NewBurn(time.Hour, counts(rate, 1000), 0.001),
		})
		if !full.Exhausts || (full.GoneIn-want).Abs() > time.Millisecond {
			t.Errorf("burn %g: gone in %s, want %s", rate, full.GoneIn, want)
		}
	}
}

func TestATimeBeyondAllClocksIsCapped(t *testing.T) {
	got := slo.NewBudget(slo.BudgetInput{
		Counts: counts(0, 1e12), Budget: 0.1, Window: 30 * day, Elapsed: 30 * day,
		Long: slo.NewBurn(3*day, counts(1e-6, 1), 0.1),
	})
	if !got.Exhausts || got.GoneIn != math.MaxInt64 {
		t.Errorf("gone in %s (%t), want the longest duration", got.GoneIn, got.Exhausts)
	}
}
