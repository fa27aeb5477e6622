package judge

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
)

// rejecter is implemented by the appenders of the metric store.
type rejecter interface {
	// Rejected returns how many samples of the batch were dropped, and why the
	// first of them was.
	Rejected() (n int, reason string)
}

// write stores the counters of all touched groups.
func (l *ledger) write(ctx context.Context, now int64) error {
	app := l.store.AppenderV2(ctx)
	for g := range l.touched {
		for i := range g.counters {
			err := l.append(app, &g.counters[i], now)
			if err == nil {
				err = l.appendLate(app, g, i)
			}
			if err != nil {
				return errors.Join(fmt.Errorf("store counts of spans: %w", err), app.Rollback())
			}
		}
	}
	if err := app.Commit(); err != nil {
		return fmt.Errorf("commit counts of spans: %w", err)
	}
	if r, ok := app.(rejecter); ok {
		if n, why := r.Rejected(); n > 0 {
			l.metrics.refused.Add(float64(n))
			l.told("the metric store refused counts of spans", "samples", n, "reason", why)
		}
	}
	return nil
}

// options describe the series for who asks what it is.
func options() storage.AOptions {
	return storage.AOptions{
		MetricFamilyName: slo.SpanEvents,
		Metadata:         metadata.Metadata{Type: model.MetricTypeCounter, Help: "Spans that an SLO counts, by outcome."},
	}
}

// append stores a counter's value. One that begins has 0 before it, so that whatever its
// series held before a restart, the difference is what was counted since.
func (l *ledger) append(app storage.AppenderV2, c *counter, now int64) error {
	o := options()
	if c.start == 0 {
		ref, err := app.Append(c.ref, c.labels, 0, now-1, 0, nil, nil, o)
		if err != nil || ref == 0 {
			return err // where the store refuses the series it begins with the next sample
		}
		c.ref, c.start = ref, now-1
	}
	if c.added > 0 && now-c.shown >= exampleEvery {
		o.Exemplars = []exemplar.Exemplar{{
			Labels: labels.FromStrings("trace_id", hex.EncodeToString(c.example[:])), Value: 1, Ts: now, HasTs: true,
		}}
		c.shown = now
	}
	ref, err := app.Append(c.ref, c.labels, c.start, now, c.value+c.added, nil, nil, o)
	if err == nil && ref != 0 {
		c.ref = ref
	}
	var partial *storage.AppendPartialError
	if errors.As(err, &partial) {
		return nil // the sample is stored, its exemplar is not
	}
	return err
}

// appendLate stores events that came late, in their own minutes.
func (l *ledger) appendLate(app storage.AppenderV2, g *group, i int) error {
	c := &g.counters[i]
	if c.late == nil || len(c.late.added) == 0 {
		return nil
	}
	minutes := make([]int64, 0, len(c.late.added))
	for m := range c.late.added {
		minutes = append(minutes, m)
	}
	slices.Sort(minutes)
	for _, m := range minutes {
		s, at := c.place(g, i, m, l.run)
		for k, v := range []float64{0, c.late.added[m]} {
			ref, err := app.Append(s.ref, s.labels, 0, at+int64(k), v, nil, nil, options())
			if err != nil {
				return err
			}
			if s.ref = ref; ref == 0 {
				break // refused, and told after the commit
			}
		}
	}
	for m := range c.late.taken {
		if m < minutes[len(minutes)-1]-oldest {
			delete(c.late.taken, m)
		}
	}
	return nil
}
