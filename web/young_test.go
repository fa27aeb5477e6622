package web

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// aged makes the fixture's young SLO one whose data began elapsed ago, and gives
// it a window.
func aged(s *shop, whole, elapsed time.Duration) {
	for _, d := range s.defs {
		if d.ID == "payment/authorisation" {
			d.Window = slo.Window{Rolling: whole}
		}
	}
	for i := range s.statuses {
		if s.statuses[i].ID == "payment/authorisation" {
			s.statuses[i].Budget.Elapsed, s.statuses[i].Budget.Projected = elapsed, elapsed < whole
		}
	}
}

var source = regexp.MustCompile(`data-chart="(budget|burn)" data-src="([^"]*)"`)

func TestChartsOfAYoungWindowShowThePartThatHasData(t *testing.T) {
	for _, tc := range []struct {
		name, query    string
		whole, elapsed time.Duration
		budget, burn   string
	}{
		{"two minutes of six hours fill the shortest range", "", 6 * time.Hour, 2 * time.Minute, "range=5m", "range=5m"},
		{"twenty minutes need an hour", "", 6 * time.Hour, 20 * time.Minute, "range=1h", "range=1h"},
		{"the detail stays at six hours when more is covered", "", 30 * day, 50 * time.Hour, "range=3d", "range=6h"},
		{"a full window is shown as a whole", "", 30 * day, 30 * day, "range=30d", "range=6h"},
		{"a window that nothing covers is shown as a whole", "", 6 * time.Hour, 0, "range=6h", "range=6h"},
		{"a range in the URL wins", "?range=1d", 30 * day, 2 * time.Minute, "range=5m", "range=1d"},
		{"a past stretch shows what was covered then", "?from=1795345200&to=1795346400", 30 * day, 2 * time.Hour, "from=1795324800&to=1795346400", "from=1795345200&to=1795346400"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newShop(noon)
			aged(s, tc.whole, tc.elapsed)
			status, body := get(t, serve(t, s, nil).URL+"/slo/payment/authorisation"+tc.query)
			if status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			for _, found := range source.FindAllStringSubmatch(body, -1) {
				_, query, _ := strings.Cut(html.UnescapeString(found[2]), "?")
				if want := map[string]string{"budget": tc.budget, "burn": tc.burn}[found[1]]; query != want {
					t.Errorf("the %s chart asks for %s, want %s", found[1], query, want)
				}
			}
		})
	}
}

// TestTheBudgetIsReadAloud covers that an even pace is told only where it says
// something: at the end of a full window it has left nothing, whatever happened.
func TestTheBudgetIsReadAloud(t *testing.T) {
	rest := 0.72
	for _, tc := range []struct {
		name                  string
		shown, whole, elapsed time.Duration
		past                  bool
		want                  string
		ideal                 float64
	}{
		{"a full window", 6 * time.Hour, 6 * time.Hour, 6 * time.Hour, false, "72 % of the error budget is left.", 0},
		{"a part of a full window", time.Hour, 6 * time.Hour, 6 * time.Hour, false, "72 % of the error budget is left. Shown are 1 h of the 6h window.", 0},
		{"a young window", time.Hour, 6 * time.Hour, 45 * time.Minute, false,
			"72 % of the error budget is left; spending it evenly over the window would have left 87.5 % by now. Shown are 1 h of the 6h window; data covers 45 min of it.", 0.875},
		{"an earlier time of a young window", time.Hour, 6 * time.Hour, 45 * time.Minute, true,
			"72 % of the error budget was left; spending it evenly over the window would have left 87.5 % by then. Shown are 1 h of the 6h window; data covers 45 min of it.", 0.875},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ch := charted{past: tc.past, Chart: slo.Chart{From: noon.Add(-tc.shown), To: noon, Points: []slo.ChartPoint{{T: noon, Remaining: &rest}}}}
			ch.Def = &slo.Definition{Window: slo.Window{Rolling: tc.whole}}
			ch.Status = slo.Status{At: noon, Budget: slo.BudgetStatus{Elapsed: tc.elapsed, Projected: tc.elapsed < tc.whole}}
			out := toChart(ch)
			if got := strings.ReplaceAll(out.Summary["budget"], nbsp, " "); got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
			if out.Ideal[0] != tc.ideal {
				t.Errorf("the even pace is at %g, want %g", out.Ideal[0], tc.ideal)
			}
		})
	}
}
