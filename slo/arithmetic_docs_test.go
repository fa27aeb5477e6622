package slo_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// worked is docs/arithmetic.md, of which every number has to be computed here.
type worked struct {
	t    *testing.T
	said map[string]bool
	has  []string
}

// readWorked takes the examples of the page: its sentences in italics and the rows of its tables.
func readWorked(t *testing.T) *worked {
	t.Helper()
	data, err := os.ReadFile("../docs/arithmetic.md")
	if err != nil {
		t.Fatal(err)
	}
	w := &worked{t: t, said: map[string]bool{}}
	text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(data), "")
	_, text, _ = strings.Cut(text, "\n## ") // what stands before says how to read it
	text, _, _ = strings.Cut(text, "\n## Where it is written")
	head := true
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = true
		case head || strings.HasPrefix(line, "|---"):
			head = false
		default:
			w.has = append(w.has, line)
		}
	}
	text = regexp.MustCompile(`\*\*[^*]+\*\*`).ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`\*([^*]+)\*`).FindAllStringSubmatch(text, -1) {
		w.has = append(w.has, strings.Join(strings.Fields(m[1]), " "))
	}
	return w
}

// says requires that the page holds what was computed.
func (w *worked) says(format string, args ...any) {
	w.t.Helper()
	want := fmt.Sprintf(format, args...)
	if w.said[want] = true; !slices.Contains(w.has, want) {
		w.t.Errorf("docs/arithmetic.md does not say %q", want)
	}
}

// row is says for a row of a table.
func (w *worked) row(cells ...string) {
	w.t.Helper()
	w.says("| %s |", strings.Join(cells, " | "))
}

func TestEveryNumberOfTheArithmeticPageIsComputed(t *testing.T) {
	t.Parallel()
	w := readWorked(t)
	w.windows()
	w.budgets()
	w.burns()
	w.policies()
	w.detection()
	w.lowTraffic()
	w.sliced()
	for _, example := range w.has {
		if !w.said[example] {
			t.Errorf("docs/arithmetic.md says %q, which nothing computes", example)
		}
	}
}

func (w *worked) windows() {
	night := slo.Counts{Good: 9, Total: 10}
	both := slo.NewBurn(time.Hour, slo.Counts{Good: night.Good + 9999, Total: night.Total + 10000}, 0.001)
	w.says("At night 1 of 10 requests fails, by day 1 of 10,000: together %.0f of 10,010, which is %.2f %%.", both.Counts.Bad(), 100*both.Ratio)
	at := time.Date(2026, 3, 20, 12, 34, 56, 0, time.UTC)
	for _, long := range []time.Duration{5 * time.Minute, time.Hour, 6 * time.Hour, 3 * day, 30 * day} {
		start := slo.Start(at, long)
		begins := start.Format("15:04:05")
		if long > day {
			begins += fmt.Sprintf(", %d days before", int(at.Truncate(day).Sub(start.Truncate(day))/day))
		}
		w.row(slo.FormatDuration(long), slo.FormatDuration(slo.Step(long)), begins)
	}
	step := slo.Step(time.Hour)
	w.says("a window of 1h covers up to %s more, which is %.2f %%.", slo.FormatDuration(step), 100*step.Hours())
}

func (w *worked) budgets() {
	for _, objective := range []float64{99, 99.5, 99.9, 99.95, 99.99, 99.999} {
		budget := (&slo.Definition{Objective: objective}).Budget()
		outage := time.Duration(budget * float64(30*day)).Round(100 * time.Millisecond)
		w.row(percent(objective), fmt.Sprintf("%.0f", budget*1e6), outage.String())
	}
	month := slo.BudgetInput{Counts: counts(2500, 1e7), Budget: 0.001, Window: 30 * day, Elapsed: 30 * day,
		Long: slo.NewBurn(time.Hour, counts(1204, 4816), 0.001)}
	kept := slo.NewBudget(month)
	w.says("Of 10,000,000 requests 2,500 failed at 99.9 %%: 10,000 may fail, %.0f %% of the budget is consumed, %.0f %% remains.", 100*kept.Consumed, 100*kept.Remaining)
	w.says("7,500 more may fail, and 1,204 failed in the last hour: gone in %d h %d min.", int(kept.GoneIn.Hours()), int(kept.GoneIn.Minutes())%60)
	month.Long = slo.NewBurn(time.Hour, counts(10, 4816), 0.001)
	w.says("When 10 failed in the last hour it would take %.0f days.", slo.NewBudget(month).GoneIn.Hours()/24)
	month.Left = 10 * day
	if slo.NewBudget(month).Exhausts {
		w.t.Error("a calendar window that ends sooner is said to run out")
	}
	month.Counts = counts(12000, 1e7)
	spent := slo.NewBudget(month)
	w.says("When 12,000 fail, %.0f %% is consumed and %.0f %% remains: the budget is spent.", 100*spent.Consumed, 100*spent.Remaining)
	if !spent.Spent {
		w.t.Error("it is not spent")
	}

	young := slo.NewBudget(slo.BudgetInput{Counts: counts(50, 1e5), Budget: 0.001, Window: 30 * day, Elapsed: day})
	w.says("After 1 day of 30, 50 of 100,000 requests failed: a burn rate of %.2f for 1 day, which consumes %.1f %% of the budget.",
		slo.NewBurn(day, young.Counts, 0.001).Rate, 100*young.Consumed)
	tenth := slo.NewBudget(slo.BudgetInput{Counts: counts(2000, 1e6), Budget: 0.001, Window: 31 * day, Elapsed: 10 * day})
	w.says("On the evening of the 10th of a month of 31 days, at a burn rate of %.1f all along, %.0f %% of the month's budget is consumed.",
		slo.NewBurn(10*day, tenth.Counts, 0.001).Rate, 100*tenth.Consumed)
	week := slo.BudgetInput{Counts: counts(14, 7000), Budget: 0.005, Window: 7 * day, Elapsed: 7 * day}
	w.says("99.5 %% over 7 days at 1,000 requests a day allows %.0f failures; 14 of them in one night are %.0f %%.", week.Allowed(), 100*slo.NewBudget(week).Consumed)
}

func (w *worked) burns() {
	for _, c := range []struct{ objective, errors float64 }{{99.9, 0.1}, {99.9, 0.2}, {99.9, 1}, {99.9, 1.44}, {99.9, 100}, {99, 1.44}, {99.99, 1.44}} {
		budget := (&slo.Definition{Objective: c.objective}).Budget()
		rate := slo.NewBurn(time.Hour, counts(c.errors*100, 10000), budget).Rate
		hours := 720 / rate
		lasts := fmt.Sprintf("%.3gd", hours/24)
		switch {
		case hours < 1:
			lasts = fmt.Sprintf("%.3gm", hours*60)
		case hours < 72-1e-6:
			lasts = fmt.Sprintf("%.3gh", hours)
		}
		if hours > 72 && hours < 600 && math.Abs(hours/24-math.Round(hours/24)) > 0.01 {
			lasts = fmt.Sprintf("%.1fd", hours/24)
		}
		w.row(percent(c.objective), percent(c.errors), number(rate), lasts)
	}
}

func (w *worked) policies() {
	fast := slo.DefaultPolicies(30 * day)[0]
	w.says("2 %% of 30 days within 1 hour: %g × 720 ÷ 1 = %.1f.", fast.Share, fast.Factor)
	month, _ := slo.NewCalendar(slo.Month, 1, "UTC", time.Time{})
	quarter, _ := slo.NewCalendar(slo.Quarter, 1, "UTC", time.Time{})
	for _, window := range []slo.Window{{Rolling: 30 * day}, {Rolling: 7 * day}, {Rolling: 28 * day}, {Rolling: 90 * day}, {Calendar: month}, {Calendar: quarter}} {
		cells := []string{window.Name()}
		for _, p := range slo.DefaultPolicies(window.Nominal()) {
			cells = append(cells, fmt.Sprintf("%s and %s above %.3g", slo.FormatDuration(p.Long), slo.FormatDuration(p.Short), p.Factor))
		}
		w.row(cells...)
	}
	capped, _ := slo.Resolve([]slo.Policy{fast}, 30*day, 0.1)
	w.says("At 90 %% a total outage is a burn rate of %.0f, below %.1f: the page begins at %.0f, which is %.0f %% errors.",
		slo.NewBurn(time.Hour, counts(1, 1), 0.1).Rate, fast.Factor, capped[0].Factor, 100*capped[0].Factor*0.1)
}

// detection is the Workbook's: (1 − SLO) ÷ error ratio × window × burn rate.
func (w *worked) detection() {
	all := slo.DefaultPolicies(30 * day)
	for _, errors := range []float64{100, 50, 15, 5, 2, 1, 0.2} {
		cells := []string{percent(errors)}
		for _, p := range []slo.Policy{all[0], all[1], all[3]} {
			steady := slo.NewBurn(p.Long, counts(errors*100, 10000), 0.001)
			after := "never"
			if slo.Judge(p, steady, steady, slo.Guard{Off: true}).Firing {
				seconds := 0.001 / (errors / 100) * p.Long.Seconds() * p.Factor
				after = time.Duration(math.Round(seconds*1000) * float64(time.Millisecond)).String()
			}
			cells = append(cells, after)
		}
		w.row(cells...)
	}
}

// TestTheFirstSLOIsToldHowLongAPageTakes computes the table of docs/first-slo.md.
func TestTheFirstSLOIsToldHowLongAPageTakes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/first-slo.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, objective := range []float64{99.9, 99.5, 99, 98, 95} {
		policies, _ := slo.Resolve(nil, 30*day, 1-objective/100)
		p := policies[0]
		seconds := (1 - objective/100) * p.Long.Seconds() * p.Factor
		want := fmt.Sprintf("| %s | %s |", percent(objective), time.Duration(math.Round(seconds*1000)*float64(time.Millisecond)))
		if !strings.Contains(string(data), want) {
			t.Errorf("docs/first-slo.md does not say %q", want)
		}
	}
}

func (w *worked) lowTraffic() {
	p := slo.DefaultPolicies(30 * day)[0]
	for _, c := range [][2]float64{{10, 1}, {10, 2}, {50, 1}, {50, 2}, {50, 3}, {100, 2}, {100, 3}, {1000, 15}} {
		long := slo.NewBurn(p.Long, counts(c[1], c[0]), 0.001)
		judged := slo.Judge(p, long, long, slo.Guard{Budget: 0.001, MinBad: 2})
		if !judged.Firing {
			w.t.Errorf("%v does not fire", c)
		}
		w.row(fmt.Sprint(c[0]), fmt.Sprint(c[1]), number(long.Rate), string(judged.Severity))
	}
	one := slo.NewBurn(time.Hour, counts(1, 10), 0.001)
	w.says("at 10 requests an hour one failure is a burn rate of %.0f and %.1f %% of a 30-day budget.", one.Rate, 100/(0.001*10*720))
}

func (w *worked) sliced() {
	in := slo.BudgetInput{Counts: counts(1, 43200), Budget: 0.001, Window: 30 * day, Elapsed: 30 * day, Slice: time.Minute}
	w.says("30 days have 43,200 minutes; 99.9 %% allow %.1f bad ones, and one bad minute consumes %.2f %%.", in.Allowed(), 100*slo.NewBudget(in).Consumed)
	four := slo.NewBurn(4*time.Minute, counts(0.5+0+0+0.5, 4), 0.001)
	w.says("four minutes with ratios of 50 %%, 0 %%, 0 %% and 50 %% are %.0f events, %.0f of them bad: %.0f %%.", four.Counts.Total, four.Counts.Bad(), 100*four.Ratio)
}

func percent(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) + " %" }

func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'g', -1, 64) }
