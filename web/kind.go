package web

import (
	"fmt"
	"strings"

	"burnline/slo"
)

// kind says in plain words what an SLO counts.
type kind struct {
	// Name is the kind as definitions write it.
	Name string
	// Text says what one event is and when it is good.
	Text string
	// Note warns of what a reader might not expect; may be empty.
	Note string
}

// kindOf explains the SLI and how its events spend the budget.
func kindOf(d *slo.Definition) kind {
	slice := window(d.Slice())
	switch {
	case d.SLI.Composite != nil:
		return compositeKind(d.SLI.Composite)
	case d.SLI.Ratio != nil:
		return kind{"ratio", "An error ratio by PromQL, read once per slice of " + slice + "; each slice is one event, bad by its ratio.",
			"time-weighted: a quiet minute counts as much as a busy one"}
	case d.SLI.Samples != nil && d.Budgeting.Method == slo.Timeslices && d.Budgeting.Target == 1:
		return kind{"slices", fmt.Sprintf("Each slice of %s is one event, good when every sample in it is %s.", slice, comparison(d.SLI.Samples)),
			"time-weighted; slices without samples are unknown"}
	}
	k := eventKind(d)
	switch d.Budgeting.Method {
	case slo.Timeslices:
		k.Name = "timeslices"
		k.Text += fmt.Sprintf(" Each slice of %s counts once: it is good when at least %s of what happened in it was.", slice, percent(d.Budgeting.Target))
		k.Note = "time-weighted: slices, not events, spend the budget"
	case slo.RatioTimeslices:
		k.Name = "ratio timeslices"
		k.Text += fmt.Sprintf(" Each slice of %s with events counts once, bad by its share of bad events.", slice)
		k.Note = "time-weighted: a quiet slice counts as much as a busy one"
	}
	return k
}

// eventKind explains what is counted, without slices.
func eventKind(d *slo.Definition) kind {
	switch {
	case d.SLI.Latency != nil:
		return kind{Name: "latency", Text: "Counts requests by a histogram: good ones take at most " + d.SLI.Latency.Threshold.String() + "."}
	case d.SLI.Spans != nil:
		text := "Counts the spans of " + d.SLI.Spans.Service
		if d.SLI.Spans.Where != "" {
			text += " for which " + d.SLI.Spans.Where
		}
		return kind{Name: "spans", Text: text + ", before any sampling; bad are those for which " + d.SLI.Spans.Bad + "."}
	case d.SLI.Samples != nil:
		return kind{Name: "samples", Text: "Every sample is one event, good when it is " + comparison(d.SLI.Samples) + "."}
	case d.SLI.Events != nil && len(d.SLI.Events.Good) > 0:
		return kind{Name: "events", Text: "Counts events by counters of all and of good ones."}
	}
	return kind{Name: "events", Text: "Counts events by counters of all and of bad ones."}
}

func compositeKind(c *slo.CompositeSLI) kind {
	if c.Method == slo.Worst {
		return kind{Name: "composite", Text: fmt.Sprintf("An SLO of %s: its error ratio is that of the worst of them.", plural(len(c.Parts), "SLO", "SLOs"))}
	}
	return kind{Name: "composite", Text: fmt.Sprintf("An SLO of %s: its error ratio is the weighted mean of theirs.", plural(len(c.Parts), "SLO", "SLOs"))}
}

// comparison writes what good samples fulfil: at least 1.
func comparison(s *slo.SamplesSLI) string {
	words := map[slo.CompareOp]string{slo.GT: "above", slo.GTE: "at least", slo.LT: "below", slo.LTE: "at most", slo.EQ: "exactly", slo.NEQ: "other than"}
	return strings.TrimSpace(words[s.Op] + " " + trimmed(s.Value, 6))
}

// eventNoun names the events that spend the budget.
func eventNoun(d *slo.Definition) string {
	switch {
	case d.Slice() > 0:
		return "slices"
	case d.SLI.Latency != nil, serves(d):
		return "requests"
	case d.SLI.Samples != nil:
		return "samples"
	}
	return "events"
}

// serves reports whether the SLO counts the spans that serve requests.
func serves(d *slo.Definition) bool { return d.SLI.Spans != nil && d.SLI.Spans.Serves() }

// part is one SLO of a composite.
type part struct {
	ID     string
	Weight string
	// Row is the part's most urgent budget; nil when it is not loaded.
	Row *row
}

// partsOf lists the SLOs that a composite is made of.
func (s *server) partsOf(d *slo.Definition) []part {
	if d.SLI.Composite == nil {
		return nil
	}
	var parts []part
	for _, p := range d.SLI.Composite.Parts {
		one := part{ID: p.SLO, Row: s.mostUrgent(p.SLO)}
		if d.SLI.Composite.Method != slo.Worst {
			one.Weight = trimmed(p.Weight, 4)
		}
		parts = append(parts, one)
	}
	return parts
}

// mostUrgent returns the budget of an SLO that most needs a person; nil when the SLO is not
// loaded.
func (s *server) mostUrgent(id string) *row {
	d := s.definition(id)
	if d == nil {
		return nil
	}
	return &inOrder(rowsOf(d, s.Engine.Status(id)), usualOrder)[0]
}

// relative is another SLO that the page leads to.
type relative struct {
	Text, Href string
	Current    bool
}

// relatives returns the objectives of the same promise, where there are several, and the
// composites that the SLO is part of.
func (s *server) relatives(d *slo.Definition) (siblings, wholes []relative) {
	f := s.fleet()
	for _, other := range f.siblings[promised{d.Service, d.Name}] {
		siblings = append(siblings, relative{objectiveText(other.Objective), sloHref(other.ID, nil), other.ID == d.ID})
	}
	for _, other := range f.wholes[d.ID] {
		wholes = append(wholes, relative{other.ID, sloHref(other.ID, nil), false})
	}
	if len(siblings) < 2 {
		siblings = nil
	}
	return siblings, wholes
}
