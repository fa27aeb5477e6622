package app

import (
	"context"
	"time"

	"burnline/slo/report"
)

// buildPromises makes what tells how SLOs were kept over days and months.
func (p *parts) buildPromises(context.Context, *teardown) (err error) {
	p.promises, err = report.NewSource(report.SourceOptions{
		Store: p.state, Definitions: p.promised, Held: p.engine.Held, Corrections: p.book.all, Now: time.Now,
	})
	return err
}
