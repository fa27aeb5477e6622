package report

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"burnline/internal/harness/nasty"
	"burnline/slo"
)

// world is a store in memory, and what else reports are made of.
type world struct {
	t           *testing.T
	defs        []*slo.Definition
	totals      map[string][]slo.DayTotals
	versions    []slo.Version
	corrections []slo.Correction
	at          time.Time
	in          Input
}

func newWorld(t *testing.T, at time.Time) *world {
	return &world{t: t, totals: map[string][]slo.DayTotals{}, at: at, in: Input{Zone: time.UTC, Currency: "EUR"}}
}

var _ Store = (*world)(nil)

func (w *world) Totals(_ context.Context, id string, from, to time.Time, yield func(slo.DayTotals) error) error {
	for _, d := range w.totals[id] {
		if d.Day.AddDate(0, 0, 1).After(from) && d.Day.Before(to) {
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) AllVersions(context.Context) ([]slo.Version, error) { return w.versions, nil }

// promise adds an SLO with so many bad ones of a hundred events a quarter from a day on.
func (w *world) promise(id, team, tier string, from time.Time, days int, bad float64) *slo.Definition {
	service, name, _ := strings.Cut(id, "/")
	d := &slo.Definition{ID: id, Service: service, Name: name, Team: team, Objective: 99, Labels: map[string]string{"tier": tier}}
	d.Window.Rolling = 30 * 24 * time.Hour
	w.defs = append(w.defs, d)
	w.totals[id] = append(w.totals[id], steady("", from, days, 100, bad)...)
	return d
}

// outage makes every event bad in some quarters of a day.
func (w *world) outage(id string, at time.Time, quarters int) {
	for i := range w.totals[id] {
		if d := &w.totals[id][i]; d.Day.Equal(at.Truncate(24 * time.Hour)) {
			first := int(at.Sub(d.Day) / quarter)
			for q := range quarters {
				d.Good[first+q] = 0
			}
		}
	}
}

func (w *world) report(period string) Report {
	w.t.Helper()
	p, err := ParsePeriod(period, w.in.Zone)
	if err != nil {
		w.t.Fatal(err)
	}
	source, err := NewSource(SourceOptions{
		Store: w, Definitions: func() []*slo.Definition { return w.defs }, Held: func(string, time.Time) []slo.DayTotals { return nil },
		Corrections: func() []slo.Correction { return w.corrections }, Now: func() time.Time { return w.at },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.in.Period = p
	all, err := source.Make(w.t.Context(), w.in, []string{w.in.Team})
	if err != nil {
		w.t.Fatal(err)
	}
	return all[0]
}

var (
	september = utc(2026, time.September, 1)
	october   = utc(2026, time.October, 1)
	november  = utc(2026, time.November, 1)
)

func TestTheReportOpensWithThreeSentences(t *testing.T) {
	t.Parallel()
	page := func(slo string, at time.Time, lasted time.Duration, title string) Incident {
		return Incident{Key: title, Title: title, SLO: slo, Team: "payments", Severity: "page", Started: at, Opened: at.Add(2 * time.Minute),
			Closed: at.Add(lasted), Told: true, Acknowledged: at.Add(5 * time.Minute)}
	}
	for _, c := range []struct {
		what  string
		world func(*world)
		want  []string
	}{
		{"an empty month", func(*world) {}, []string{
			"October 2026: nothing was promised, since no SLO was in force.", "There was no incident that is known of.", "Nothing needs deciding."}},
		{"the first month", func(w *world) { w.promise("shop/buy", "payments", "1", october, 31, 0) }, []string{
			"October 2026: 100 % of what was promised was kept, and 1 of 1 objective was met; there is nothing before to compare it with.",
			"There was no incident that cost any customers.", "Nothing needs deciding."}},
		{"all unknown", func(w *world) {
			w.promise("shop/buy", "payments", "1", september, 0, 0)
			w.promise("shop/pay", "payments", "2", september, 0, 0)
			w.versions = []slo.Version{{SLO: "shop/buy", Since: september, Objective: 99}, {SLO: "shop/pay", Since: september, Objective: 99}}
		}, []string{
			"October 2026: nobody knows how it was, since neither of the 2 SLOs had any data.", "There was no incident that is known of.",
			"To decide: who brings data back to shop/buy and shop/pay."}},
		{"a month that was worse, with its worst incidents", func(w *world) {
			w.promise("shop/buy", "payments", "1", september, 61, 0)
			w.promise("shop/pay", "payments", "2", september, 61, 0.5)
			w.promise("shop/look", "", "3", september, 61, 0)
			w.outage("shop/buy", october.AddDate(0, 0, 6).Add(10*time.Hour), 30)
			w.outage("shop/pay", october.AddDate(0, 0, 8).Add(10*time.Hour), 4)
			w.in.Incidents = []Incident{
				page("shop/pay", october.AddDate(0, 0, 8).Add(10*time.Hour), time.Hour, "Paying"),
				page("shop/buy", october.AddDate(0, 0, 6).Add(10*time.Hour), 450*time.Minute, "Buying"),
				page("shop/look", october.AddDate(0, 0, 9), time.Hour, "Looking"),
			}
			w.in.Incidents[1].Customers = 1203
		}, []string{
			"October 2026 was worse than September 2026: 42.8 % of what was promised was kept, and 2 of 3 objectives were met, after 100 % and 3 of 3.",
			"The two worst incidents were Buying on 7 October (7 h 30 min, 100.8 % of the budget, 1,203 customers) and Paying on 9 October (1 h, 13.4 % of the budget).",
			"To decide: what is done about shop/buy, which was missed; who owns shop/look."}},
		{"missed twice, without incidents", func(w *world) { w.promise("shop/buy", "payments", "1", september, 61, 2) }, []string{
			"October 2026 was as good as September 2026: 0 % of what was promised was kept, and 0 of 1 objective was met, after 0 % and 0 of 1.",
			"1 objective was missed without any incident: failures were few at a time, and many together.",
			"To decide: whether shop/buy gets more work or a lower objective, since it was missed twice in a row."}},
		{"all of it taken out", func(w *world) {
			w.promise("shop/buy", "payments", "1", october, 31, 2)
			w.corrections = []slo.Correction{{ID: "move", SLOs: []string{"*/*"}, From: september, To: november.AddDate(0, 1, 0), Reason: "we moved", Author: "ann"}}
		}, []string{
			"October 2026: corrections take out everything, so nothing is left to judge.", "There was no incident that is known of.", "Nothing needs deciding."}},
	} {
		w := newWorld(t, november.Add(30*time.Hour))
		c.world(w)
		got := w.report("2026-10").Sentences
		for i := range c.want {
			if i >= len(got) || got[i] != c.want[i] {
				t.Errorf("%s:\ngot  %q\nwant %q", c.what, got, c.want)
				break
			}
		}
	}
}

func TestARunningMonthIsToldAsSuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, october.AddDate(0, 0, 10))
	w.promise("shop/buy", "payments", "1", september, 40, 0)
	w.in.Statuses = []slo.Status{{ID: "shop/buy", State: slo.StateBurning, At: w.at,
		Budget: slo.BudgetStatus{Known: true, Remaining: 0.1, Exhausts: true, GoneIn: 26 * time.Hour}}}
	r := w.report("2026-10")
	if !r.Running || r.Sentences[0] != "October 2026 so far is as good as September 2026: 100 % of what was promised is kept, and 1 of 1 objective was met, after 100 % and 1 of 1." {
		t.Errorf("%q", r.Sentences)
	}
	if r.Sentences[2] != "To decide: what is put off for shop/buy, whose budget is gone soon." || len(r.Exhaustion) != 1 || r.SLOs[0].Health != AtRisk {
		t.Errorf("%q, %+v, %s", r.Sentences[2], r.Exhaustion, r.SLOs[0].Health)
	}
	if n := len(r.Calendar); n != 12 || len(r.Calendar[11].Days) != 10 || r.Calendar[11].Name != "2026-10" || r.Calendar[0].Name != "2025-11" {
		t.Errorf("the calendar has %d months, the last %s with %d days", n, r.Calendar[n-1].Name, len(r.Calendar[n-1].Days))
	}
}

func TestEverySLOAndTeamHasItsTwelveMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "payments", "1", september, 61, 0)
	w.promise("shop/pay", "payments", "2", october, 31, 3)
	r := w.report("2026-10")
	buy, pay := r.SLOs[0].Past, r.SLOs[1].Past
	if len(buy) != len(r.Calendar) || len(pay) != len(r.Calendar) || buy[0].Month != r.Calendar[0].Name || buy[0].Spent != nil || buy[0].State != NoData {
		t.Fatalf("a month before the promise is not unknown: %+v", buy)
	}
	last, i := &r.SLOs[1], len(pay)-2 // November runs, and the report is of October
	if r.Calendar[len(pay)-1].Name == r.Period.Name {
		i++
	}
	if pay[i].Month != "2026-10" || pay[i].State != last.Corrected.State || *pay[i].Spent != last.Corrected.Spent {
		t.Errorf("the month in the past is %+v, and in the report %+v", pay[i], last.Corrected)
	}
	if buy[i-1].State != Kept || *buy[i-1].Spent != 0 || pay[i-1].Spent != nil {
		t.Errorf("September: %+v and %+v", buy[i-1], pay[i-1])
	}
	team := r.Matrix[0].Past
	if *team[i].Score != *r.Score.Corrected || *team[i-1].Score != 100 || team[0].Score != nil {
		t.Errorf("the team's past %+v is not its score %v", team, *r.Score.Corrected)
	}
	bars := SpentBars(pay)
	if bars[i].Look != DayMissed || bars[i].High != 1 || bars[i].Words != "2026-10 300 %" || bars[0].Look != DayUnknown || bars[0].High != 0 {
		t.Errorf("the bars are %+v", bars)
	}
	if kept := SpentBars(buy)[i]; kept.Look != DayKept || kept.High <= 0 {
		t.Errorf("a month without failures can't be seen: %+v", kept)
	}
	if scores := ScoreBars(team); scores[i].Look != DayMissed || scores[i-1].Look != DayKept || scores[0].Words != "2025-11 unknown" {
		t.Errorf("the bars of the team are %+v", scores)
	}
}

// The worked example of docs/reports.md.
func TestTheScoreWeighsAndNeverCountsUnknownAsGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "payments", "1", october, 31, 0)
	w.promise("shop/pay", "payments", "2", october, 31, 3)
	w.promise("shop/look", "web", "3", october, 31, 0)
	for _, d := range w.totals["shop/buy"][:10] { // a third of the month without data, but its first hour
		for i := range w.totals["shop/buy"] {
			if w.totals["shop/buy"][i].Day.Equal(d.Day) {
				all := &w.totals["shop/buy"][i]
				for q := range all.Total {
					if !d.Day.Equal(october) || q >= 4 {
						all.Total[q], all.Good[q] = 0, 0
					}
				}
			}
		}
	}
	r := w.report("2026-10")
	// Of 744 hours 239 are unknown: (4 × 505/744 + 2 × 0 + 1 × 1) ÷ 7.
	want := 100 * (4*505.0/744 + 1) / 7
	if r.Score.Corrected == nil || math.Abs(*r.Score.Corrected-want) > 1e-9 || r.Score.Weight != 7 {
		t.Errorf("the score is %+v, want %v", r.Score, want)
	}
	if r.Met.Corrected != (States{Kept: 1, Missed: 1, Partly: 1}) || r.Coverage.Hours != 239 {
		t.Errorf("%+v, %v hours", r.Met, r.Coverage.Hours)
	}
	if len(r.Tiers) != 3 || r.Matrix[0].Team != "payments" || r.Matrix[0].Cells[0].NoData != 1 || r.Matrix[0].Cells[1].Exhausted != 1 || r.Matrix[1].Cells[2].Healthy != 1 {
		t.Errorf("the matrix is %+v of %v", r.Matrix, r.Tiers)
	}
}

func TestARawFigureStandsBesideEachCorrectedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "payments", "1", september, 61, 0).Impact.PricePerFailedEvent = 0.5
	w.outage("shop/buy", october.AddDate(0, 0, 6), 40)
	w.corrections = []slo.Correction{{ID: "move", Kind: slo.Maintenance, Services: []string{"shop"}, From: october.AddDate(0, 0, 6), To: october.AddDate(0, 0, 6).Add(10 * time.Hour), Reason: "we moved", Author: "ann"}}
	r := w.report("2026-10")
	l := r.SLOs[0]
	if l.Corrected.State != Kept || l.Raw.State != Missed || l.Raw.Bad != 4000 || l.Corrected.Bad != 0 || *r.Score.Corrected != 100 || *r.Score.Raw != 0 {
		t.Errorf("%+v, score %v raw %v", l, *r.Score.Corrected, *r.Score.Raw)
	}
	if r.Cost.Corrected != 0 || r.Cost.Raw != 2000 || r.TakenOut != (slo.Counts{Total: 4000}) {
		t.Errorf("%+v, taken out %+v", r.Cost, r.TakenOut)
	}
	if len(r.Exclusions) != 1 || r.Exclusions[0].Author != "ann" || r.Exclusions[0].Reason != "we moved" || r.Exclusions[0].Hours != 10 || r.Exclusions[0].SLOs != 1 {
		t.Errorf("%+v", r.Exclusions)
	}
}

// After a restart the engine holds the end of the oldest day, and of the quarter in which that begins only a part.
func TestADayOfWhichTheEngineHoldsAPartIsCompletedByWhatWasStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, october.Add(36*time.Hour))
	d := w.promise("shop/buy", "payments", "1", october, 1, 0)
	held := slo.DayTotals{SLO: d.ID, Day: october}
	held.Total[40], held.Good[40] = 30, 30       // the stored row has all 100 of it
	held.OutTotal[41], held.OutGood[41] = 100, 0 // taken out since the row was stored
	source, err := NewSource(SourceOptions{
		Store: w, Definitions: func() []*slo.Definition { return w.defs }, Held: func(string, time.Time) []slo.DayTotals { return []slo.DayTotals{held} },
		Corrections: func() []slo.Correction { return nil }, Now: func() time.Time { return w.at },
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := source.Promise(t.Context(), &Catalog{At: w.at}, &CatalogSLO{Definition: d}, october, w.at)
	if err != nil || len(p.Totals) != 1 {
		t.Fatalf("%d days, %v", len(p.Totals), err)
	}
	if got := p.Totals[0]; got.Total[40] != 100 || got.Total[39] != 100 || got.Total[41] != 0 || got.OutTotal[41] != 100 {
		t.Errorf("quarters 39 to 41 have %v, and %v taken out", got.Total[39:42], got.OutTotal[39:42])
	}
}

func TestPromisesThatChangedAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "payments", "1", september, 61, 0)
	w.promise("shop/new", "payments", "1", october.AddDate(0, 0, 10), 21, 0)
	w.totals["shop/old"] = steady("", september, 61, 100, 5)
	at := func(day int) time.Time { return october.AddDate(0, 0, day) }
	w.versions = []slo.Version{
		{SLO: "shop/buy", Number: 1, Since: september, Objective: 99.9},
		{SLO: "shop/buy", Number: 2, Since: at(4), Objective: 99, Lowered: true, Changes: []string{"the objective became 99 %, before 99.9 %"}},
		{SLO: "shop/new", Number: 1, Since: at(10), Objective: 99},
		{SLO: "shop/old", Number: 1, Since: september, Objective: 99},
		{SLO: "shop/old", Number: 2, Since: at(20), Objective: 99, Ended: true},
	}
	r := w.report("2026-10")
	var got []string
	for _, c := range r.Changes {
		got = append(got, c.Kind+" "+c.SLO)
	}
	if strings.Join(got, ", ") != "lowered shop/buy, added shop/new, removed shop/old" {
		t.Errorf("%v", got)
	}
	old := r.line("shop/old")
	if old == nil || !old.Removed || old.Corrected.State != Missed || old.Hours != 480 {
		t.Errorf("what was removed is still judged for its time: %+v", old)
	}
	if buy := r.line("shop/buy"); buy.Objective != 99.9 {
		t.Errorf("the lowered one is judged by %v", buy.Objective)
	}
}

func TestAReportNarrowsToATeamAndThoseBelow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "payments", "1", october, 31, 0)
	w.promise("shop/pay", "cards", "1", october, 31, 0)
	w.promise("shop/look", "web", "1", october, 31, 0)
	w.in.Team, w.in.Teams = "payments", []slo.Team{{Name: "cards", Parent: "payments"}}
	w.in.Incidents = []Incident{
		{Key: "1", SLO: "shop/look", Team: "web", Severity: "page", Told: true, Opened: october.Add(time.Hour), Started: october.Add(time.Hour)},
		{Key: "2", SLO: "shop/pay", Team: "cards", Severity: "page", Told: true, Night: true, Opened: october.Add(23 * time.Hour), Started: october.Add(23 * time.Hour)},
	}
	r := w.report("2026-10")
	if len(r.SLOs) != 2 || r.line("shop/look") != nil || len(r.Incidents) != 1 || r.All.Pages != 1 || r.All.Night != 1 || r.All.Never != 1 || r.All.Open != 1 {
		t.Errorf("%d SLOs, %+v", len(r.SLOs), r.All)
	}
	if !strings.HasPrefix(r.Sentences[0], "October 2026 of team payments: ") {
		t.Error(r.Sentences[0])
	}
}

func TestTimesAreTheMedianAndTheWorst(t *testing.T) {
	t.Parallel()
	if got := timesOf([]time.Duration{9, 1, 4}); got != (Times{3, 4, 9}) {
		t.Errorf("%+v", got)
	}
	if got := timesOf([]time.Duration{9, 1, 4, 6}); got != (Times{4, 5, 9}) {
		t.Errorf("%+v", got)
	}
	if got := timesOf(nil); got != (Times{}) {
		t.Errorf("%+v", got)
	}
}

func TestANewRevisionSaysWhatIsOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "payments", "1", september, 61, 0)
	w.outage("shop/buy", october.AddDate(0, 0, 6), 40)
	old := w.report("2026-10")
	if d := Compare(&old, &old); len(d) != 0 {
		t.Errorf("it differs from itself: %+v", d)
	}
	w.corrections = []slo.Correction{{ID: "move", SLOs: []string{"shop/*"}, From: october.AddDate(0, 0, 6), To: october.AddDate(0, 0, 7), Reason: "we moved", Author: "ann"}}
	now := w.report("2026-10")
	var words []string
	for _, d := range Compare(&old, &now) {
		words = append(words, d.Words)
	}
	want := []string{
		"The reliability score: 0 % became 100 %.", "Objectives that were met: 0 of 1 became 1 of 1.", "Corrections: none became move by ann.",
		"shop/buy: missed with 4,000 of 297,600 events bad became kept with 0 of 288,000 events bad.",
	}
	if strings.Join(words, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(words, "\n"), strings.Join(want, "\n"))
	}
}

func TestAPeriodIsReadAndWritten(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for name, want := range map[string][2]string{
		"2026-10":  {"2026-10-01 00:00 CEST", "2026-11-01 00:00 CET"},
		"2026-Q1":  {"2026-01-01 00:00 CET", "2026-04-01 00:00 CEST"},
		"2026":     {"2026-01-01 00:00 CET", "2027-01-01 00:00 CET"},
		"2026-W01": {"2025-12-29 00:00 CET", "2026-01-05 00:00 CET"},
		"2026-W53": {"2026-12-28 00:00 CET", "2027-01-04 00:00 CET"},
		"2026-W43": {"2026-10-19 00:00 CEST", "2026-10-26 00:00 CET"},
	} {
		p, err := ParsePeriod(name, zone)
		const form = "2006-01-02 15:04 MST"
		if err != nil || p.Name != name || p.From.Format(form) != want[0] || p.To.Format(form) != want[1] {
			t.Errorf("%s: %+v, %v; want %v", name, p, err, want)
		}
		if back := p.Next().Before(); back != p {
			t.Errorf("%s: after the next one comes %+v", name, back)
		}
	}
	for _, name := range []string{"", "2026-13", "2026-Q5", "2025-W53", "2026-1", "x", "2026-10-01", "2026-W00"} {
		if p, err := ParsePeriod(name, zone); err == nil {
			t.Errorf("%q is taken as %+v", name, p)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, name := range []string{"2026-10", "2026-Q3", "2026", "2026-W53", "2025-W53"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, err := ParsePeriod(name, time.UTC)
		if err == nil && (p.Name != name || !p.From.Before(p.To)) {
			t.Errorf("%q became %+v", name, p)
		}
	})
}

func TestNoTextFromOutsideIsAFormulaOfTheTable(t *testing.T) {
	t.Parallel()
	for name, text := range nasty.Texts() {
		w := newWorld(t, november.Add(30*time.Hour))
		w.promise("shop/buy", text, text, october, 31, 0.5)
		r := w.report("2026-10")
		var out strings.Builder
		if err := r.CSV(&out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%s: %q, %v", name, rows, err)
		}
		for _, cell := range rows[1] {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && strings.ContainsAny(strings.TrimLeft(cell, " \t\r\n")[:min(1, len(strings.TrimLeft(cell, " \t\r\n")))], "=+-@") {
				t.Errorf("%s: %q is a formula", name, cell)
			}
		}
	}
}

func TestTheTableIsNoFormula(t *testing.T) {
	t.Parallel()
	w := newWorld(t, november.Add(30*time.Hour))
	w.promise("shop/buy", "=HYPERLINK(1)", "1", october, 31, 0.5)
	r := w.report("2026-10")
	var out strings.Builder
	if err := r.CSV(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[1], "2026-10,0,UTC,shop/buy,shop,'=HYPERLINK(1),1,,99,kept,kept,") || !strings.Contains(lines[1], ",1488,1488,297600,297600,0.5,0.5,744,0,0,0,,,EUR,0") {
		t.Errorf("%s", out.String())
	}
	body, err := json.Marshal(r)
	var back Report
	if err != nil || json.Unmarshal(body, &back) != nil || back.SLOs[0].Corrected != r.SLOs[0].Corrected {
		t.Errorf("as JSON: %s, %v", body, err)
	}
}
