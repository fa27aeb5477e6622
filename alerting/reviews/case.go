package reviews

import (
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Case is one incident with all that is known around it.
type Case struct {
	Record alerting.Record
	Review Review
	// Evidence is the newest; nil where nothing is known of customers, places and changes.
	Evidence *slo.Evidence
	// Silences are those that matched it, Changes what happened around its time, and Corrections
	// what was taken out of the budget of its SLO then.
	Silences    []alerting.Silence
	Changes     []slo.ChangeEvent
	Corrections []slo.Applied
	// Spent is what it took of the budget; nil where that is not known.
	Spent *Spent
	// Window is the SLO's, such as 30d; "" where there is none.
	Window string
	// Address is where people find the incident's page; "" where that is not known.
	Address string
	// Now is the moment as of which all this is.
	Now time.Time
}

// Open reports whether the incident has not closed.
func (c *Case) Open() bool { return c.Record.Incident.Closed.IsZero() }

// end is when it closed, or now.
func (c *Case) end() time.Time {
	if c.Open() {
		return c.Now
	}
	return c.Record.Incident.Closed
}

// Title names what the incident is about.
func (c *Case) Title() string {
	if c.Record.Title != "" {
		return c.Record.Title
	}
	return c.Record.Incident.SLO
}

// Times are the moments of an incident that count; zero is what has not happened.
type Times struct {
	// Began is the data time of the first bad events, Detected when the incident opened, and
	// Recovered when it closed.
	Began     time.Time `json:"began"`
	Detected  time.Time `json:"detected"`
	Recovered time.Time `json:"recovered,omitzero"`
	// Told is when a receiver took the first message, and Receiver which one. In shadow mode it is
	// when one would have been sent.
	Told     time.Time `json:"told,omitzero"`
	Receiver string    `json:"receiver,omitempty"`
	// Acknowledged is when somebody first took it, and By who.
	Acknowledged time.Time `json:"acknowledged,omitzero"`
	By           string    `json:"acknowledged_by,omitempty"`
}

// TimesOf finds the moments of an incident.
func TimesOf(r alerting.Record) Times {
	in := r.Incident
	t := Times{Began: in.Started, Detected: in.Opened, Recovered: in.Closed}
	for _, row := range r.Rows {
		told := row.Action == alerting.ActionTrigger && (row.State == alerting.RowDelivered || row.State == alerting.RowShadowed)
		if told && (t.Told.IsZero() || row.SettledAt.Before(t.Told)) {
			t.Told, t.Receiver = row.SettledAt, row.Receiver
		}
	}
	for _, a := range r.Acks {
		if (a.Kind == alerting.AckTaken || a.Kind == alerting.AckResolved) && (t.Acknowledged.IsZero() || a.At.Before(t.Acknowledged)) {
			t.Acknowledged, t.By = a.At, a.By
		}
	}
	return t
}

// Alone reports whether the incident recovered before anybody took it.
func (t Times) Alone() bool {
	return !t.Recovered.IsZero() && (t.Acknowledged.IsZero() || t.Acknowledged.After(t.Recovered))
}

// Spent is what an incident took of the error budget of its SLO's window.
type Spent struct {
	// Share is the part of the whole budget, so that 0.5 is half of it; Left is what remained
	// at its end.
	Share float64 `json:"share"`
	Left  float64 `json:"left"`
	// Bad of Total are the events of its time.
	Bad   float64 `json:"bad"`
	Total float64 `json:"total"`
	// Step is how finely the time could be cut.
	Step time.Duration `json:"-"`
}

// SpentOf reads from the chart of a group what (from, to] took of the budget: how far what remained
// fell, as the engine counted it. It returns nil where the chart does not hold that.
func SpentOf(ch slo.Chart, from, to time.Time) *Spent {
	s, before := Spent{Step: ch.Step}, 1.0
	var after *float64
	for _, p := range ch.Points {
		begins := p.T.Add(-ch.Step)
		switch {
		case p.Remaining == nil:
			continue
		case !p.T.After(from):
			before = *p.Remaining
			continue
		case !begins.Before(to):
			continue
		}
		after = p.Remaining
		s.Bad += p.Counts.Total - p.Counts.Good
		s.Total += p.Counts.Total
	}
	if after == nil {
		return nil
	}
	s.Share, s.Left = max(before-*after, 0), *after
	return &s
}

// Nearest returns the changes that may have caused it, the most plausible first: those of the evidence,
// or without any the last one before it began.
func (c *Case) Nearest() []slo.NearChange {
	if c.Evidence != nil && len(c.Evidence.Changes) > 0 {
		return c.Evidence.Changes
	}
	var last *slo.ChangeEvent
	for i, e := range c.Changes {
		if !e.At.After(c.Record.Incident.Started) && (last == nil || e.At.After(last.At)) {
			last = &c.Changes[i]
		}
	}
	if last == nil {
		return nil
	}
	return []slo.NearChange{{Change: *last, Before: c.Record.Incident.Started.Sub(last.At), Reason: "the last before it began"}}
}

// Muted returns the silences that matched the incident while it was open, or do now.
func Muted(all []alerting.Silence, r alerting.Record, labels slo.Labels, now time.Time) []alerting.Silence {
	end := r.Incident.Closed
	if end.IsZero() {
		end = now
	}
	return slices.DeleteFunc(slices.Clone(all), func(s alerting.Silence) bool {
		return s.StartsAt.After(end) || !s.EndsAt.After(r.Incident.Opened) || !s.EndsAt.After(s.StartsAt) || !s.Matches(labels)
	})
}
