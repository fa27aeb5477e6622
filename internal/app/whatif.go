package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"burnline/slo"
	"burnline/slo/engine"
	"burnline/storage/metrics"
	"burnline/web"
)

// whatIf replays the stored past with one definition changed, by the engine that judges live.
type whatIf struct {
	reader      engine.Reader
	querier     engine.Querier
	definitions func() []slo.Definition
	corrections func() []slo.Correction
	// turn has one token: a replay reads and judges as fast as it can, and must leave room for counting.
	turn chan struct{}
}

func newWhatIf(p *parts) *whatIf {
	return &whatIf{
		reader: p.metrics, querier: metrics.Ranges{Store: p.metrics}, definitions: func() []slo.Definition { return p.set.Load().Definitions }, corrections: p.book.all,
		turn: make(chan struct{}, 1),
	}
}

// compare implements web.WhatIf.
func (w *whatIf) compare(ctx context.Context, changed slo.Definition, from, to time.Time) (now, then web.Lived, err error) {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	default:
		return now, then, web.ErrBusy
	}
	defs := slices.Clone(w.definitions())
	at := slices.IndexFunc(defs, func(d slo.Definition) bool { return d.ID == changed.ID })
	if at < 0 {
		return now, then, fmt.Errorf("replay the SLO %s: it is no longer loaded", changed.ID)
	}
	if now, err = w.live(ctx, defs, changed.ID, from, to); err != nil {
		return now, then, err
	}
	defs[at] = changed
	then, err = w.live(ctx, defs, changed.ID, from, to)
	return now, then, err
}

// live lives through the past with one SLO of a set.
func (w *whatIf) live(ctx context.Context, defs []slo.Definition, id string, from, to time.Time) (web.Lived, error) {
	all, err := engine.Replay(ctx, engine.ReplayOptions{
		Definitions: defs, Only: id, Corrections: w.corrections(), Reader: w.reader, Querier: w.querier, From: from, To: to,
	})
	if err != nil {
		return web.Lived{}, err
	}
	out := web.Lived{Statuses: all.Statuses}
	for _, in := range all.Incidents {
		out.Incidents = append(out.Incidents, web.LivedIncident{Incident: in.Incident, Reason: in.Reason})
	}
	return out, nil
}
