package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/report"
)

// memory is a store in memory.
type memory struct {
	reports []report.Report
	basis   []string
	days    []slo.DayTotals
	fails   bool
}

func (m *memory) SaveReport(_ context.Context, r report.Report, basis string) (bool, error) {
	if m.fails {
		return false, errors.New("the store is away")
	}
	for _, o := range m.reports {
		if o.Period.Name == r.Period.Name && o.Team == r.Team && o.Revision == r.Revision {
			return false, nil
		}
	}
	m.reports, m.basis = append(m.reports, r), append(m.basis, basis)
	return true, nil
}

func (m *memory) Report(_ context.Context, period, team string, revision int) (found report.Report, ok bool, _ error) {
	for _, r := range m.reports {
		if r.Period.Name == period && r.Team == team && (revision == 0 || r.Revision == revision) && r.Revision > found.Revision {
			found, ok = r, true
		}
	}
	return found, ok, nil
}

func (m *memory) ReportHeads(_ context.Context, period string, limit int) (all []report.Head, _ error) {
	for i, r := range m.reports {
		if period == "" || r.Period.Name == period {
			all = append(all, report.Head{Period: r.Period.Name, Team: r.Team, Revision: r.Revision, Made: r.Made, Reason: r.Reason, Basis: m.basis[i]})
		}
	}
	slices.Reverse(all)
	return all[:min(len(all), limit)], nil
}

func (m *memory) Totals(_ context.Context, _ string, from, to time.Time, yield func(slo.DayTotals) error) error {
	for _, d := range m.days {
		if d.Day.AddDate(0, 0, 1).After(from) && d.Day.Before(to) {
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *memory) AllVersions(context.Context) ([]slo.Version, error) {
	return []slo.Version{{SLO: "shop/buy", Number: 1, Since: time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC), Objective: 99}}, nil
}

// office is nodes on one store, and what the test changes about them.
type office struct {
	t           *testing.T
	store       *memory
	now         time.Time
	corrections []slo.Correction
	schedule    []Entry
	told        []string
	tells       []report.Report
	made        int
	desks       []*Desk
}

func newOffice(t *testing.T, now time.Time, nodes int) *office {
	o := &office{t: t, store: &memory{}, now: now}
	for day := time.Date(2026, 9, 10, 0, 0, 0, 0, time.UTC); day.Before(time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		d := slo.DayTotals{SLO: "shop/buy", Day: day}
		for q := range d.Total {
			d.Total[q], d.Good[q] = 100, 100
		}
		o.store.days = append(o.store.days, d)
	}
	def := &slo.Definition{ID: "shop/buy", Service: "shop", Team: "payments", Objective: 99}
	for range nodes {
		source, err := report.NewSource(report.SourceOptions{
			Store: o.store, Definitions: func() []*slo.Definition { return []*slo.Definition{def} },
			Held:        func(string, time.Time) []slo.DayTotals { return nil },
			Corrections: func() []slo.Correction { return o.corrections }, Now: func() time.Time { return o.now },
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := New(Options{
			Source: source, Store: o.store, Plan: func() Plan { return Plan{Zone: time.UTC, Schedule: o.schedule} }, Now: func() time.Time { return o.now },
			Facts: func(context.Context, time.Time, time.Time) (Facts, error) { o.made++; return Facts{}, nil },
			Tell: func(_ context.Context, name, receiver string, r report.Report) error {
				if !slices.Contains(o.told, name) {
					o.told, o.tells = append(o.told, name), append(o.tells, r)
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		o.desks = append(o.desks, d)
	}
	return o
}

func (o *office) step() {
	o.t.Helper()
	for _, d := range o.desks {
		if err := d.Step(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
	}
}

// revisions are those of everybody's reports, as they were kept.
func (o *office) revisions() string {
	var all []string
	for _, r := range o.store.reports {
		if r.Team == "" {
			all = append(all, fmt.Sprintf("%s/%d", r.Period.Name, r.Revision))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func at(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

func TestAPeriodIsClosedOnceADayAfterItsEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 1, 23), 2)
	o.step()
	if got := o.revisions(); strings.Contains(got, "2026-09/") {
		t.Errorf("within the day of grace: %s", got)
	}
	o.now = at(10, 2, 1)
	o.step()
	o.step()
	const want = "2026-09/1 2026-Q3/1 2026-W37/1 2026-W38/1 2026-W39/1"
	if got := o.revisions(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := len(o.store.reports); n != 10 {
		t.Errorf("%d reports, want those of everybody and of one team", n)
	}
}

func TestACorrectionMakesAFurtherRevisionWithTheDifference(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 2, 1), 1)
	o.store.days[10].Good = [slo.Quarters]float64{}
	o.step()
	o.now = at(10, 20, 0)
	o.step()
	if got := o.revisions(); strings.Contains(got, "/2") {
		t.Fatalf("nothing changed, and there is %s", got)
	}
	o.corrections = []slo.Correction{{ID: "move", SLOs: []string{"*/*"}, From: at(9, 20, 0), To: at(9, 21, 0), Reason: "we moved", Author: "ann"}}
	o.step()
	o.step()
	r, found, err := o.desks[0].Report(t.Context(), report.PeriodOf(slo.Month, at(9, 20, 0), time.UTC), "payments", 0)
	if err != nil || !found || r.Revision != 2 || r.Reason != "corrections changed" || len(r.Differences) == 0 || r.Differences[0].Words != "The reliability score: 0 % became 100 %." {
		t.Fatalf("%d, %q, %+v, %v", r.Revision, r.Reason, r.Differences, err)
	}
	first, found, err := o.desks[0].Report(t.Context(), r.Period, "payments", 1)
	if err != nil || !found || *first.Score.Corrected != 0 {
		t.Errorf("the first revision is %v, %v", first.Score, err)
	}
	if heads, err := o.desks[0].Revisions(t.Context(), "2026-09", "payments"); err != nil || len(heads) != 2 || heads[0].Revision != 2 {
		t.Errorf("%+v, %v", heads, err)
	}
	if closed, err := o.desks[0].Closed(t.Context(), ""); err != nil || closed[0].Revision != 2 && closed[0].Revision != 1 || len(closed) != 8 {
		t.Errorf("%+v, %v", closed, err)
	}
	// Another correction that changes no figure makes none.
	o.corrections = append(o.corrections, slo.Correction{ID: "none", SLOs: []string{"web/*"}, From: at(9, 22, 0), To: at(9, 23, 0), Reason: "x", Author: "ann"})
	o.step()
	if got := o.revisions(); strings.Contains(got, "/3") {
		t.Errorf("there is %s", got)
	}
}

func TestLateDataMakesAFurtherRevision(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 2, 1), 1)
	o.step()
	o.store.days[20].Good[3] = 0
	o.now = at(10, 2, 8)
	o.step()
	r, _, err := o.desks[0].Report(t.Context(), report.PeriodOf(slo.Month, at(9, 20, 0), time.UTC), "", 0)
	if err != nil || r.Revision != 2 || r.Reason != "late data changed what was counted" {
		t.Errorf("%d, %q, %v", r.Revision, r.Reason, err)
	}
}

func TestWhatIsScheduledIsToldOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 1, 7), 2)
	o.schedule = []Entry{{Unit: slo.Month, Day: 1, Hour: 8, Receiver: "board"}, {Unit: slo.Week, Day: 1, Hour: 9, Team: "payments", Receiver: "team"}}
	o.step()
	if got := strings.Join(o.told, " "); got != "2026-W39/payments/team" {
		t.Errorf("before the time: %q", got)
	}
	o.now = at(10, 1, 9)
	o.step()
	o.step()
	o.now = at(10, 5, 9)
	o.step()
	if got := strings.Join(o.told, " "); got != "2026-W39/payments/team 2026-09//board 2026-W40/payments/team" {
		t.Errorf("told %q", got)
	}
	o.now = at(10, 9, 0)
	o.desks[0].told = map[string]bool{} // a restart: the receiver knows what it was handed
	o.step()
	if len(o.told) != 3 {
		t.Errorf("told %q", o.told)
	}
}

func TestWhatIsToldAtMidnightIsOfAWholeMonth(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 1, 0).Add(-10*time.Second), 1)
	o.schedule = []Entry{{Unit: slo.Month, Day: 1, Receiver: "board"}}
	if r, err := o.desks[0].Now(t.Context(), ""); err != nil || !r.Running {
		t.Fatalf("somebody looks at September before it is over: %v", err)
	}
	o.now = at(10, 1, 0)
	o.step()
	if len(o.tells) != 1 || o.tells[0].Running || !o.tells[0].Made.Equal(o.now) {
		t.Errorf("told %q, made %s, running %v", o.told, o.tells[0].Made, o.tells[0].Running)
	}
}

func TestAPeriodBehindManyOthersIsNotClosedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 2, 1), 2)
	if err := o.desks[0].Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.made = 0
	for i := range mostHeads { // of many teams, later
		o.store.reports = append(o.store.reports, report.Report{Period: report.Period{Name: "2026-W40"}, Team: strconv.Itoa(i), Revision: 1})
		o.store.basis = append(o.store.basis, "")
	}
	for range 2 {
		if err := o.desks[1].Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if o.made != 0 {
		t.Errorf("%d reports that are closed were made again", o.made)
	}
}

func TestAStoreThatIsAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 2, 1), 1)
	o.store.fails = true
	if err := o.desks[0].Step(t.Context()); err == nil {
		t.Fatal("nothing was said")
	}
	o.store.fails = false
	o.step()
	if got := o.revisions(); !strings.Contains(got, "2026-09/1") {
		t.Error(got)
	}
}

func TestAReportServesAllWhoAskForAWhile(t *testing.T) {
	t.Parallel()
	o := newOffice(t, at(10, 2, 1), 1)
	first, err := o.desks[0].Now(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(10 * time.Second)
	if again, err := o.desks[0].Now(t.Context(), ""); err != nil || !again.Made.Equal(first.Made) {
		t.Errorf("made at %s and %s, %v", first.Made, again.Made, err)
	}
	o.now = o.now.Add(time.Minute)
	if again, err := o.desks[0].Now(t.Context(), ""); err != nil || again.Made.Equal(first.Made) {
		t.Errorf("it is still that of %s, %v", again.Made, err)
	}
	if _, found, err := o.desks[0].Report(t.Context(), report.PeriodOf(slo.Month, at(12, 1, 0), time.UTC), "", 0); found || err != nil {
		t.Errorf("a month that has not begun has a report, %v", err)
	}
}

func TestATimeOfASchedule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit slo.CalendarUnit
		at   string
		want [3]int
		ok   bool
	}{
		{slo.Month, "1 08:00", [3]int{1, 8, 0}, true}, {slo.Week, "Mon 07:30", [3]int{1, 7, 30}, true}, {slo.Week, "7 23:59", [3]int{7, 23, 59}, true},
		{slo.Month, "Mon 08:00", [3]int{}, false}, {slo.Month, "29 08:00", [3]int{}, false}, {slo.Week, "8 08:00", [3]int{}, false},
		{slo.Month, "1", [3]int{}, false}, {slo.Month, "1 25:00", [3]int{}, false}, {slo.Month, "", [3]int{}, false},
	} {
		d, h, m, err := ParseAt(c.unit, c.at)
		if (err == nil) != c.ok || [3]int{d, h, m} != c.want {
			t.Errorf("%s %q: %d %d:%d, %v", c.unit, c.at, d, h, m, err)
		}
	}
}
