package statuspage

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Page is all that customers read. Nothing of Burnline's inside is in it but what was written to be read
// there.
type Page struct {
	Title string `json:"title"`
	// Sentence says in one how it is, and State is that of the journey that fares worst.
	Sentence string `json:"sentence"`
	State    State  `json:"state"`
	// At is when this was known.
	At time.Time `json:"at"`
	// Zone is the time zone of days, an IANA name.
	Zone     string    `json:"timezone"`
	Journeys []Journey `json:"journeys"`
	// Open are the incidents that go on, the newest first.
	Open []Entry `json:"open"`
	// Notices are what was written within a day and belongs to no entry.
	Notices []Entry `json:"notices"`
	// Maintenance is running or planned, the first to begin first.
	Maintenance []Entry `json:"maintenance"`
	// Past is what is over, of 90 days, the newest first.
	Past []Entry `json:"past"`
}

// Journey is what customers want to do, and how that goes.
type Journey struct {
	Slug        string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	State       State  `json:"state"`
	Words       string `json:"words"`
	// Since is when what is wrong began, or of Watched when it began to work again; zero where nothing is wrong, or
	// nobody knows.
	Since time.Time `json:"since,omitzero"`
	History
}

// World is what there is to tell of, at one moment.
type World struct {
	At time.Time
	// Definitions are the SLOs in force, Statuses the newest of all their groups.
	Definitions []*slo.Definition
	Statuses    []slo.Status
	// Incidents are those of the last 90 days, open ones and others, in any order.
	Incidents []slo.Incident
	// Maintenances are those that end after 90 days ago.
	Maintenances []alerting.Maintenance
	// Posts are those of the last 90 days.
	Posts []alerting.StatusPost
	// Histories are those of the journeys, by name; one that is missing is told as without data.
	Histories map[string]History
}

// Build says what customers read of the world.
func Build(c *Config, w *World) Page {
	p := Page{Title: c.Title, State: Works, At: c.zoned(w.At), Zone: c.Zone.String(), Journeys: []Journey{}, Open: []Entry{}, Notices: []Entry{}, Maintenance: []Entry{}, Past: []Entry{}}
	groups := map[string][]slo.Status{}
	for _, st := range w.Statuses {
		groups[st.ID] = append(groups[st.ID], st)
	}
	entries := c.entries(w)
	for i := range c.Journeys {
		j := &c.Journeys[i]
		one := Journey{Slug: j.Slug(), Name: j.Name, Description: j.Description, State: j.state(w.Definitions, groups), History: w.Histories[j.Name]}
		if one.State == Works && runs(entries, j.Name) {
			one.State = InMaintenance
		}
		one.Words = one.State.Words()
		one.Since = since(entries, &one)
		if one.State.worse(p.State) {
			p.State = one.State
		}
		p.Journeys = append(p.Journeys, one)
	}
	if len(p.Journeys) == 0 {
		p.State = Unknown
	}
	p.sort(c, w, entries)
	p.Sentence = p.sentence()
	return p
}

// state is how a journey works: as the worst of its SLOs. One without any is unknown.
func (j *JourneyConfig) state(all []*slo.Definition, groups map[string][]slo.Status) State {
	state, some := Works, false
	for _, d := range all {
		if !j.Holds(d) {
			continue
		}
		some = true
		if one := stateOf(d, groups[d.ID]); one.worse(state) {
			state = one
		}
	}
	if !some {
		return Unknown
	}
	return state
}

// runs reports whether a maintenance of the journey runs.
func runs(all []Entry, journey string) bool {
	for _, e := range all {
		if e.Kind == KindMaintenance && e.Ongoing && e.about(journey) {
			return true
		}
	}
	return false
}

// since is when what is wrong with a journey began; zero where nothing is, or nobody knows.
func since(all []Entry, j *Journey) time.Time {
	if j.State == Works {
		return time.Time{}
	}
	kind := KindIncident
	if j.State == InMaintenance {
		kind = KindMaintenance
	}
	var first time.Time
	for _, e := range all {
		switch {
		case e.Kind != kind || !e.Ongoing || !e.about(j.Name):
		case j.State == Watched:
			first = slo.Latest(first, e.Worked)
		case first.IsZero() || e.From.Before(first):
			first = e.From
		}
	}
	return first
}

// publicID is an ID that tells nothing of what it stands for.
func publicID(of ...string) string {
	sum := sha256.New()
	for _, part := range of {
		_, _ = sum.Write([]byte(part + "\x00")) // it never fails
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
