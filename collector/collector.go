package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"burnline/collector/judge"
	"burnline/slo"
)

// stopTimeout is how long requests that are being answered may take to end
// when the pipeline stops or is replaced.
const stopTimeout = 3 * time.Second

var errNotRunning = errors.New("reload the collector: it is not running")

// Collector is the OpenTelemetry Collector in this process.
type Collector struct {
	opts    Options
	counts  *counts
	judge   *judge.Judge
	metrics *swapCollector
	// building has the metrics of the pipeline that is being built. They are shown once it is: some components
	// register what is asked for its value before they have given it one.
	building *swapCollector
	turns    *turns
	ready    chan struct{}
	reloads  chan reload
	ended    chan struct{}

	mu    sync.Mutex
	bound Endpoints
	// otlp answers OTLP over HTTP with the running pipeline; nil while none does.
	otlp http.Handler
}

// Endpoints are the addresses at which OTLP is taken in.
type Endpoints struct {
	GRPC, HTTP string
}

// reload asks Run to replace the pipeline.
type reload struct {
	config []byte
	done   chan error
}

// New returns a collector that does nothing until Run. It does not read the
// pipeline: Check does.
func New(opts Options) (*Collector, error) {
	if err := opts.setDefaults(); err != nil {
		return nil, err
	}
	c := &Collector{
		opts:    opts,
		metrics: &swapCollector{},
		turns:   newTurns(bytesAtOnce, waitForTurn),
		ready:   make(chan struct{}),
		reloads: make(chan reload),
		ended:   make(chan struct{}),
	}
	if opts.Registerer != nil {
		if err := opts.Registerer.Register(c.metrics); err != nil {
			return nil, fmt.Errorf("register the pipeline's metrics: %w", err)
		}
	}
	c.counts = newCounts(opts.Registerer)
	var err error
	c.judge, err = judge.New(judge.Options{
		Store: opts.Metrics, Instance: opts.Instance, Sink: opts.Sink, Compare: opts.Compare, Customer: opts.Customer, Hash: opts.Hash,
		Logger: opts.Logger, Registerer: opts.Registerer,
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// SetDefinitions says which SLOs the spans are judged by from now on, without touching the
// pipeline. Counters of SLOs whose conditions did not change go on. The error says which
// conditions can't be compiled; then nothing changes.
func (c *Collector) SetDefinitions(defs []slo.Definition) error { return c.judge.Set(defs) }

// Ready is closed once telemetry is taken in.
func (c *Collector) Ready() <-chan struct{} { return c.ready }

// Endpoints returns the addresses at which the burnline_otlp receiver listens,
// with the true port where the configuration says 0. They are empty until
// Ready.
func (c *Collector) Endpoints() Endpoints {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bound
}

// OTLP returns a handler that takes OTLP over HTTP (/v1/metrics, /v1/traces)
// into the running pipeline, exactly as its own HTTP port does. While the
// pipeline is being replaced, or has no burnline_otlp receiver with HTTP, it
// answers 503, which clients retry.
func (c *Collector) OTLP() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		h := c.otlp
		c.mu.Unlock()
		if h == nil {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "no pipeline takes OTLP over HTTP now", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Run takes in telemetry until ctx ends; it then stops taking in, lets what is
// being answered end, and returns nil. A pipeline that can't be read or
// started is an error, and so is a server that breaks while running. An
// address that is taken is a *portowner.InUseError. Run is called once.
func (c *Collector) Run(ctx context.Context) error {
	defer close(c.ended)
	current, err := c.start(ctx, c.opts.Config)
	if err != nil {
		return err
	}
	close(c.ready)
	for {
		select {
		case <-ctx.Done():
			return current.stop(ctx)
		case err := <-current.broken:
			return errors.Join(fmt.Errorf("the collector's pipeline broke: %w", err), current.stop(ctx))
		case r := <-c.reloads:
			next, err := c.replace(ctx, current, r.config)
			r.done <- err
			if next == nil {
				return err
			}
			current = next
		}
	}
}

// Reload replaces the pipeline; nil stands for the built-in one. The new one
// is checked first, and a bad one changes nothing. Ports are closed and opened
// again, so clients see a short break and retry. When the new pipeline can't
// start, for instance because its port is taken, the old one runs again and
// the error says why.
func (c *Collector) Reload(ctx context.Context, config []byte) error {
	if config == nil {
		config = defaultConfig
	}
	if err := c.Check(ctx, config); err != nil {
		c.counts.reloads.WithLabelValues("refused").Inc()
		return err
	}
	r := reload{config: config, done: make(chan error, 1)}
	select {
	case c.reloads <- r:
	case <-c.ended:
		return errNotRunning
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// replace stops the old pipeline and starts the new one, or the old one again.
// It returns nil only when neither runs.
func (c *Collector) replace(ctx context.Context, old *pipeline, config []byte) (*pipeline, error) {
	if err := old.stop(ctx); err != nil {
		c.opts.Logger.Warn("old pipeline did not stop cleanly", "error", err)
	}
	next, err := c.start(ctx, config)
	if err == nil {
		c.counts.reloads.WithLabelValues("done").Inc()
		return next, nil
	}
	c.counts.reloads.WithLabelValues("reverted").Inc()
	again, backErr := c.start(ctx, old.config)
	if backErr != nil {
		return nil, errors.Join(err, fmt.Errorf("start the old pipeline again: %w", backErr))
	}
	return again, fmt.Errorf("the old pipeline runs on: %w", err)
}
