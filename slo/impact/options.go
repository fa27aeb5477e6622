package impact

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/slo"
)

// Options are what a Tracker needs; Now is required.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Customer is the attribute that tells customers apart where an SLO names no other; "" where
	// none does.
	Customer string
	// Compare are the attributes whose values judged spans bring, in their order. Region and
	// Journey are those of them that say where and doing what customers were; "" for none.
	Compare         []string
	Region, Journey string
	// Currency is the code of the prices of failed events, such as EUR.
	Currency string
	// Exact is up to how many distinct customers of a minute, and of an incident, are
	// counted exactly. Default 1000.
	Exact int
	// MaxSeries bounds the SLOs and groups that are followed. Default 1500: one of them has up to 210 pieces.
	MaxSeries int
	// MaxSpans bounds the kept spans of all SLOs together: each minute of each group keeps
	// its part, but four of each outcome at least. Default 500,000, some 50 MB.
	MaxSpans int
	// MaxSketchBytes bounds the sketches of all minutes and incidents, and with about as much again the customers
	// that are counted exactly. Default 128 MiB; where it is used up, customers are counted as "at least".
	MaxSketchBytes int64
	// Elsewhere says where it fails of SLOs without spans; nil knows nothing. It may take its
	// time, and is not asked for a page that is about to leave.
	Elsewhere func(context.Context, slo.Incident, *slo.Definition) *slo.Where
	// Changes returns the plausible changes before an incident; nil knows none.
	Changes func(slo.Incident, *slo.Definition, *slo.Where) []slo.NearChange
	// Traces knows which traces are kept; nil keeps none.
	Traces Traces
	// Store keeps what is known of open incidents over a restart; nil forgets it.
	Store Store
	// Node names this process among those that count into the same store, and is the same after
	// its restart; "" where it is the only one.
	Node string
	// Logger and Registerer may be nil.
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Traces is the store of traces.
type Traces interface {
	// Failure says what failed in a trace, and false where the trace is not kept. It is asked for
	// thousands of traces that are not: those must cost no more than a look into memory.
	Failure(ctx context.Context, trace [16]byte) (what string, kept bool)
}

func (o *Options) complete() error {
	if o.Now == nil {
		return errors.New("impact: a tracker needs a clock")
	}
	if o.Exact <= 0 {
		o.Exact = 1000
	}
	if o.MaxSeries <= 0 {
		o.MaxSeries = 1500
	}
	if o.MaxSpans <= 0 {
		o.MaxSpans = 500_000
	}
	if o.MaxSketchBytes <= 0 {
		o.MaxSketchBytes = 128 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// place returns where an attribute stands among the compared ones, -1 for nowhere.
func (o *Options) place(attribute string) int {
	if attribute == "" {
		return -1
	}
	return slices.Index(o.Compare, attribute)
}
