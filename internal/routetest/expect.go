package routetest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// span is from when on and until before when an expectation looks.
func (e *Expect) span(day time.Time) (from, until time.Time) {
	if e.At.set {
		return e.At.span(day)
	}
	_, until = e.To.span(day)
	return e.From.on(day), until
}

// compare holds what was sent against what is expected of it.
func (w *world) compare(t *Test) []Failure {
	var failures []Failure
	for _, d := range w.tape.all {
		if d.TemplateErrors > 0 {
			failures = append(failures, Failure{Source: t.source, Message: "a template fails, so Burnline's own text stands in its place", Got: lines(d)})
		}
		if d.Answer != "" {
			failures = append(failures, Failure{Source: t.source, Message: "it could not be sent: " + d.Answer, Got: lines(d)})
		}
	}
	for i := range t.Expect {
		e := &t.Expect[i]
		switch {
		case e.Quiet != "": // it was looked at when it was time
		case e.Gets == nothing:
			if got := w.matching(e, false); len(got) > 0 {
				failures = append(failures, Failure{Source: e.source, Message: e.words(w.day), Got: lines(got...)})
			}
		default:
			failures = append(failures, w.told(e)...)
		}
	}
	if t.Others == "allowed" {
		return failures
	}
	for _, d := range w.tape.all {
		if !d.named {
			failures = append(failures, Failure{Source: t.source, Message: "nobody expects this message (others: allowed lets it pass)", Got: lines(d)})
		}
	}
	return failures
}

// told looks for the message that is expected.
func (w *world) told(e *Expect) []Failure {
	candidates := w.matching(e, true)
	var why []string
	for _, d := range candidates {
		missed := e.Text.misses(d.Texts)
		if len(missed) == 0 {
			d.named = true
			return nil
		}
		why = append(why, missed...)
	}
	f := Failure{Source: e.source, Message: e.words(w.day), Got: lines(candidates...)}
	switch {
	case len(candidates) > 0:
		f.Message += ", but " + strings.Join(slices.Compact(why), "; ")
		for _, d := range candidates {
			f.Got = append(f.Got, quoted(d.Texts)...)
			d.named = true // it is told of here
		}
	default:
		f.Got = w.near(e)
	}
	return []Failure{f}
}

// matching returns the deliveries that an expectation means, but for their text.
func (w *world) matching(e *Expect, unnamed bool) []*Delivery {
	from, until := e.span(w.day)
	var found []*Delivery
	for _, d := range w.tape.all {
		switch {
		case d.At.Before(from) || !d.At.Before(until), e.Receiver != "" && d.Receiver != e.Receiver, e.SLO != "" && d.SLO != e.SLO:
		case e.Gets != nothing && string(d.Action) != e.Gets, unnamed && d.named, !d.of(e.Of):
		default:
			found = append(found, d)
		}
	}
	return found
}

// of reports whether a delivery is about something of these labels.
func (d *Delivery) of(named map[string]string) bool {
	in := func(ls map[string]string) bool {
		for name, value := range named {
			if ls[name] != value {
				return false
			}
		}
		return true
	}
	return in(d.Labels) || slices.ContainsFunc(d.alerts, in)
}

// near is what came of the expectation's receiver, or of anybody where that got nothing.
func (w *world) near(e *Expect) []string {
	var same []*Delivery
	for _, d := range w.tape.all {
		if d.Receiver == e.Receiver {
			same = append(same, d)
		}
	}
	if len(same) > 0 {
		return append([]string{e.Receiver + " gets:"}, lines(same...)...)
	}
	if len(w.tape.all) == 0 {
		return []string{"nobody gets anything"}
	}
	return append([]string{e.Receiver + " gets nothing; others get:"}, lines(w.tape.all...)...)
}

// misses says what of the text is not so.
func (t *Text) misses(texts []string) []string {
	any := func(ok func(string) bool) bool { return slices.ContainsFunc(texts, ok) }
	var missed []string
	for _, piece := range t.Contains {
		if !any(func(s string) bool { return strings.Contains(s, piece) }) {
			missed = append(missed, fmt.Sprintf("no text of it contains %q", piece))
		}
	}
	for _, piece := range t.Lacks {
		if any(func(s string) bool { return strings.Contains(s, piece) }) {
			missed = append(missed, fmt.Sprintf("a text of it contains %q", piece))
		}
	}
	if t.Equals != "" && !any(func(s string) bool { return strings.TrimSpace(s) == strings.TrimSpace(t.Equals) }) {
		missed = append(missed, fmt.Sprintf("no text of it is %q", t.Equals))
	}
	if t.Regex != "" {
		re, err := regexp.Compile(t.Regex)
		if err != nil || !any(re.MatchString) {
			missed = append(missed, fmt.Sprintf("no text of it matches %s", t.Regex))
		}
	}
	return missed
}

// decided is a reason for quiet with where it was found.
type decided struct {
	alerting.Decision
	about string
}

// quiet looks at the moment why nobody is told.
func (w *world) quiet(ctx context.Context, e *Expect) ([]Failure, error) {
	found, err := w.decisions(ctx, e)
	if err != nil {
		return nil, err
	}
	f := Failure{Source: e.source, Message: e.words(w.day)}
	ok := false
	for _, d := range found {
		if e.Receiver != "" && d.Receiver != e.Receiver && d.Receiver != "" {
			continue
		}
		f.Got = append(f.Got, strings.TrimSuffix(fmt.Sprintf("%s: %s: %s", d.about, d.Title(), d.Story()), ": "))
		if d.Fate != e.Quiet || e.By != "" && d.By != e.By {
			return []Failure{f}, nil
		}
		ok = true
	}
	if ok {
		return nil, nil
	}
	f.Got = append(f.Got, "nothing of it is open")
	return []Failure{f}, nil
}

// decisions are those in force of what an expectation names.
func (w *world) decisions(ctx context.Context, e *Expect) ([]decided, error) {
	var all []decided
	if e.SLO == "" {
		views, err := w.store.ListAlerts(ctx, alerting.AlertFilter{})
		if err != nil {
			return nil, err
		}
		for _, v := range views {
			if !has(v.Labels, e.Of) {
				continue
			}
			for _, p := range v.Places {
				d := p.Decision
				d.Receiver = p.Receiver
				all = append(all, decided{d, v.Labels.String()})
			}
		}
	}
	records, err := w.store.Incidents(ctx, alerting.Filter{OnlyOpen: true, Limit: mostRecords})
	if err != nil {
		return nil, err
	}
	for i := range records {
		r := &records[i]
		if r.Incident.Cause == slo.CauseAlert || e.SLO != "" && r.Incident.SLO != e.SLO || !has(r.Newest.Labels, e.Of) {
			continue
		}
		for _, d := range r.InForce() {
			all = append(all, decided{d, r.Incident.SLO})
		}
	}
	return all, nil
}
