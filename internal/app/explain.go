package app

import (
	"context"
	"fmt"
	"time"

	"burnline/slo"
	"burnline/slo/explain"
)

// explainer answers where the events of SLOs on labelled metrics fail.
type explainer struct {
	compare func(ctx context.Context, id string, groups []slo.Labels, from, to time.Time) (explain.Table, error)
	// turn has one token: comparing reads many samples, and must leave room for counting.
	turn chan struct{}
}

func newExplainer(compare func(context.Context, string, []slo.Labels, time.Time, time.Time) (explain.Table, error)) *explainer {
	return &explainer{compare: compare, turn: make(chan struct{}, 1)}
}

// Where compares the events of an SLO's groups in (from, to] by the labels of their series, with
// the time before as the baseline; no groups are all. It returns nil where nothing can be told:
// too few failures, nothing to compare by, or an SLO whose events come from a query. It waits for
// its turn as long as ctx allows, since one SLO at a time is compared.
func (x *explainer) Where(ctx context.Context, id string, groups []slo.Labels, from, to time.Time) (*slo.Where, error) {
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the comparison of another SLO: %w", ctx.Err())
	}
	table, err := x.compare(ctx, id, groups, from, to)
	if err != nil {
		return nil, err
	}
	where := explain.Find(table, explain.Options{})
	if !where.Everywhere && len(where.Explanations) == 0 {
		return nil, nil
	}
	return &where, nil
}
