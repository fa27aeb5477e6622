package reviews

import (
	"cmp"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Told is an incident with what people wrote of it.
type Told struct {
	Record alerting.Record
	Review Review
}

// WeekInput is what a review of a week, or of any time, is made of.
type WeekInput struct {
	From, To, Now time.Time
	// Incidents are those that opened from a day before From on, up to To.
	Incidents []Told
	Night     Night
	Zones     Zones
	// Actions are those that are open.
	Actions []Action
}

// Week is how the telling of people went for a time.
type Week struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Pages are those that reached a receiver, the newest first.
	Pages []Page `json:"pages"`
	// Tickets counts incidents of that severity, and Kept the pages that reached nobody, because of a silence,
	// a correction or the like.
	Tickets int `json:"tickets"`
	Kept    int `json:"kept_back"`
	// Sums are over all pages.
	Sums Sums `json:"sums"`
	// SLOs are those with noise, with pages that recovered alone or that came again, the worst first.
	SLOs []SLOPages `json:"slos"`
	// Teams are all that were paged, the most pages first.
	Teams []TeamPages `json:"teams"`
	// Overdue are the actions whose day is over.
	Overdue []Action `json:"overdue"`
}

// Page is one page that people were sent.
type Page struct {
	Key   string `json:"key"`
	SLO   string `json:"slo"`
	Title string `json:"title"`
	Team  string `json:"team"`
	// At is when a receiver took it, and Local the same by the clock of its team.
	At    time.Time `json:"at"`
	Local string    `json:"local"`
	// Night: it came at night. Alone: it recovered before anybody took it. Repeated: one of the same SLO and
	// group came within a day before it. Bare: it named no runbook.
	Night    bool `json:"night"`
	Alone    bool `json:"recovered_alone"`
	Repeated bool `json:"repeated"`
	Bare     bool `json:"without_runbook"`
	Open     bool `json:"open"`
	// Verdict is "" while nobody judged.
	Verdict Value  `json:"verdict,omitempty"`
	Why     string `json:"why"`
	// Took is after how many seconds somebody took it; null where nobody did.
	Took *float64 `json:"acknowledged_after_seconds"`
}

// Sums count pages by what they were.
type Sums struct {
	Pages    int `json:"pages"`
	Night    int `json:"night"`
	Noise    int `json:"noise"`
	Useful   int `json:"useful"`
	Unjudged int `json:"unjudged"`
	Alone    int `json:"recovered_alone"`
	Repeated int `json:"repeated"`
	Bare     int `json:"without_runbook"`
}

// add counts one page.
func (s *Sums) add(p Page) {
	s.Pages++
	for is, n := range map[*int]bool{&s.Night: p.Night, &s.Noise: p.Verdict == Noise, &s.Useful: p.Verdict == Useful, &s.Unjudged: p.Verdict == "",
		&s.Alone: p.Alone, &s.Repeated: p.Repeated, &s.Bare: p.Bare} {
		if n {
			*is++
		}
	}
}

// noisy is what orders SLOs: verdicts of people before what only looks like noise.
func (s Sums) noisy() int { return 1000*s.Noise + s.Alone + s.Repeated }

// SLOPages are the pages of one SLO, or of what raises an alert.
type SLOPages struct {
	SLO  string `json:"slo"`
	Team string `json:"team"`
	Sums
}

// TeamPages are the pages of one team; "" is no team.
type TeamPages struct {
	Team string `json:"team"`
	Sums
	// Took is the median time until somebody took a page, in seconds; null where nobody took one.
	Took *float64 `json:"acknowledged_median_seconds"`
}

// daily is within what time another page of the same SLO and group is a repetition.
const daily = 24 * time.Hour

// Review makes the review.
func (in WeekInput) Review() Week {
	w := Week{From: in.From, To: in.To, Pages: []Page{}, SLOs: []SLOPages{}, Teams: []TeamPages{}, Overdue: []Action{}}
	before := map[string][]time.Time{} // when pages of an SLO and group were told
	all := slices.Clone(in.Incidents)
	slices.SortStableFunc(all, func(a, b Told) int { return a.Record.Incident.Opened.Compare(b.Record.Incident.Opened) })
	for _, one := range all {
		inc := one.Record.Incident
		if alerting.Drilled(inc.SLO) || recorded(one.Record) || !inc.Opened.Before(in.To) {
			continue
		}
		within := !inc.Opened.Before(in.From)
		if inc.Severity != slo.Page {
			w.Tickets += count(within)
			continue
		}
		told := TimesOf(one.Record).Told
		if told.IsZero() {
			w.Kept += count(within)
			continue
		}
		of := inc.SLO + " " + inc.Group.String()
		if within {
			again := inc.Number > 1 || slices.ContainsFunc(before[of], func(at time.Time) bool { return told.Sub(at) < daily })
			w.Pages = append(w.Pages, in.page(one, again))
		}
		before[of] = append(before[of], told)
	}
	slices.Reverse(w.Pages)
	w.sum()
	for _, a := range in.Actions {
		if a.Overdue(in.Now) {
			w.Overdue = append(w.Overdue, a)
		}
	}
	slices.SortStableFunc(w.Overdue, byDue)
	return w
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// recorded reports whether the incident was over when its data came, so that it is no page.
func recorded(r alerting.Record) bool {
	return len(r.Transitions) > 0 && r.Transitions[0].Kind == slo.IncidentRecorded
}

// page judges one page.
func (in WeekInput) page(one Told, again bool) Page {
	t, inc := TimesOf(one.Record), one.Record.Incident
	local := t.Told.In(in.Night.zone(inc.Team, in.Zones))
	p := Page{
		Key: inc.Key, SLO: inc.SLO, Title: orElse(one.Record.Title, inc.SLO), Team: inc.Team, At: t.Told.UTC(), Local: local.Format("Mon 15:04 MST"),
		Night: in.Night.Holds(local), Alone: t.Alone(), Repeated: again, Bare: !hasRunbook(one.Record), Open: inc.Closed.IsZero(),
	}
	if v, is := one.Review.Verdict(); is {
		p.Verdict, p.Why = v.Value, v.Why
	}
	if !t.Acknowledged.IsZero() {
		took := max(t.Acknowledged.Sub(t.Told), 0).Seconds()
		p.Took = &took
	}
	return p
}

// hasRunbook reports whether people were led to a runbook.
func hasRunbook(r alerting.Record) bool {
	leads := func(l alerting.Link) bool { return l.Text == "Runbook" }
	return slices.ContainsFunc(r.Newest.Links, leads) ||
		slices.ContainsFunc(r.Rows, func(row alerting.Row) bool { return slices.ContainsFunc(row.Message.Links, leads) })
}

// sum counts pages by SLO and by team.
func (w *Week) sum() {
	slos, teams, took := map[string]*SLOPages{}, map[string]*TeamPages{}, map[string][]float64{}
	for _, p := range w.Pages {
		w.Sums.add(p)
		if slos[p.SLO] == nil {
			slos[p.SLO] = &SLOPages{SLO: p.SLO, Team: p.Team}
		}
		slos[p.SLO].add(p)
		if teams[p.Team] == nil {
			teams[p.Team] = &TeamPages{Team: p.Team}
		}
		teams[p.Team].add(p)
		if p.Took != nil {
			took[p.Team] = append(took[p.Team], *p.Took)
		}
	}
	for _, s := range slos {
		if s.noisy() > 0 {
			w.SLOs = append(w.SLOs, *s)
		}
	}
	for _, t := range teams {
		t.Took = median(took[t.Team])
		w.Teams = append(w.Teams, *t)
	}
	slices.SortFunc(w.SLOs, func(a, b SLOPages) int { return cmp.Or(b.noisy()-a.noisy(), cmp.Compare(a.SLO, b.SLO)) })
	slices.SortFunc(w.Teams, func(a, b TeamPages) int { return cmp.Or(b.Pages-a.Pages, cmp.Compare(a.Team, b.Team)) })
}

// median is the middle of some figures, of two the mean; nil without any.
func median(of []float64) *float64 {
	if len(of) == 0 {
		return nil
	}
	slices.Sort(of)
	m := (of[(len(of)-1)/2] + of[len(of)/2]) / 2
	return &m
}
