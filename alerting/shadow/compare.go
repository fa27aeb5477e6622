package shadow

import (
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Kind is who told of something.
type Kind string

// The kinds.
const (
	Both         Kind = "both"
	OnlyOld      Kind = "only old"
	OnlyBurnline Kind = "only Burnline"
)

// Sent is an incident of Burnline's of which it told somebody, or would have.
type Sent struct {
	Key      string       `json:"key"`
	SLO      string       `json:"slo"`
	Severity slo.Severity `json:"severity"`
	Summary  string       `json:"summary"`
	// ToldAt is when the first message left, or would have.
	ToldAt time.Time `json:"told_at"`
}

// Line is one thing that was told by one or both.
type Line struct {
	Kind Kind `json:"kind"`
	// Unknown is true where nobody can say what the other one did: it is no agreement and no
	// difference.
	Unknown bool `json:"unknown"`
	// At is when it was told first.
	At time.Time `json:"at"`
	// Subject is the SLO's ID, or the alert's name.
	Subject string `json:"subject"`
	// Old are the old system's pages, the first told first.
	Old []Page `json:"old"`
	// Burnline is nil where it told nobody.
	Burnline *Sent `json:"burnline"`
	// Lead is by how much Burnline was earlier, in seconds, where both told; less than zero
	// where it was later.
	Lead float64 `json:"lead_seconds"`
	// Reason says why, as far as it is known.
	Reason string `json:"reason"`
}

// Day is one day, UTC, with its figures.
type Day struct {
	Date         time.Time `json:"date"`
	Both         int       `json:"both"`
	OnlyOld      int       `json:"only_old"`
	OnlyBurnline int       `json:"only_burnline"`
	// Unknown counts lines that are none of these, because nobody can say.
	Unknown int `json:"unknown"`
	// MedianLead is that of the lines of both, in seconds; nil where there are none.
	MedianLead *float64 `json:"median_lead_seconds"`
	// Lines are what was told, the newest first.
	Lines []Line `json:"lines"`
}

// DefaultTolerance is how far apart two that are about the same may be told.
const DefaultTolerance = 15 * time.Minute

// World is what is compared.
type World struct {
	// Pages are the old system's, and Records Burnline's incidents of the same time.
	Pages   []Page
	Records []alerting.Record
	// Definitions are the SLOs that Burnline watches.
	Definitions []*slo.Definition
	// Heard is when the old system was first heard; zero when it never was.
	Heard time.Time
	// Now is the end of the time that is compared.
	Now time.Time
	// Tolerance is how far apart the two stretches of time of the same may lie. Default
	// DefaultTolerance.
	Tolerance time.Duration
}

// Compare says by day, the newest first, what both, only the old system and only Burnline
// told since a moment. It is a function of its arguments alone.
func Compare(w World, since time.Time) []Day {
	if w.Tolerance <= 0 {
		w.Tolerance = DefaultTolerance
	}
	days := map[time.Time]*Day{}
	for _, l := range w.lines() {
		if l.At.Before(since) {
			continue
		}
		date := l.At.UTC().Truncate(24 * time.Hour)
		if days[date] == nil {
			days[date] = &Day{Date: date}
		}
		days[date].add(l)
	}
	all := make([]Day, 0, len(days))
	for _, d := range days {
		d.finish()
		all = append(all, *d)
	}
	slices.SortFunc(all, func(a, b Day) int { return b.Date.Compare(a.Date) })
	return all
}

// add counts a line.
func (d *Day) add(l Line) {
	d.Lines = append(d.Lines, l)
	switch {
	case l.Unknown:
		d.Unknown++
	case l.Kind == Both:
		d.Both++
	case l.Kind == OnlyOld:
		d.OnlyOld++
	default:
		d.OnlyBurnline++
	}
}

// finish orders the lines and finds the median lead.
func (d *Day) finish() {
	slices.SortStableFunc(d.Lines, func(a, b Line) int { return b.At.Compare(a.At) })
	var leads []float64
	for _, l := range d.Lines {
		if l.Kind == Both {
			leads = append(leads, l.Lead)
		}
	}
	if n := len(leads); n > 0 {
		slices.Sort(leads)
		median := (leads[(n-1)/2] + leads[n/2]) / 2
		d.MedianLead = &median
	}
}

// told is an incident that can be compared.
type told struct {
	record *alerting.Record
	// at is when somebody was told, or would have been; zero when nobody was.
	at  time.Time
	old []Page
}

// lines pairs pages with incidents.
func (w *World) lines() []Line {
	incidents := make([]told, 0, len(w.Records))
	for i := range w.Records {
		if r := &w.Records[i]; compared(&r.Incident) {
			incidents = append(incidents, told{record: r, at: toldAt(r)})
		}
	}
	pages := slices.Clone(w.Pages)
	slices.SortStableFunc(pages, func(a, b Page) int { return a.ToldAt.Compare(b.ToldAt) })
	var alone []Line
	for _, p := range pages {
		s := subjectOf(p.Labels, w.Definitions)
		best := w.nearest(&p, s, incidents)
		if best != nil && !best.at.IsZero() {
			best.old = append(best.old, p)
			continue
		}
		alone = w.gather(alone, p, s, best)
	}
	for i := range incidents {
		if !incidents[i].at.IsZero() {
			alone = append(alone, w.line(&incidents[i]))
		}
	}
	return alone
}

// compared reports whether an incident is about users' services, and not about Burnline
// itself.
func compared(in *slo.Incident) bool {
	cause := in.Cause
	if alerting.Drilled(in.SLO) {
		return false
	}
	return cause == "" || cause == slo.CauseBurn || cause == slo.CauseNoData || cause == slo.CauseAlert
}

// toldAt is when the first message of an incident left, or would have.
func toldAt(r *alerting.Record) time.Time {
	var first time.Time
	for _, row := range r.Rows {
		if row.Action != alerting.ActionTrigger || row.State == alerting.RowSuperseded {
			continue
		}
		at := row.CreatedAt
		if row.State == alerting.RowDelivered || row.State == alerting.RowShadowed {
			at = row.SettledAt
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

// nearest is the incident that a page is about: one that was told before one that was
// not, then the one whose time is nearest, of the same severity if there is one.
func (w *World) nearest(p *Page, s subject, incidents []told) *told {
	var best *told
	rank := func(t *told) (bool, time.Duration, bool, time.Duration) {
		in := t.record.Incident
		return t.at.IsZero(), gap(earlier(p.StartsAt, p.ToldAt), p.EndedAt, in.Opened, in.Closed, w.Now),
			in.Severity != severityOf(p.Labels), t.at.Sub(p.ToldAt).Abs()
	}
	for i := range incidents {
		t := &incidents[i]
		_, apart, _, _ := rank(t)
		if apart > w.Tolerance || !about(p, s, t.record) {
			continue
		}
		if best == nil {
			best = t
			continue
		}
		silentA, gapA, otherA, farA := rank(t)
		silentB, gapB, otherB, farB := rank(best)
		switch {
		case silentA != silentB:
			if !silentA {
				best = t
			}
		case gapA != gapB:
			if gapA < gapB {
				best = t
			}
		case otherA != otherB:
			if !otherA {
				best = t
			}
		case farA < farB:
			best = t
		}
	}
	return best
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// gather adds a page that Burnline did not tell to the line of others about the same at about the
// same time, or as a line of its own. quiet is the incident that was told to nobody; it
// may be nil.
func (w *World) gather(lines []Line, p Page, s subject, quiet *told) []Line {
	for i := range lines {
		l := &lines[i]
		last := l.Old[len(l.Old)-1]
		same := l.Subject == s.name && (s.slo != "" || agree(p.Labels, last.Labels))
		if same && gap(last.StartsAt, last.EndedAt, p.StartsAt, p.EndedAt, w.Now) <= w.Tolerance {
			l.Old = append(l.Old, p)
			return lines
		}
	}
	l := Line{Kind: OnlyOld, At: p.ToldAt, Subject: s.name, Old: []Page{p}}
	l.Reason, l.Unknown = w.whyOnlyOld(&p, s, quiet)
	return append(lines, l)
}

// line is that of an incident which Burnline told.
func (w *World) line(t *told) Line {
	in := t.record.Incident
	l := Line{Kind: OnlyBurnline, At: t.at, Subject: in.SLO, Old: t.old, Burnline: &Sent{
		Key: in.Key, SLO: in.SLO, Severity: in.Severity, Summary: t.record.Summary, ToldAt: t.at}}
	if in.Cause == slo.CauseAlert {
		l.Subject, l.Burnline.SLO = t.record.Newest.Labels.Get("alertname"), ""
	}
	if len(t.old) == 0 {
		l.Reason, l.Unknown = w.whyOnlyBurnline(t)
		return l
	}
	first := t.old[0]
	l.Kind, l.At = Both, earlier(t.at, first.ToldAt)
	l.Lead = first.ToldAt.Sub(t.at).Seconds()
	l.Reason = whyApart(&first, t)
	return l
}
