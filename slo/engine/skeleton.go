package engine

import (
	"context"
	"time"

	"burnline/slo"
)

// Restore adopts the incidents that were open when the process ended. Call it
// before Run.
func (e *Engine) Restore(open []slo.Incident) {}

// Update replaces the set of SLOs. Unchanged ones keep their counts, new ones
// read their history in the background.
func (e *Engine) Update(defs []slo.Definition) error { return nil }

// Run counts and judges until the context ends.
func (e *Engine) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Generation rises whenever the set of wanted series may have changed.
func (e *Engine) Generation() uint64 { return 0 }

// Wants reports whether any SLO counts the series.
func (e *Engine) Wants(series slo.Labels) bool { return false }

// Selectors returns what all SLOs together select.
func (e *Engine) Selectors() []slo.Selector { return nil }

// Deliver takes samples after they were committed; the batch is the engine's.
func (e *Engine) Deliver(batch []slo.SeriesSample) {}

// Definitions returns the SLOs in order of ID.
func (e *Engine) Definitions() []*slo.Definition { return nil }

// Statuses returns the newest status of every group of every SLO.
func (e *Engine) Statuses() []slo.Status { return nil }

// Status returns the newest status of every group of one SLO.
func (e *Engine) Status(id string) []slo.Status { return nil }

// Version rises with each visible change of a status.
func (e *Engine) Version() uint64 { return 0 }

// Chart returns the history of one group over [from, to] in about so many points.
func (e *Engine) Chart(id string, group slo.Labels, from, to time.Time, points int) (slo.Chart, error) {
	return slo.Chart{}, nil
}
