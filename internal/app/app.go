// Package app puts Burnline's parts together: it opens the stores, starts what
// takes in, judges, pages and serves, reloads the configuration, and ends all of
// it in order.
package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"
)

// Options are what Run needs.
type Options struct {
	// ConfigPath is burnline.yaml; "" runs on defaults.
	ConfigPath string
	// ConfigIfThere is read where ConfigPath is empty, from the moment it exists.
	ConfigIfThere string
	// Override replaces single values of the configuration.
	Override Override
	// Logger takes everything that operators should know. Required.
	Logger *slog.Logger
	// Reloads asks for a reload with each value; may be nil.
	Reloads <-chan os.Signal
	// Ready is called once everything serves; may be nil.
	Ready func(Addresses)

	// external is where people reach the web page, once that is known.
	external string
}

// Override holds values given on the command line; empty ones do not count.
type Override struct {
	Listen, Data, OTLPGRPC, OTLPHTTP string
	// Shadow puts shadow mode in force, whatever the file says.
	Shadow bool
}

// Run runs Burnline until ctx ends or a part of it breaks. Findings in the
// configuration are returned as slo.Findings before anything is started.
func Run(ctx context.Context, o Options) (err error) {
	o.Logger = withoutRepeats(o.Logger, time.Now)
	calm := tuneMemory()
	var down teardown
	defer func() { err = errors.Join(err, down.run()) }()
	p, err := buildWithRoom(ctx, o, &down)
	if err != nil {
		calm()
		return err
	}
	p.calm = calm
	return p.run(ctx)
}

// build opens and connects all parts and starts none. What it has opened is
// undone by down, also after an error.
func build(ctx context.Context, o Options, down *teardown) (*parts, error) {
	set, err := load(o)
	if err != nil {
		return nil, err
	}
	p := &parts{opts: o, logger: o.Logger, started: time.Now(), registry: newRegistry()}
	p.set.Store(set)
	for _, part := range []func(context.Context, *teardown) error{
		p.lockData,
		p.openListener,
		p.openStatusPage,
		p.openMetrics,
		p.openPrivacy,
		p.openTraces,
		p.openState,
		p.buildAccess,
		p.buildChanges,
		p.openCheckpoints,
		p.buildImpact,
		p.buildPaging,
		p.buildRules,
		p.buildEngine,
		p.buildMaintenance,
		p.buildReviews,
		p.buildCollector,
		p.buildScrape,
		p.buildReports,
		p.buildStatusPage,
		p.buildBackups,
		p.buildWeb,
	} {
		if err := part(ctx, down); err != nil {
			return nil, err
		}
	}
	return p, nil
}
