package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// replayChunk is how much stored time is read at once, so that a month of
// samples needs little memory.
const replayChunk = 6 * time.Hour

// ReplayOptions say what is replayed; those without a default are required.
type ReplayOptions struct {
	// Definitions are the SLOs; a part of a composite has to be among them.
	Definitions []slo.Definition
	// Only is the ID of the one SLO that is replayed; "" are all.
	Only string
	// Reader reads the stored samples, and Querier evaluates the queries of SLOs that
	// are more than counters; without it such an SLO can't be replayed.
	Reader  Reader
	Querier Querier
	// Corrections are in force all the time; their rules have to be compiled.
	Corrections []slo.Correction
	// From and To bound the time that is lived through again. What was stored
	// before From is history, of which nobody is told.
	From, To time.Time
	// Step is how often an SLO is judged: by default, and at most, as often as a
	// live engine judges one that is quiet, 15 s.
	Step time.Duration
	// Lateness is Options.Lateness.
	Lateness time.Duration
}

// Replayed is what would have happened had the SLOs been live.
type Replayed struct {
	// Incidents are in order of opening.
	Incidents []ReplayedIncident
	// Statuses are those of every group at the end, in order of ID and group; the
	// budget that is left among them.
	Statuses []slo.Status
}

// ReplayedIncident is an incident that would have been opened. Closed is zero
// where it would still be open.
type ReplayedIncident struct {
	slo.Incident
	// Reason and Policy are those of the opening transition, and ClosedBecause
	// is the reason of the closing one.
	Reason, ClosedBecause string
	Policy                *slo.PolicyStatus
}

// Count returns how many incidents of a severity an SLO would have opened; with
// an empty ID those of all.
func (r *Replayed) Count(id string, severity slo.Severity) int {
	n := 0
	for i := range r.Incidents {
		if inc := &r.Incidents[i]; inc.Severity == severity && (id == "" || inc.SLO == id) {
			n++
		}
	}
	return n
}

// Replay lives through stored samples again on a clock of its own: an engine like
// the live one is given, step by step, what had been stored until then, and
// nothing later. It reads the store and changes nothing. An error of the store
// ends it, since a gap would pass for silence.
//
// SLOs are replayed one after another, so memory doesn't grow with their number;
// a composite is, together with its parts. So what many SLOs that fell dark together
// would have made one incident is one for each here.
func Replay(ctx context.Context, opt ReplayOptions) (Replayed, error) {
	var all Replayed
	if opt.Reader == nil || !opt.From.Before(opt.To) {
		return all, errors.New("replay: a reader, and a From before To, are required")
	}
	if opt.Step <= 0 || opt.Step > quietEvery {
		opt.Step = quietEvery
	}
	for i := range opt.Definitions {
		if opt.Only != "" && opt.Definitions[i].ID != opt.Only {
			continue
		}
		set, err := withParts(opt.Definitions, opt.Definitions[i].ID)
		if err != nil {
			return all, fmt.Errorf("replay the SLO %s: %w", opt.Definitions[i].ID, err)
		}
		one := &replay{opt: opt, id: opt.Definitions[i].ID}
		if err := one.run(ctx, set); err != nil {
			return all, fmt.Errorf("replay the SLO %s: %w", one.id, err)
		}
		all.Incidents = append(all.Incidents, one.incidents...)
		all.Statuses = append(all.Statuses, one.engine.Status(one.id)...)
	}
	slices.SortStableFunc(all.Incidents, func(a, b ReplayedIncident) int { return a.Opened.Compare(b.Opened) })
	slices.SortStableFunc(all.Statuses, func(a, b slo.Status) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// withParts returns the definition with the ID and, of a composite, all parts.
func withParts(all []slo.Definition, id string) ([]slo.Definition, error) {
	var set []slo.Definition
	var add func(id string) error
	add = func(id string) error {
		if slices.ContainsFunc(set, func(d slo.Definition) bool { return d.ID == id }) {
			return nil
		}
		i := slices.IndexFunc(all, func(d slo.Definition) bool { return d.ID == id })
		if i < 0 {
			return fmt.Errorf("its part %s is not given", id)
		}
		set = append(set, all[i])
		if c := all[i].SLI.Composite; c != nil {
			for _, part := range c.Parts {
				if err := add(part.SLO); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return set, add(id)
}

// replay is one SLO, with the parts that it is made of, on a clock of its own.
type replay struct {
	opt       ReplayOptions
	id        string
	now       time.Time
	engine    *Engine
	incidents []ReplayedIncident
	batches   map[*tracked][][]entry // of the chunk, by step
}

func (r *replay) run(ctx context.Context, defs []slo.Definition) (err error) {
	r.now = r.opt.From
	r.engine, err = New(Options{
		Reader: past{r}, Querier: r.opt.Querier, Commit: r.commit, Now: func() time.Time { return r.now }, Lateness: r.opt.Lateness,
	})
	if err != nil {
		return err
	}
	r.engine.Correct(r.opt.Corrections)
	if err := r.engine.Update(defs); err != nil {
		return err
	}
	r.batches = map[*tracked][][]entry{}
	for err = r.judge(ctx); err == nil && r.now.Before(r.opt.To); {
		err = r.chunk(ctx)
		r.engine.sweep(r.now)
	}
	return err
}

// chunk reads the next stretch of stored time and lives through it.
func (r *replay) chunk(ctx context.Context) error {
	from, to := r.now, slo.Earliest(r.now.Add(replayChunk), r.opt.To)
	for _, t := range r.engine.list() {
		if err := r.read(ctx, t, from, to); err != nil {
			return err
		}
	}
	for i := 0; r.now.Before(to); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.now = slo.Earliest(from.Add(time.Duration(i+1)*r.opt.Step), to)
		for t, batches := range r.batches {
			if i < len(batches) && len(batches[i]) > 0 {
				t.deliver(batches[i])
			}
		}
		if err := r.judge(ctx); err != nil {
			return err
		}
	}
	return nil
}

// read gets the samples of (from, to], each into the batch of its step. Within a
// batch they keep the store's order, series by series: counting asks for none.
func (r *replay) read(ctx context.Context, t *tracked, from, to time.Time) error {
	begin, step := from.UnixMilli(), r.opt.Step.Milliseconds()
	batches := r.batches[t]
	for i := range batches {
		batches[i] = batches[i][:0]
	}
	seen := map[*member]bool{}
	for _, sel := range t.table.selectors() {
		var some []*member
		err := r.opt.Reader.Select(ctx, sel, begin+1, to.UnixMilli(), func(run slo.SeriesSamples) error {
			m := t.table.bind(run.Series)
			if m == nil || seen[m] {
				return nil
			}
			some = append(some, m)
			for _, s := range run.Samples {
				i := int((s.T - begin - 1) / step)
				batches = grow(batches, i)
				batches[i] = append(batches[i], entry{m, s})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the samples of %s: %w", sel, err)
		}
		for _, m := range some {
			seen[m] = true
		}
	}
	r.batches[t] = batches
	return nil
}

// judge lets every SLO be judged at this moment, with everything read back from
// storage that it asks for.
func (r *replay) judge(ctx context.Context) error {
	r.engine.watch.tick(r.now)
	all := r.engine.list()
	slices.SortStableFunc(all, func(a, b *tracked) int { return b.standing() - a.standing() })
	for _, t := range all {
		r.engine.evaluate(ctx, t)
		switch now := r.now.UnixMilli(); {
		case t.wantsAsk(now):
			for t.wantsAsk(now) && ctx.Err() == nil {
				r.engine.askOnce(ctx, t)
			}
		case t.wantsRead(now):
			r.engine.readOnce(ctx, t)
		default:
			continue
		}
		t.mu.Lock()
		err := t.readErr
		t.mu.Unlock()
		if err != nil {
			return err
		}
		r.engine.evaluate(ctx, t)
	}
	r.engine.watchOnce(ctx, r.now)
	return nil
}

// commit notes what people would have been told.
func (r *replay) commit(_ context.Context, tr slo.Transition) error {
	if tr.Incident.SLO != r.id && !slices.Contains(tr.Incident.SLOs, r.id) {
		return nil // a composite's part is replayed by itself
	}
	end := func(key, reason string) {
		for i := range r.incidents {
			if r.incidents[i].Key == key && r.incidents[i].Closed.IsZero() {
				r.incidents[i].Closed, r.incidents[i].ClosedBecause = tr.At, reason
			}
		}
	}
	switch tr.Kind {
	case slo.IncidentOpened:
		end(tr.Incident.Replaces, "a page replaces it")
		r.incidents = append(r.incidents, ReplayedIncident{Incident: tr.Incident, Reason: tr.Reason, Policy: tr.Policy})
	case slo.IncidentJoined:
		for i := range r.incidents {
			if r.incidents[i].Key == tr.Incident.Key {
				r.incidents[i].Groups = tr.Incident.Groups
			}
		}
	case slo.IncidentClosed:
		end(tr.Incident.Key, tr.Reason)
	}
	return nil
}

// past is the store as it was at the replay's moment: nothing later is there.
type past struct{ r *replay }

func (p past) Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	if to = min(to, p.r.now.UnixMilli()); from > to {
		return nil
	}
	return p.r.opt.Reader.Select(ctx, sel, from, to, yield)
}

func (p past) Before(ctx context.Context, series slo.Labels, t int64) (slo.Sample, bool, error) {
	return p.r.opt.Reader.Before(ctx, series, min(t, p.r.now.UnixMilli()+1))
}
