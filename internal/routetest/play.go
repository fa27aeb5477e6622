package routetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
)

// Run runs all tests of a file. Findings are what is wrong with its configuration; the
// error is for what can't be read or run.
func Run(ctx context.Context, f *File) ([]Result, slo.Findings, error) {
	var results []Result
	for i := range f.Tests {
		t := &f.Tests[i]
		r, findings, err := play(ctx, f, t)
		if err != nil || findings != nil {
			return nil, findings, err
		}
		results = append(results, r)
	}
	return results, nil, nil
}

// play runs one test.
func play(ctx context.Context, f *File, t *Test) (_ Result, findings slo.Findings, err error) {
	w, findings, err := newWorld(ctx, f, t)
	if err != nil || findings != nil {
		return Result{}, findings, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	r := Result{Name: t.Name, Source: t.source}
	for _, m := range w.moments(t) {
		// What comes before a moment happens before it, and what is due at it after its events.
		if err := w.until(ctx, m.at); err != nil {
			return r, nil, fmt.Errorf("test %q at %s: %w", t.Name, m.at.Format(clockLayout), err)
		}
		for _, i := range m.events {
			var wrong refusal
			err := w.happen(ctx, &t.Events[i])
			if errors.As(err, &wrong) {
				r.Failures = append(r.Failures, Failure{Source: t.source, Message: fmt.Sprintf("the event at %s can't happen: %s", m.at.Format(clockLayout), wrong.Error())})
				continue
			}
			if err != nil {
				return r, nil, fmt.Errorf("test %q at %s: %w", t.Name, m.at.Format(clockLayout), err)
			}
		}
		if err := w.step(ctx); err != nil {
			return r, nil, fmt.Errorf("test %q at %s: %w", t.Name, m.at.Format(clockLayout), err)
		}
		for _, i := range m.looks {
			failure, err := w.quiet(ctx, &t.Expect[i])
			if err != nil {
				return r, nil, err
			}
			r.Failures = append(r.Failures, failure...)
		}
	}
	r.Deliveries = w.tape.all
	r.Failures = append(r.Failures, w.compare(t)...)
	slices.SortStableFunc(r.Failures, func(a, b Failure) int { return cmp.Compare(a.Line, b.Line) })
	return r, nil, nil
}

// clockLayout is how times of the day are written.
const clockLayout = "15:04:05"

// moment is a time at which something happens or is looked at.
type moment struct {
	at            time.Time
	events, looks []int
}

// moments are the times of a test, in order; the last is the end of its last expectation.
func (w *world) moments(t *Test) []moment {
	var all []moment
	at := func(when time.Time) *moment {
		i := slices.IndexFunc(all, func(m moment) bool { return m.at.Equal(when) })
		if i < 0 {
			all = append(all, moment{at: when})
			i = len(all) - 1
		}
		return &all[i]
	}
	for i, e := range t.Events {
		m := at(e.At.on(w.day))
		m.events = append(m.events, i)
	}
	for i := range t.Expect {
		e := &t.Expect[i]
		if e.Quiet != "" {
			m := at(e.At.on(w.day))
			m.looks = append(m.looks, i)
			continue
		}
		_, until := e.span(w.day)
		at(until.Add(-time.Second))
	}
	slices.SortFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	return all
}

// refusal is what is wrong with an event.
type refusal struct{ error }

// happen lets one event happen.
func (w *world) happen(ctx context.Context, e *Event) error {
	switch {
	case e.Fires != nil:
		return w.alert(ctx, slo.Alert{Origin: alerting.OriginRules, Labels: labels(e.Fires), Annotations: e.Annotations, StartsAt: w.now})
	case e.Resolves != nil:
		ls := labels(e.Resolves)
		a, fires := w.firing[ls.String()]
		if !fires {
			return refusal{fmt.Errorf("no alert %s fires; write the labels that it fired with", ls)}
		}
		a.EndsAt = w.now
		return w.alert(ctx, a)
	case e.Silence != nil:
		return w.silence(ctx, e.Silence)
	case e.Acknowledge != "":
		return w.acknowledge(ctx, e)
	}
	t, done, err := w.slos.transition(e)
	if err != nil {
		return refusal{err}
	}
	if err := w.router.Commit(ctx, t); err != nil {
		return err
	}
	done()
	return nil
}

// alert tells the router of an alert.
func (w *world) alert(ctx context.Context, a slo.Alert) error {
	err := w.router.Alerts(ctx, []slo.Alert{a})
	if errors.Is(err, alerting.ErrBadAlert) {
		return refusal{err}
	}
	if err != nil {
		return err
	}
	if a.EndsAt.IsZero() {
		w.firing[a.Labels.String()] = a
	} else {
		delete(w.firing, a.Labels.String())
	}
	return nil
}

// silence puts one in force, as somebody who has seen what it mutes.
func (w *world) silence(ctx context.Context, s *Silence) error {
	in := silences.Input{Matchers: s.Matchers, For: cmp.Or(s.For, "1h"), Author: cmp.Or(s.Author, "somebody"), Reason: cmp.Or(s.Reason, "a test"),
		UntilResolved: s.UntilResolved, Ceiling: s.Ceiling, Confirmed: true}
	r, err := in.Request(w.now)
	if err == nil {
		_, err = w.keeper.Put(ctx, r)
	}
	if wrong := (slo.Problems)(nil); errors.As(err, &wrong) {
		return refusal{err}
	}
	return err
}

// acknowledge lets somebody take what is open.
func (w *world) acknowledge(ctx context.Context, e *Event) error {
	records, err := w.store.Incidents(ctx, alerting.Filter{OnlyOpen: true, Limit: mostRecords})
	if err != nil {
		return err
	}
	n := 0
	for i := range records {
		about, err := w.about(ctx, &records[i], e.SLO, e.Of)
		if err != nil {
			return err
		}
		if !about {
			continue
		}
		n++
		if err := w.router.Acknowledge(ctx, records[i].Incident.Key, e.Acknowledge, alerting.ViaAPI, w.now); err != nil {
			return err
		}
	}
	if n == 0 {
		return refusal{errors.New("nothing is open that could be acknowledged")}
	}
	return nil
}

// mostRecords is how many open incidents a test may have.
const mostRecords = 10_000

// about reports whether an incident is of an SLO, or has an alert of these labels.
func (w *world) about(ctx context.Context, r *alerting.Record, id string, of map[string]string) (bool, error) {
	if id != "" && r.Incident.SLO != id {
		return false, nil
	}
	if len(of) == 0 || has(r.Newest.Labels, of) {
		return true, nil
	}
	views, err := w.store.ListAlerts(ctx, alerting.AlertFilter{Incident: r.Incident.Key})
	return slices.ContainsFunc(views, func(v alerting.AlertView) bool { return has(v.Labels, of) }), err
}

// has reports whether labels hold all that are named.
func has(ls slo.Labels, named map[string]string) bool {
	for name, value := range named {
		if ls.Get(name) != value {
			return false
		}
	}
	return true
}
