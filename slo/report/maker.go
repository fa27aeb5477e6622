package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Input is what a report is made of, beside the promises.
type Input struct {
	Period  Period
	Catalog *Catalog
	// Zone is the time zone of the period; required.
	Zone *time.Location
	// Team narrows it to a team and those below it; "" is everybody.
	Team  string
	Teams []slo.Team
	// Incidents are those that were open at any time in the period or in the one before.
	Incidents []Incident
	// Statuses are the newest of all SLOs, for a period that is not over.
	Statuses []slo.Status
	// Services are those that send metrics; nil is not known.
	Services []string
	// Currency is that of all prices.
	Currency string
}

// Maker makes a report, promise by promise, so that only one of them is in memory at a time.
type Maker struct {
	in     Input
	report Report
	// teams are those of the scope; nil is all.
	teams    map[string]bool
	statuses map[string][]slo.Status
	month    Period // the first of the calendar
	score    tallying
	before   tallying
	months   []monthTally
	covered  map[string]bool
	mine     []Incident
}

// monthTally is a month of the calendar as it is added up.
type monthTally struct {
	Period
	tallying
	days []dayTally
	// teams are the same by team.
	teams map[string]*tallying
}

type dayTally struct {
	date     string
	from, to time.Time
	tallying
}

// calendarMonths is how many months the calendar has.
const calendarMonths = 12

// NewMaker begins a report.
func NewMaker(in Input) *Maker {
	m := &Maker{in: in, covered: map[string]bool{}, statuses: map[string][]slo.Status{}}
	m.report = Report{Period: in.Period, Zone: in.Zone.String(), Team: in.Team, Made: in.Catalog.At, Running: in.Catalog.At.Before(in.Period.To),
		Tiers: []string{}, Matrix: []MatrixRow{}, SLOs: []Line{}, Consumers: []string{}, Incidents: []Incident{}, People: []People{},
		Coverage: Coverage{NoData: []string{}, Gaps: []string{}, Unowned: []string{}, Uncovered: []string{}}, Changes: []PromiseChange{}, Exclusions: []Exclusion{}}
	if in.Team != "" {
		m.teams = slo.Under(in.Teams, in.Team)
	}
	for i := range in.Statuses {
		id := in.Statuses[i].ID
		m.statuses[id] = append(m.statuses[id], in.Statuses[i])
	}
	end := slo.Earliest(in.Period.To, in.Catalog.At)
	last := PeriodOf(slo.Month, end.Add(-time.Second), in.Zone)
	m.month = last
	for range calendarMonths - 1 {
		m.month = m.month.Before()
	}
	for p := m.month; !p.From.After(last.From); p = p.Next() {
		t := monthTally{Period: p, teams: map[string]*tallying{}}
		for at := p.From; at.Before(slo.Earliest(p.To, end)); at = NextDay(at) {
			t.days = append(t.days, dayTally{date: at.Format(time.DateOnly), from: at, to: NextDay(at)})
		}
		m.months = append(m.months, t)
	}
	for _, incident := range in.Incidents {
		if m.concerned(&incident) {
			m.mine = append(m.mine, incident)
		}
	}
	return m
}

// Wants reports whether an SLO belongs to the report's scope and was in force in the time that it
// tells of.
func (m *Maker) Wants(one *CatalogSLO) bool {
	return (m.teams == nil || m.teams[one.Definition.Team]) && (one.Removed.IsZero() || one.Removed.After(m.Begin()))
}

// concerned reports whether an incident belongs to the report's scope.
func (m *Maker) concerned(in *Incident) bool {
	if m.teams == nil || m.teams[in.Team] {
		return true
	}
	return slices.ContainsFunc(m.in.Catalog.SLOs, func(one CatalogSLO) bool {
		return m.teams[one.Definition.Team] && in.concerns(one.Definition.ID)
	})
}

// Begin is since when the report needs totals.
func (m *Maker) Begin() time.Time {
	return slo.Earliest(m.month.From, m.in.Period.Before().From)
}

// Add counts one SLO. The record is not kept.
func (m *Maker) Add(one *CatalogSLO, r *Record) {
	d := one.Definition
	past := m.calendar(d, r)
	p := m.in.Period
	m.promises(one)
	if before := r.Over(p.Before().From, p.Before().To); before.Hours > 0 {
		m.before.add(weightOf(d), &before)
		m.report.Cost.Before += before.Corrected.Bad * d.Impact.PricePerFailedEvent
	}
	l := Line{ID: d.ID, Service: d.Service, Team: d.Team, Tier: d.Labels["tier"], Journey: d.Journey, Weight: weightOf(d), Stretch: r.Over(p.From, p.To), Past: past}
	if l.Hours <= 0 {
		return
	}
	if b := r.Over(p.Before().From, p.Before().To); b.Hours > 0 {
		l.Before = b.Corrected.State
	}
	l.Price, l.Removed = d.Impact.PricePerFailedEvent, !one.Removed.IsZero()
	l.Health = healthOf(&l.Stretch)
	if st := m.statuses[d.ID]; m.report.Running && len(st) > 0 {
		l.Health = healthNow(st)
		m.exhaustion(d, st)
	}
	m.score.add(l.Weight, &l.Stretch)
	m.report.SLOs = append(m.report.SLOs, l)
	m.costs(&l)
	m.coverage(&l)
	m.report.TakenOut.Total += l.Raw.Total - l.Corrected.Total
	m.report.TakenOut.Good += l.Raw.Good - l.Corrected.Good
	for i := range m.mine {
		if m.mine[i].concerns(d.ID) {
			m.mine[i].weigh(&l, r, p, m.in.Catalog.At)
		}
	}
}

// calendar counts the SLO's months and days, and returns the months as its own past.
func (m *Maker) calendar(d *slo.Definition, r *Record) []PastMonth {
	past := make([]PastMonth, len(m.months))
	for i := range m.months {
		t := &m.months[i]
		s := r.Over(t.From, t.To)
		past[i] = pastOf(t.Name, &s)
		if s.Hours <= 0 {
			continue
		}
		t.add(weightOf(d), &s)
		if t.teams[d.Team] == nil {
			t.teams[d.Team] = &tallying{}
		}
		t.teams[d.Team].add(weightOf(d), &s)
		for j := range t.days {
			if day := r.Over(t.days[j].from, t.days[j].to); day.Hours > 0 {
				t.days[j].add(weightOf(d), &day)
			}
		}
	}
	return past
}

func (m *Maker) costs(l *Line) {
	c := &m.report.Cost
	if l.Price == 0 {
		c.Unpriced++
		return
	}
	c.Priced++
	c.Corrected += l.Price * l.Corrected.Bad
	c.Raw += l.Price * l.Raw.Bad
}

func (m *Maker) coverage(l *Line) {
	c := &m.report.Coverage
	c.AllHours += l.Hours
	c.Hours, c.Raw = c.Hours+l.Corrected.Missing, c.Raw+l.Raw.Missing
	switch {
	case l.Raw.State == NoData:
		c.NoData = append(c.NoData, l.ID)
	case l.Corrected.Missing > 0:
		c.Gaps = append(c.Gaps, l.ID)
	}
	if l.Team == "" {
		c.Unowned = append(c.Unowned, l.ID)
	}
}

// exhaustion notes the groups whose budget is spent, or that will be before as long again as the
// SLO's window has passed.
func (m *Maker) exhaustion(d *slo.Definition, all []slo.Status) {
	for i := range all {
		s := &all[i]
		b := &s.Budget
		if !s.State.Known() || !b.Known || !b.Spent && (!b.Exhausts || b.GoneIn > d.Window.Nominal()) {
			continue
		}
		e := Exhaustion{ID: d.ID, Group: s.Group, Team: d.Team, Remaining: b.Remaining, Spent: b.Spent}
		if !b.Spent {
			e.GoneIn, e.At = b.GoneIn, s.At.Add(b.GoneIn)
		}
		m.report.Exhaustion = append(m.report.Exhaustion, e)
	}
}

// Report ends the making.
func (m *Maker) Report() Report {
	r := &m.report
	r.Score, r.Before = m.score.score(), m.before.score()
	r.Met, r.MetBefore = m.score.Tally, m.before.Tally
	r.Cost.Currency = m.in.Currency
	for i := range m.months {
		t := &m.months[i]
		month := Month{Name: t.Name, Score: t.score(), Met: t.Corrected, Days: []CalendarDay{}}
		for _, d := range t.days {
			s := d.score()
			month.Days = append(month.Days, CalendarDay{Date: d.date, Score: s.Corrected, Raw: s.Raw, Met: d.Corrected})
		}
		r.Calendar = append(r.Calendar, month)
	}
	slices.SortFunc(r.SLOs, func(a, b Line) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(r.Changes, func(a, b PromiseChange) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.SLO, b.SLO)) })
	slices.SortStableFunc(r.Exhaustion, func(a, b Exhaustion) int {
		return cmp.Or(cmp.Compare(a.GoneIn, b.GoneIn), cmp.Compare(a.Remaining, b.Remaining), strings.Compare(a.ID, b.ID))
	})
	r.matrix()
	for i := range r.Matrix {
		r.Matrix[i].Past = m.pastOfTeam(r.Matrix[i].Team)
	}
	r.consumers()
	m.people()
	m.exclusions()
	m.uncovered()
	r.Sentences = r.sentences()
	return *r
}

// people counts what teams were told, and keeps the incidents of the period, the worst first.
func (m *Maker) people() {
	r := &m.report
	byTeam := map[string][]Incident{}
	for _, in := range m.mine {
		byTeam[in.Team] = append(byTeam[in.Team], in)
		if in.within(m.in.Period) {
			r.Incidents = append(r.Incidents, in)
		}
	}
	slices.SortFunc(r.Incidents, worst)
	for _, team := range sortedKeys(byTeam) {
		if p := peopleOf(team, byTeam[team], m.in.Period); p.Pages+p.Before+p.Tickets > 0 {
			r.People = append(r.People, p)
		}
	}
	r.All = peopleOf("", m.mine, m.in.Period)
}

// uncovered names the services that no SLO of anybody is about.
func (m *Maker) uncovered() {
	if m.in.Services == nil || m.in.Team != "" {
		return
	}
	c := &m.report.Coverage
	c.Services = true
	has := map[string]bool{}
	for i := range m.in.Catalog.SLOs {
		if one := &m.in.Catalog.SLOs[i]; one.Removed.IsZero() {
			has[one.Definition.Service] = true
		}
	}
	for _, s := range m.in.Services {
		if !has[s] {
			c.Uncovered = append(c.Uncovered, s)
		}
	}
	slices.Sort(c.Uncovered)
}

// exclusions names the corrections that took time out of the period.
func (m *Maker) exclusions() {
	p := m.in.Period
	for i := range m.in.Catalog.Corrections {
		c := &m.in.Catalog.Corrections[i]
		e := Exclusion{ID: c.ID, Kind: c.Kind, Reason: c.Reason, Author: c.Author}
		for _, in := range c.Between(p.From, p.To) {
			from, to := slo.Latest(in.From, p.From), slo.Earliest(in.To, p.To)
			e.From, e.To = earlier(e.From, from), slo.Latest(e.To, to)
			e.Hours += to.Sub(from).Hours()
		}
		for j := range m.in.Catalog.SLOs {
			if one := &m.in.Catalog.SLOs[j]; m.Wants(one) && c.Applies(one.Definition) {
				e.SLOs++
			}
		}
		if e.Hours > 0 && e.SLOs > 0 {
			m.report.Exclusions = append(m.report.Exclusions, e)
		}
	}
	slices.SortFunc(m.report.Exclusions, func(a, b Exclusion) int { return cmp.Or(a.From.Compare(b.From), strings.Compare(a.ID, b.ID)) })
}

// promises notes what was promised anew, less or no more.
func (m *Maker) promises(one *CatalogSLO) {
	p := m.in.Period
	within := func(at time.Time) bool { return at.After(p.From) && !at.After(p.To) }
	note := func(kind string, at time.Time, words []string) {
		m.report.Changes = append(m.report.Changes, PromiseChange{SLO: one.Definition.ID, Team: one.Definition.Team, Kind: kind, At: at, Words: words})
	}
	for i, v := range one.Versions {
		switch {
		case !within(v.Since) || v.Ended:
		case i == 0 && v.Succeeds == "":
			note(ChangeAdded, v.Since, nil)
		case v.Lowered:
			note(ChangeLowered, v.Since, v.Changes)
		}
	}
	if within(one.Removed) {
		note(ChangeRemoved, one.Removed, nil)
	}
}
