// Package metrics defines the metric store: one small interface with two
// implementations, the embedded Prometheus TSDB (local) and any backend that
// takes remote write and answers the Prometheus HTTP API (remote). Both pass
// the contract suite in metricstest.
package metrics

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"

	"burnline/slo"
)

// Store takes in samples and gives them back, raw or by PromQL.
type Store interface {
	// AppenderV2 returns an appender for one batch. Commit returns nil only after
	// the batch is stored. A sample that can't be stored (too old, in the future,
	// a conflicting duplicate, over the series limit) is dropped and counted,
	// and the rest of the batch goes on; the appender also implements Rejecter. Any
	// other error means that nothing of the batch is stored and that it may be sent again.
	storage.AppendableV2

	// Select yields every series that the selector matches with its raw samples
	// of [from, to] (milliseconds, both ends included) in order of time, one
	// yield per series. A series without samples in the range is left out. The yielded
	// slice is the callee's to keep. A partial answer is an error, never fewer series.
	Select(ctx context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error

	// Before returns the newest sample of the series that is older than t
	// milliseconds; false when the store holds none.
	Before(ctx context.Context, series slo.Labels, t int64) (slo.Sample, bool, error)

	// Query evaluates PromQL from from to to; with step 0 it is an instant query at to.
	Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error)

	// Close releases the store after everything committed is safe.
	Close() error
}

// Rejecter is implemented by the appenders of a Store.
type Rejecter interface {
	// Rejected returns how many samples of the batch were dropped and why the
	// first of them was. After Commit it is complete.
	Rejected() (n int, reason string)
}

// Sink is told of new samples that an SLO may count. The engine implements it.
type Sink interface {
	// Generation rises whenever the set of wanted series may have changed; the
	// caller then asks Wants again for every series.
	Generation() uint64
	// Wants reports whether any SLO counts the series. It is asked once per
	// series and generation, and keeps nothing of it.
	Wants(series slo.Labels) bool
	// Selectors returns what all SLOs together select, for stores that have to poll.
	Selectors() []slo.Selector
	// Announce tells of samples right before they are committed. After an error
	// they may not be. The batch stays the caller's.
	Announce(ctx context.Context, batch []slo.SeriesSample) error
	// Deliver hands over samples after they were committed. Pointers to Series
	// stay the same for one series within a generation. The batch stays the caller's.
	// Samples may come in any order and more than once.
	Deliver(batch []slo.SeriesSample)
}
