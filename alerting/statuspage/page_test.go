package statuspage

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shop is a page of two journeys: paying by two promises, and searching by one.
func shop() (*Config, *World) {
	c := &Config{Title: "Shop", Zone: time.UTC, PublicIncidents: true, Journeys: []JourneyConfig{
		{Name: "Paying", Description: "With cards and vouchers.", Journey: "buy"}, {Name: "Searching", SLOs: []string{"search/*"}},
	}}
	w := &World{At: noon}
	for _, id := range []string{"checkout/availability", "checkout/latency", "search/availability"} {
		service, name, _ := strings.Cut(id, "/")
		d := &slo.Definition{ID: id, Service: service, Name: name, Team: "secret-team"}
		if service == "checkout" {
			d.Journey = "buy"
		}
		if name == "latency" {
			d.SLI.Latency = &slo.LatencySLI{}
		}
		w.Definitions = append(w.Definitions, d)
		w.Statuses = append(w.Statuses, slo.Status{ID: id, State: slo.StateOK})
	}
	return c, w
}

// of is the status of an SLO.
func (w *World) of(id string) *slo.Status {
	for i := range w.Statuses {
		if w.Statuses[i].ID == id {
			return &w.Statuses[i]
		}
	}
	return nil
}

// page opens an incident that somebody is woken for.
func (w *World) page(id string, cause slo.Cause, failed float64) {
	in := slo.Incident{Key: "key-" + id, SLO: id, Severity: slo.Page, Cause: cause, Started: noon.Add(-20 * time.Minute), Opened: noon.Add(-18 * time.Minute)}
	st := w.of(id)
	st.State, st.Open = slo.StateBurning, append(st.Open, in)
	st.Policies = []slo.PolicyStatus{{Policy: slo.Policy{Severity: slo.Page}, Short: slo.Burn{Window: 5 * time.Minute, Counts: slo.Counts{Good: 100 * (1 - failed), Total: 100}}}}
	w.Incidents = append(w.Incidents, in)
}

// rests says that the page of an SLO is still open, but nobody fails since five minutes ago.
func (w *World) rests(id string) {
	st := w.of(id)
	st.Holds = append(st.Holds, slo.Holding{Incident: "key-" + id, Stopped: noon.Add(-5 * time.Minute), Until: noon.Add(30 * time.Minute)})
}

func TestTheStateOfNowIsSaidInPlainWords(t *testing.T) {
	for _, c := range []struct {
		name           string
		change         func(*Config, *World)
		paying, search State
		sentence       string
	}{
		{"all is well", func(*Config, *World) {}, Works, Works, "Everything works."},
		{"a tenth fails", func(_ *Config, w *World) { w.page("checkout/availability", slo.CauseBurn, 0.1) }, Failing, Works, "Paying fails for some customers. Searching works."},
		{"most fails", func(_ *Config, w *World) { w.page("checkout/availability", "", 0.6) }, Down, Works, "Paying is down. Searching works."},
		{"slow, however much of it", func(_ *Config, w *World) { w.page("checkout/latency", slo.CauseBurn, 0.9) }, Slow, Works, "Paying is slow for some customers. Searching works."},
		{"a ticket wakes nobody", func(_ *Config, w *World) {
			st := w.of("checkout/availability")
			st.State, st.Open = slo.StateBurning, []slo.Incident{{Key: "t", SLO: st.ID, Severity: slo.Ticket}}
		}, Works, Works, "Everything works."},
		{"no data", func(_ *Config, w *World) { w.of("search/availability").State = slo.StateMissing }, Works, Unknown, "No data arrives of Searching, so we can't tell whether it works. Paying works."},
		{"no events", func(_ *Config, w *World) { w.of("search/availability").State = slo.StateIdle }, Works, Unknown, "No data arrives of Searching"},
		{"one group is idle while another is not", func(_ *Config, w *World) {
			w.Statuses = append(w.Statuses, slo.Status{ID: "search/availability", State: slo.StateIdle})
		}, Works, Works, "Everything works."},
		{"traffic collapsed", func(_ *Config, w *World) { w.page("checkout/availability", slo.CauseNoData, 0) }, Unknown, Works, "we can't tell"},
		{"nothing was counted yet", func(_ *Config, w *World) { w.Statuses = nil }, Unknown, Unknown, "No data arrives of Paying and Searching, so we can't tell whether they work."},
		{"nothing is behind it", func(c *Config, _ *World) { c.Journeys[1].SLOs = []string{"serach/*"} }, Works, Unknown, "No data arrives of Searching"},
		{"a correction holds alerts back", func(_ *Config, w *World) {
			st := w.of("search/availability")
			st.State, st.Held = slo.StateIdle, []slo.Held{{ID: "secret"}}
		}, Works, InMaintenance, "Searching is in maintenance. Paying works."},
		{"maintenance while it still works", func(_ *Config, w *World) { w.Maintenances = []alerting.Maintenance{upkeep(-time.Hour, time.Hour)} }, InMaintenance, Works, "Paying is in maintenance."},
		{"it failed before the maintenance began", func(_ *Config, w *World) {
			w.Maintenances = []alerting.Maintenance{upkeep(-time.Hour, time.Hour)}
			w.page("checkout/availability", slo.CauseBurn, 0.1)
		}, Failing, Works, "Paying fails for some customers."},
		{"a page is open, but its failing has stopped", func(_ *Config, w *World) {
			w.page("checkout/availability", slo.CauseBurn, 0.6)
			w.rests("checkout/availability")
		}, Watched, Works, "Paying works again, and we watch it. Searching works."},
		{"it is slow no longer", func(_ *Config, w *World) {
			w.page("checkout/latency", slo.CauseBurn, 0.6)
			w.rests("checkout/latency")
		}, Watched, Works, "Paying works again, and we watch it."},
		{"failing has stopped, and it is still slow", func(_ *Config, w *World) {
			w.page("checkout/availability", slo.CauseBurn, 0.6)
			w.rests("checkout/availability")
			w.page("checkout/latency", slo.CauseBurn, 0.2)
		}, Slow, Works, "Paying is slow for some customers."},
		{"failing has stopped, and of another promise nobody knows", func(_ *Config, w *World) {
			w.page("checkout/availability", slo.CauseBurn, 0.6)
			w.rests("checkout/availability")
			w.of("checkout/latency").State = slo.StateMissing
		}, Unknown, Works, "No data arrives of Paying, so we can't tell whether it works."},
		{"nobody knows whether it has stopped", func(_ *Config, w *World) {
			w.page("checkout/availability", slo.CauseBurn, 0.6)
			w.of("checkout/availability").Holds = []slo.Holding{{Incident: "key-checkout/availability", Reason: "No series of the total has reported."}}
		}, Down, Works, "Paying is down."},
		{"one page rests, another of the same promise does not", func(_ *Config, w *World) {
			w.page("checkout/availability", slo.CauseBurn, 0.1)
			w.rests("checkout/availability")
			st := w.of("checkout/availability")
			st.Open = append(st.Open, slo.Incident{Key: "second", SLO: st.ID, Severity: slo.Page})
		}, Failing, Works, "Paying fails for some customers."},
		{"everything", func(_ *Config, w *World) {
			w.page("checkout/availability", slo.CauseBurn, 1)
			w.page("search/availability", slo.CauseBurn, 1)
		}, Down, Down, "Paying and Searching are down."},
		{"incidents are not public", func(c *Config, w *World) {
			c.PublicIncidents = false
			w.page("checkout/availability", slo.CauseBurn, 0.1)
		}, Failing, Works, "Paying fails for some customers."},
	} {
		config, world := shop()
		c.change(config, world)
		p := Build(config, world)
		if p.Journeys[0].State != c.paying || p.Journeys[1].State != c.search || !strings.Contains(p.Sentence, c.sentence) {
			t.Errorf("%s: paying %s, searching %s: %q", c.name, p.Journeys[0].State, p.Journeys[1].State, p.Sentence)
		}
		worst := c.paying
		if c.search.worse(worst) {
			worst = c.search
		}
		if p.State != worst {
			t.Errorf("%s: altogether %s, want %s", c.name, p.State, worst)
		}
	}
}

// upkeep is a maintenance of paying, from and to so long after noon.
func upkeep(from, to time.Duration) alerting.Maintenance {
	return alerting.Maintenance{ID: "m", Title: "A new database", Reason: "secret-reason", Scope: alerting.Scope{Services: []string{"checkout"}}, By: "secret-author",
		From: noon.Add(from), To: noon.Add(to), Created: noon.Add(from).Add(-time.Hour)}
}

func TestIncidentsOfAJourneyThatOverlapAreOne(t *testing.T) {
	c, w := shop()
	w.page("checkout/availability", slo.CauseBurn, 0.1)
	w.page("checkout/latency", slo.CauseBurn, 0.1)
	past := func(key string, from, to time.Duration) {
		w.Incidents = append(w.Incidents, slo.Incident{Key: key, SLO: "search/availability", Severity: slo.Page, Started: noon.Add(from), Closed: noon.Add(to)})
	}
	past("a", -5*time.Hour, -4*time.Hour)
	past("b", -4*time.Hour+5*time.Minute, -3*time.Hour)
	past("c", -2*time.Hour, -time.Hour)
	w.Incidents = append(w.Incidents, w.Incidents[len(w.Incidents)-1]) // known twice
	w.Incidents = append(w.Incidents, slo.Incident{Key: "x", SLO: "billing/x", Severity: slo.Page, Started: noon}, slo.Incident{Key: "y", SLO: "search/availability", Severity: slo.Ticket, Started: noon})
	p := Build(c, w)
	if len(p.Open) != 1 || p.Open[0].Title != "Paying: some customers fail" || !p.Open[0].From.Equal(noon.Add(-20*time.Minute)) || p.Open[0].State != Failing {
		t.Errorf("open are %+v", p.Open)
	}
	if !p.Journeys[0].Since.Equal(noon.Add(-20*time.Minute)) || !p.Journeys[1].Since.IsZero() {
		t.Errorf("since %s and %s", p.Journeys[0].Since, p.Journeys[1].Since)
	}
	if len(p.Past) != 2 || p.Past[0].Title != "Searching: some customers failed" || !p.Past[1].To.Equal(noon.Add(-3*time.Hour)) || p.Past[1].Ongoing {
		t.Errorf("past are %+v", p.Past)
	}
	if again := Build(c, w); again.Open[0].ID != p.Open[0].ID {
		t.Error("an incident has another ID the next time")
	}
}

func TestMaintenanceIsToldBeforeWhileAndAfter(t *testing.T) {
	c, w := shop()
	running, planned, over, cancelled, elsewhere := upkeep(-time.Hour, time.Hour), upkeep(2*time.Hour, 3*time.Hour), upkeep(-3*time.Hour, -2*time.Hour), upkeep(4*time.Hour, 4*time.Hour), upkeep(-time.Hour, time.Hour)
	planned.ID, over.ID, cancelled.ID, elsewhere.ID = "p", "o", "c", "e"
	cancelled.Stopped = noon
	elsewhere.Services = []string{"billing"}
	w.Maintenances = []alerting.Maintenance{planned, running, over, cancelled, elsewhere}
	p := Build(c, w)
	if len(p.Maintenance) != 2 || !p.Maintenance[0].Ongoing || !p.Maintenance[1].Planned || len(p.Past) != 1 || p.Past[0].Journeys[0] != "Paying" {
		t.Errorf("maintenance %+v, past %+v", p.Maintenance, p.Past)
	}
}

func TestPostsStandWithWhatTheyAreAbout(t *testing.T) {
	c, w := shop()
	w.page("checkout/availability", slo.CauseBurn, 0.1)
	w.Incidents = append(w.Incidents, slo.Incident{Key: "old", SLO: "checkout/availability", Severity: slo.Page, Started: noon.Add(-50 * time.Hour), Closed: noon.Add(-49 * time.Hour)})
	post := func(id, text string, at time.Duration, journeys ...string) {
		w.Posts = append(w.Posts, alerting.StatusPost{ID: id, At: noon.Add(at), Text: text, Journeys: journeys, By: "secret-author"})
	}
	post("1", "we look into it", -10*time.Minute, "Paying")
	post("2", "found it", -5*time.Minute, "Paying")
	post("3", "a learning", -40*time.Hour, "Paying")
	post("4", "for all", -time.Hour)
	post("5", "of searching", -2*time.Hour, "Searching")
	post("6", "old news", -30*time.Hour)
	w.Maintenances = []alerting.Maintenance{upkeep(time.Hour, 2*time.Hour)}
	w.Maintenances[0].Created = noon.Add(-3 * time.Hour)
	post("7", "a slip", -time.Minute, "Paying")
	w.Posts[6].Removed = noon
	p := Build(c, w)
	if len(p.Open) != 1 || len(p.Open[0].Posts) != 2 || p.Open[0].Posts[0].Text != "found it" || !p.Open[0].Updated.Equal(noon.Add(-5*time.Minute)) {
		t.Errorf("open %+v", p.Open)
	}
	if len(p.Notices) != 2 || p.Notices[0].Posts[0].Text != "for all" || p.Notices[1].Journeys[0] != "Searching" {
		t.Errorf("notices %+v", p.Notices)
	}
	if len(p.Past) != 2 || p.Past[0].Posts[0].Text != "old news" || p.Past[1].Posts[0].Text != "a learning" {
		t.Errorf("past %+v", p.Past)
	}
}

// An incident whose failing has stopped is told in the past tense, with when it began and since when it works; while one
// of those that customers take for one goes on, it goes on.
func TestWhatWorksAgainIsWatched(t *testing.T) {
	c, w := shop()
	w.page("checkout/availability", slo.CauseBurn, 0.6)
	w.rests("checkout/availability")
	p := Build(c, w)
	worked := noon.Add(-5 * time.Minute)
	if e := p.Open[0]; len(p.Open) != 1 || e.State != Watched || e.Title != "Paying: some customers failed; it works again, and we watch it" || !e.Worked.Equal(worked) || !e.Updated.Equal(worked) {
		t.Errorf("customers read %+v", p.Open)
	}
	if j := p.Journeys[0]; !j.Since.Equal(worked) || j.Words != "Works again, we watch it" {
		t.Errorf("the journey is told as %q since %s", j.Words, j.Since)
	}
	w.Incidents = append(w.Incidents, slo.Incident{Key: "before", SLO: "checkout/availability", Severity: slo.Page, Started: noon.Add(-40 * time.Minute), Closed: noon.Add(-25 * time.Minute)})
	if p = Build(c, w); len(p.Open) != 1 || p.Open[0].State != Watched || len(p.Past) > 0 {
		t.Errorf("with one before it customers read %+v, %+v", p.Open, p.Past)
	}
	w.page("checkout/latency", slo.CauseBurn, 0.2)
	if e := Build(c, w).Open[0]; e.State != Failing && e.State != Down || !e.Worked.IsZero() {
		t.Errorf("while it is slow customers read %+v", e)
	}
	w.rests("checkout/latency")
	for i := range w.Incidents {
		w.Incidents[i].Closed = noon.Add(-time.Minute)
	}
	for i := range w.Statuses {
		w.Statuses[i].Open = nil
	}
	if p = Build(c, w); len(p.Open) > 0 || p.Past[0].Title != "Paying: some customers failed" {
		t.Errorf("once it is over customers read %+v, %+v", p.Open, p.Past)
	}
}

// What Burnline knows inside, from labels to who wrote a post, is on no page.
func TestNothingOfTheInsideIsTold(t *testing.T) {
	c, w := shop()
	w.page("checkout/availability", slo.CauseBurn, 0.7)
	for i := range w.Statuses {
		st := &w.Statuses[i]
		st.Group, st.Reason = slo.NewLabels("host", "secret-host-17"), "secret-reason"
		for n := range st.Open {
			st.Open[n].Group, st.Open[n].Team, st.Open[n].Raised, st.Open[n].Origin = st.Group, "secret-team", "secret-raised", "secret-origin"
		}
	}
	w.Definitions[0].Labels = map[string]string{"tier": "secret-tier"}
	w.Definitions[0].Annotations = map[string]string{"runbook": "https://secret.example.com"}
	w.Maintenances = []alerting.Maintenance{upkeep(-time.Hour, time.Hour)}
	w.Posts = []alerting.StatusPost{{ID: "secret-id", At: noon, Text: "we look into it", By: "secret-author"}}
	data, err := json.Marshal(Build(c, w))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"secret", "checkout", "availability", "key-", "tier", "runbook", "host"} {
		if strings.Contains(string(data), word) {
			t.Errorf("the page tells of %s: %s", word, data)
		}
	}
}

func TestADrillIsNoOutage(t *testing.T) {
	c, w := shop()
	c.Journeys[1].SLOs = []string{"*/*"}
	w.Incidents = append(w.Incidents, slo.Incident{Key: "drill", SLO: alerting.DrillPrefix + "1", Severity: slo.Page, Cause: slo.CauseBurn, Started: noon.Add(-time.Minute)})
	if p := Build(c, w); len(p.Open) > 0 || p.Sentence != "Everything works." {
		t.Errorf("customers read %q, %+v", p.Sentence, p.Open)
	}
}
