package reviews

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// ShiftInput is what a hand-over is made of.
type ShiftInput struct {
	From, To, Now time.Time
	// Incidents are those that were open at some moment of the shift.
	Incidents []Told
	// Silences are those in force or to come, Corrections those of now and of the next days.
	Silences    []alerting.Silence
	Corrections []slo.Correction
	Statuses    []slo.Status
	Actions     []Action
}

// Shift is what who takes over has to know.
type Shift struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Now  time.Time `json:"now"`
	// Open are the incidents that are open, pages first; Happened those that closed since From, the newest
	// first.
	Open     []Handed `json:"open"`
	Happened []Handed `json:"happened"`
	// Ending are the silences and corrections that are in force and end within a day, the first to end
	// first.
	Ending []Ending `json:"ending"`
	// Budgets are those of which a tenth or less is left, the least first; Unknown counts the budgets of
	// which it is not known what is left.
	Budgets []LowBudget `json:"budgets"`
	Unknown int         `json:"budgets_unknown"`
	Actions []Action    `json:"actions"`
}

// Handed is an incident of a hand-over.
type Handed struct {
	Key      string       `json:"key"`
	SLO      string       `json:"slo"`
	Title    string       `json:"title"`
	Text     string       `json:"text"`
	Team     string       `json:"team"`
	Severity slo.Severity `json:"severity"`
	Started  time.Time    `json:"started"`
	Closed   time.Time    `json:"closed,omitzero"`
	// Holder is who has it, or had it last; "" is nobody.
	Holder string `json:"holder"`
	// Told says whether anybody was told of it.
	Told bool `json:"told"`
	// Note is the last note, and Verdict the one that counts; "" is none.
	Note    string `json:"note"`
	Verdict Value  `json:"verdict,omitempty"`
}

// Ending is something that ends soon.
type Ending struct {
	// Kind is silence, maintenance or exclusion.
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// What says what it is about, and Reason and Author why and by whom it is there.
	What   string    `json:"what"`
	Reason string    `json:"reason"`
	Author string    `json:"author"`
	Until  time.Time `json:"until"`
}

// LowBudget is a budget of which little is left.
type LowBudget struct {
	SLO   string     `json:"slo"`
	Group slo.Labels `json:"-"`
	// Name is the group in words, "" where there is only one.
	Name string `json:"group"`
	// Left is the fraction that is left, below 0 where it is overspent.
	Left float64 `json:"left"`
}

const (
	// soon is within what time something ends soon.
	soon = 24 * time.Hour
	// little is the part of a budget that is nearly nothing.
	little = 0.1
)

// HandOver makes the hand-over.
func (in ShiftInput) HandOver() Shift {
	s := Shift{From: in.From, To: in.To, Now: in.Now, Open: []Handed{}, Happened: []Handed{}, Ending: []Ending{}, Budgets: []LowBudget{}, Actions: append([]Action{}, in.Actions...)}
	for _, one := range in.Incidents {
		if alerting.Drilled(one.Record.Incident.SLO) {
			continue // nothing real failed
		}
		h := handed(one)
		switch {
		case h.Closed.IsZero():
			s.Open = append(s.Open, h)
		case !h.Closed.Before(in.From) && one.Record.Incident.Opened.Before(in.To):
			s.Happened = append(s.Happened, h)
		}
	}
	slices.SortStableFunc(s.Open, func(a, b Handed) int {
		return cmp.Or(count(b.Severity == slo.Page)-count(a.Severity == slo.Page), a.Started.Compare(b.Started))
	})
	slices.SortStableFunc(s.Happened, func(a, b Handed) int { return b.Started.Compare(a.Started) })
	s.ending(in)
	s.budgets(in.Statuses)
	slices.SortStableFunc(s.Actions, byDue)
	return s
}

func handed(one Told) Handed {
	r := one.Record
	t := TimesOf(r)
	h := Handed{Key: r.Incident.Key, SLO: r.Incident.SLO, Title: orElse(r.Title, r.Incident.SLO), Text: orElse(r.Summary, orElse(r.Title, r.Incident.SLO)),
		Team: r.Incident.Team, Severity: r.Incident.Severity, Started: r.Incident.Started, Closed: r.Incident.Closed, Holder: t.By, Told: !t.Told.IsZero()}
	if h.Closed.IsZero() {
		h.Holder = ""
		if a, has := r.Holder(); has {
			h.Holder = orElse(a.By, "somebody")
		}
	}
	if n := len(one.Review.Notes); n > 0 {
		h.Note = one.Review.Notes[n-1].By + ": " + one.Review.Notes[n-1].Text
	}
	if v, is := one.Review.Verdict(); is {
		h.Verdict = v.Value
	}
	return h
}

// ending finds what ends soon.
func (s *Shift) ending(in ShiftInput) {
	ends := func(at time.Time) bool { return at.After(in.Now) && at.Before(in.Now.Add(soon)) }
	for _, one := range in.Silences {
		if one.Active(in.Now) && ends(one.EndsAt) {
			s.Ending = append(s.Ending, Ending{"silence", one.ID, one.Matchers.String(), one.Reason, one.Author, one.EndsAt})
		}
	}
	for _, c := range in.Corrections {
		for _, i := range c.Between(in.Now.Add(-time.Nanosecond), in.Now) {
			if ends(i.To) {
				s.Ending = append(s.Ending, Ending{string(c.Kind), c.ID, concerned(c), c.Reason, c.Author, i.To})
			}
		}
	}
	slices.SortStableFunc(s.Ending, func(a, b Ending) int { return a.Until.Compare(b.Until) })
}

// concerned says what a correction is about.
func concerned(c slo.Correction) string {
	said := ""
	for _, part := range []struct {
		name string
		all  []string
	}{{"SLO", c.SLOs}, {"service", c.Services}, {"journey", c.Journeys}, {"team", c.Teams}} {
		for _, n := range part.all {
			if said != "" {
				said += ", "
			}
			said += part.name + " " + n
		}
	}
	return said
}

// budgets finds those of which little is left.
func (s *Shift) budgets(all []slo.Status) {
	for _, st := range all {
		switch b := st.Budget; {
		case alerting.Drilled(st.ID):
		case !b.Known:
			s.Unknown++
		case b.Remaining <= little:
			name := ""
			if len(st.Group) > 0 {
				name = st.Group.String()
			}
			s.Budgets = append(s.Budgets, LowBudget{st.ID, st.Group, name, b.Remaining})
		}
	}
	slices.SortStableFunc(s.Budgets, func(a, b LowBudget) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.SLO, b.SLO), cmp.Compare(a.Name, b.Name))
	})
}

// Markdown writes the hand-over as text for a chat or a document; names and what people wrote can't change
// its form.
func (s *Shift) Markdown() string {
	p := &page{}
	p.heading(1, fmt.Sprintf("Hand-over, %s to %s", stamp(s.From), stamp(s.To)))
	p.line("As of %s. %s", stamp(s.Now), s.Sentence())
	list := func(head, none string, n int, write func(int)) {
		p.heading(2, head)
		if n == 0 {
			p.line("%s", none)
		}
		for i := range n {
			write(i)
		}
	}
	list("Open", "Nothing is open.", len(s.Open), func(i int) {
		h := s.Open[i]
		p.line("- **%s** %s (%s), since %s, %s%s", string(h.Severity), h.Text, h.SLO, stamp(h.Started), has(h), markdown(behind("; last note by ", h.Note)))
	})
	list("Over", "Nothing else happened in this time.", len(s.Happened), func(i int) {
		h := s.Happened[i]
		p.line("- **%s** %s (%s), %s to %s, %s", string(h.Severity), h.Text, h.SLO, stamp(h.Started), stamp(h.Closed), has(h))
	})
	list("Ends soon", "No silence or correction ends within a day.", len(s.Ending), func(i int) {
		e := s.Ending[i]
		p.line("- %s of %s by %s ends %s: %s", capital(e.Kind), e.What, e.Author, stamp(e.Until), e.Reason)
	})
	list("Budgets nearly spent", "None: of every budget that is known more than a tenth is left.", len(s.Budgets), func(i int) {
		b := s.Budgets[i]
		p.line("- %s%s: %s is left", b.SLO, markdown(behind(" ", b.Name)), share(b.Left))
	})
	if s.Unknown > 0 {
		p.line("")
		p.line("Budgets of which it is not known what is left: %d.", s.Unknown)
	}
	p.heading(2, "Open actions")
	if len(s.Actions) == 0 {
		p.line("None.")
	}
	actionTable(p, s.Actions, s.Now)
	return p.String()
}

// has says who has an incident.
func has(h Handed) string {
	switch {
	case h.Holder != "" && h.Closed.IsZero():
		return h.Holder + " has it"
	case h.Holder != "":
		return h.Holder + " had it"
	case !h.Told:
		return "nobody was told"
	case h.Closed.IsZero():
		return "nobody has it"
	}
	return "nobody took it"
}

// taken says how many of the open incidents, which are several, somebody has.
func taken(open, free int) string {
	switch free {
	case open:
		return "nobody has taken any of them"
	case 0:
		return "each is in somebody's hands"
	case 1:
		return "nobody has taken one of them"
	}
	return fmt.Sprintf("nobody has taken %d of them", free)
}

// Sentence says the hand-over in one sentence.
func (s *Shift) Sentence() string {
	free := 0
	for _, h := range s.Open {
		free += count(h.Holder == "")
	}
	said := "Nothing is open"
	switch {
	case len(s.Open) == 1 && free == 1:
		said = "1 incident is open, and nobody has it"
	case len(s.Open) == 1:
		said = "1 incident is open, and " + s.Open[0].Holder + " has it"
	case len(s.Open) > 1:
		said = fmt.Sprintf("%d incidents are open, and %s", len(s.Open), taken(len(s.Open), free))
	}
	switch n := len(s.Happened); n {
	case 0:
		return said + "; nothing else happened in this time."
	case 1:
		return said + "; 1 other ended in this time."
	default:
		return fmt.Sprintf("%s; %d others ended in this time.", said, n)
	}
}
