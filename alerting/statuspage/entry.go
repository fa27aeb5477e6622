package statuspage

import (
	"cmp"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Kind is what an entry is about.
type Kind string

// The kinds of entries.
const (
	KindIncident    Kind = "incident"
	KindMaintenance Kind = "maintenance"
	KindNotice      Kind = "notice"
)

// Entry is something that customers can read of.
type Entry struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// State is the worst of an incident; while it goes on and all works again, Watched.
	State State  `json:"state,omitempty"`
	Title string `json:"title"`
	// Journeys are the names of those that it is about; none is all.
	Journeys []string `json:"journeys"`
	// From and To bound it; To is zero while an incident goes on.
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
	// Worked is since when all works again of an incident that is still watched; else zero.
	Worked time.Time `json:"works_since,omitzero"`
	// Ongoing is true while it lasts, Planned before it begins.
	Ongoing bool `json:"ongoing"`
	Planned bool `json:"planned,omitempty"`
	// Posts are what people wrote of it, the newest first.
	Posts []Post `json:"posts"`
	// Updated is when something of it changed last.
	Updated time.Time `json:"updated"`

	// announced is from when on posts may be about it.
	announced time.Time
	// suffers is true while one of its incidents goes on and customers suffer, or nobody knows.
	suffers bool
}

// Post is what somebody wrote.
type Post struct {
	At    time.Time `json:"at"`
	Title string    `json:"title,omitempty"`
	Text  string    `json:"text"`
}

// about reports whether the entry is about a journey.
func (e *Entry) about(journey string) bool {
	return len(e.Journeys) == 0 || slices.Contains(e.Journeys, journey)
}

// apart is how long a journey may have worked between two incidents that customers take for one.
const apart = 10 * time.Minute

// afterwards is for how long after its end people still write about something, and for how long a notice of
// its own stands at the top.
const afterwards = 24 * time.Hour

// mostPast bounds the entries of what is over.
const mostPast = 200

// entries are all that there is to read of, in no order.
func (c *Config) entries(w *World) []Entry {
	var all []Entry
	for i := range c.Journeys {
		all = append(all, c.incidents(&c.Journeys[i], w)...)
	}
	all = append(all, c.maintenances(w)...)
	return append(all, c.attach(all, w.Posts)...)
}

// incidents are those of one journey: those of its SLOs that overlap are one.
func (c *Config) incidents(j *JourneyConfig, w *World) []Entry {
	if !c.PublicIncidents {
		return nil
	}
	hurt := w.hurting(j)
	slices.SortFunc(hurt, func(a, b slo.Incident) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Key, b.Key))
	})
	var all []Entry
	for _, in := range hurt {
		if n := len(all); n == 0 || !all[n-1].Ongoing && in.Started.After(all[n-1].To.Add(apart)) {
			all = append(all, Entry{ID: publicID("incident", j.Name, in.Key), Kind: KindIncident, State: Watched, Journeys: []string{j.Name}, From: c.zoned(in.Started), Posts: []Post{}, announced: in.Started})
		}
		all[len(all)-1].join(in, w.stateOf(j, in), c.zoned(in.Closed), c.zoned(w.worksSince(in)))
	}
	for i := range all {
		e := &all[i]
		e.Updated = slo.Latest(slo.Latest(e.From, e.To), e.Worked)
		if !e.Ongoing || e.suffers {
			e.Title, e.Worked = incidentTitle(j.Name, e.State, e.Ongoing), time.Time{}
			continue
		}
		e.Title, e.State = watchedTitle(j.Name, e.State), Watched
	}
	return all
}

// join adds an incident that overlaps, or the first; worked is since when all works again of one that is open.
func (e *Entry) join(in slo.Incident, state State, closed, worked time.Time) {
	switch {
	case in.Closed.IsZero():
		e.Ongoing, e.To = true, time.Time{}
		e.suffers, e.Worked = e.suffers || worked.IsZero(), slo.Latest(e.Worked, worked)
	case !e.Ongoing:
		e.To = slo.Latest(e.To, closed)
	}
	if state.worse(e.State) {
		e.State = state
	}
}

// worksSince is since when nobody suffers any more of an open incident, by evidence of good events; zero where somebody
// does, and where nobody knows.
func (w *World) worksSince(in slo.Incident) time.Time {
	if h := slo.HoldingOf(w.Statuses, in.Key); h.Rests() && in.Closed.IsZero() {
		return h.Stopped
	}
	return time.Time{}
}

// hurting are the incidents of the journey that somebody was to be woken for, each once. A drill hurts
// nobody, also where a journey names all SLOs.
func (w *World) hurting(j *JourneyConfig) []slo.Incident {
	behind := map[string]bool{}
	for _, d := range w.Definitions {
		behind[d.ID] = j.Holds(d)
	}
	seen := map[string]bool{}
	var some []slo.Incident
	for _, in := range w.Incidents {
		ids := in.SLOs
		if len(ids) == 0 {
			ids = []string{in.SLO}
		}
		burns := in.Cause == slo.CauseBurn || in.Cause == slo.CauseNoData || in.Cause == ""
		if in.Severity == slo.Page && burns && !seen[in.Key] && !alerting.Drilled(in.SLO) && slices.ContainsFunc(ids, func(id string) bool { return behind[id] || j.names(id) }) {
			seen[in.Key] = true
			some = append(some, in)
		}
	}
	return some
}

// stateOf is what an incident is to customers of the journey: now, while it goes on, else in general.
func (w *World) stateOf(j *JourneyConfig, in slo.Incident) State {
	if in.Cause == slo.CauseNoData {
		return Unknown
	}
	for _, d := range w.Definitions {
		if d.ID != in.SLO || !j.Holds(d) {
			continue
		}
		if d.SLI.Latency != nil {
			return Slow
		}
		if in.Closed.IsZero() {
			var groups []slo.Status
			for _, st := range w.Statuses {
				if st.ID == d.ID {
					groups = append(groups, st)
				}
			}
			if failed(groups) >= downShare {
				return Down
			}
		}
	}
	return Failing
}

// maintenances are those of the page's journeys that were not cancelled.
func (c *Config) maintenances(w *World) []Entry {
	var all []Entry
	for i := range w.Maintenances {
		m := &w.Maintenances[i]
		state := m.State(w.At)
		journeys := c.concerned(m, w.Definitions)
		if state == alerting.MaintenanceCancelled || len(journeys) == 0 {
			continue
		}
		all = append(all, Entry{
			ID: publicID("maintenance", m.ID), Kind: KindMaintenance, State: InMaintenance, Title: m.Title, Journeys: journeys, From: c.zoned(m.From), To: c.zoned(m.To),
			Ongoing: state == alerting.MaintenanceRunning, Planned: state == alerting.MaintenancePlanned, Posts: []Post{},
			Updated: c.zoned(slo.Latest(m.Created, m.Stopped)), announced: slo.Earliest(m.Created, m.From),
		})
	}
	return all
}

// concerned are the names of the journeys that a maintenance is about.
func (c *Config) concerned(m *alerting.Maintenance, all []*slo.Definition) []string {
	var names []string
	for i := range c.Journeys {
		j := &c.Journeys[i]
		if slices.ContainsFunc(all, func(d *slo.Definition) bool { return j.Holds(d) && m.Concerns(d) }) {
			names = append(names, j.Name)
		}
	}
	return names
}

// attach puts each post to the newest entry that it can be about, and returns those that belong to
// none as entries of their own.
func (c *Config) attach(all []Entry, posts []alerting.StatusPost) []Entry {
	var own []Entry
	for _, p := range posts {
		if !p.Removed.IsZero() {
			continue
		}
		post := Post{At: c.zoned(p.At), Title: p.Title, Text: p.Text}
		if e := target(all, p); e != nil {
			e.Posts = append(e.Posts, post)
			e.Updated = slo.Latest(e.Updated, post.At)
			continue
		}
		title := p.Title
		if title == "" {
			title = "Notice"
		}
		own = append(own, Entry{
			ID: publicID("notice", p.ID), Kind: KindNotice, Title: title, Journeys: append([]string{}, p.Journeys...), From: post.At, To: post.At,
			Posts: []Post{{At: post.At, Text: p.Text}}, Updated: post.At,
		})
	}
	for i := range all {
		slices.SortStableFunc(all[i].Posts, func(a, b Post) int { return b.At.Compare(a.At) })
	}
	return own
}

// target is the entry that a post is about: of one of its journeys, and at its time; nil where there
// is none. An incident comes before maintenance, what had begun before what was planned, and then the
// newest.
func target(all []Entry, p alerting.StatusPost) *Entry {
	rank := func(e *Entry) int {
		switch {
		case e.Kind == KindIncident:
			return 2
		case !e.From.After(p.At):
			return 1
		}
		return 0
	}
	var best *Entry
	for i := range all {
		e := &all[i]
		if !slices.ContainsFunc(p.Journeys, e.about) || p.At.Before(e.announced) || !e.To.IsZero() && p.At.After(e.To.Add(afterwards)) {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(rank(e), rank(best)), e.From.Compare(best.From)) > 0 {
			best = e
		}
	}
	return best
}

// sort puts the entries where customers look for them.
func (p *Page) sort(c *Config, w *World, all []Entry) {
	oldest := w.At.AddDate(0, 0, -Days)
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Or(b.From.Compare(a.From), cmp.Compare(a.ID, b.ID)) })
	for _, e := range all {
		switch {
		case e.Kind == KindMaintenance && (e.Ongoing || e.Planned):
			p.Maintenance = append(p.Maintenance, e)
		case e.Ongoing:
			p.Open = append(p.Open, e)
		case e.Kind == KindNotice && e.From.Add(afterwards).After(w.At):
			p.Notices = append(p.Notices, e)
		case e.To.After(oldest) && len(p.Past) < mostPast:
			p.Past = append(p.Past, e)
		}
	}
	slices.Reverse(p.Maintenance)
}
