package slo_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// TestTheWorkedExamplesOfTheDocsAreTrue computes the numbers in docs/slos.md
// and looks each one up there.
func TestTheWorkedExamplesOfTheDocsAreTrue(t *testing.T) {
	data, err := os.ReadFile("../docs/slos.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.Join(strings.Fields(string(data)), " ")
	says := func(format string, args ...any) {
		t.Helper()
		if want := fmt.Sprintf(format, args...); !strings.Contains(doc, want) {
			t.Errorf("docs/slos.md does not say %q", want)
		}
	}

	const budget = 0.001
	month := slo.NewBudget(slo.BudgetInput{
		Counts: counts(2500, 1e7), Budget: budget, Window: 30 * day, Elapsed: 30 * day,
		Long: slo.NewBurn(time.Hour, counts(1204, 4816), budget),
	})
	says("%.0f %% of the budget is consumed and %.0f %% remains", 100*month.Consumed, 100*month.Remaining)
	says("the budget is gone in %d h %d min", int(month.GoneIn.Hours()), int(month.GoneIn.Minutes())%60)

	hour := slo.NewBurn(time.Hour, counts(144, 10_000), budget)
	says("That is %.2f %%, a burn rate of %.1f. An hour of it spends %.0f %% of a 30-day budget; all of it would be gone in %.0f hours",
		100*hour.Ratio, hour.Rate, 100*hour.Rate/720, 720/hour.Rate)

	young := slo.NewBudget(slo.BudgetInput{Counts: counts(1000, 1e6), Budget: budget, Window: 30 * day, Elapsed: 10 * day})
	if !near(young.Consumed, 1.0/3) || !young.Projected {
		t.Errorf("the young window consumed %g", young.Consumed)
	}

	page := slo.DefaultPolicies(30 * day)[0]
	says("14.4 × 0.1 %% of an hour is %.2f s", page.Factor*budget*page.Long.Seconds())
	says("When every fourth request fails it takes %.0f s", page.Factor*budget/0.25*page.Long.Seconds())
	week := slo.DefaultPolicies(7 * day)[0]
	says("the first policy looks at %s and %s", slo.FormatDuration(week.Long), slo.FormatDuration(week.Short))

	d28, d30, d90 := slo.DefaultPolicies(28*day), slo.DefaultPolicies(30*day), slo.DefaultPolicies(90*day)
	for i, p := range d30 {
		says("| %s | %s | %.3g | %.3g | %.3g |", slo.FormatDuration(p.Long), slo.FormatDuration(p.Short),
			roughly(d28[i].Factor), p.Factor, d90[i].Factor)
	}

	own, _ := slo.Resolve([]slo.Policy{{Severity: slo.Page, Long: 2 * time.Hour, Short: 10 * time.Minute, Share: 0.1}}, 7*day, 0.05)
	says("10 %% of a 7-day budget within 2 hours is a burn rate of %.1f", own[0].Factor)
	capped, _ := slo.Resolve([]slo.Policy{page}, 30*day, 0.1)
	says("It becomes %.0f, which is 90 %% errors", capped[0].Factor)
}

// roughly lets 13.44 stand as it is in the table, with two decimals.
func roughly(factor float64) any {
	if factor > 10 {
		return twoDecimals(factor)
	}
	return factor
}

type twoDecimals float64

func (f twoDecimals) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%.2f", float64(f)) }

func TestTheLowTrafficTableOfTheDocsIsTrue(t *testing.T) {
	data, err := os.ReadFile("../docs/slos.md")
	if err != nil {
		t.Fatal(err)
	}
	page := slo.DefaultPolicies(30 * day)[0]
	for _, row := range []struct {
		total, bad float64
		chance     string
	}{{10, 1, "0.996 %"}, {10, 2, "0.0045 %"}, {130, 2, "0.77 %"}, {130, 3, "0.033 %"}} {
		long := slo.NewBurn(page.Long, counts(row.bad, row.total), 0.001)
		judged := slo.Judge(page, long, long, slo.Guard{Budget: 0.001, MinBad: 2})
		want := fmt.Sprintf("| %.0f | %.0f | %.3g | %s | %s |", row.total, row.bad, long.Rate, row.chance, judged.Severity)
		if !judged.Firing || !strings.Contains(string(data), want) {
			t.Errorf("docs/slos.md has no row %q", want)
		}
	}
}

// TestWhereLowTrafficMatters pins the ranges that the docs name: the requests
// for which some firing count is no proof at 99.9 %.
func TestWhereLowTrafficMatters(t *testing.T) {
	for i, want := range []string{"1–138 192–208", "1–666 742–833"} {
		p := slo.DefaultPolicies(30 * day)[i]
		var ranges []string
		from := 0
		for n := 1; n <= 3000; n++ {
			downgraded := false
			least := int(p.Factor*0.001*float64(n)) + 1 // the fewest failures that fire
			burn := slo.NewBurn(p.Long, counts(float64(least), float64(n)), 0.001)
			downgraded = slo.Judge(p, burn, burn, slo.Guard{Budget: 0.001, MinBad: 2}).Severity == slo.Ticket
			switch {
			case downgraded && from == 0:
				from = n
			case !downgraded && from > 0:
				ranges = append(ranges, fmt.Sprintf("%d–%d", from, n-1))
				from = 0
			}
		}
		if got := strings.Join(ranges, " "); got != want {
			t.Errorf("over %s: %s, want %s", slo.FormatDuration(p.Long), got, want)
		}
	}
}
