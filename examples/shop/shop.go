package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The shop's services, as they stand in service.name.
const (
	Storefront = "storefront"
	Checkout   = "checkout"
	Payment    = "payment"
)

// Version is the shop's service.version, but for what was deployed since it opened.
const Version = "1.4.2"

// The error of a region that the shop does not have.
func noRegion(region string) error {
	return fmt.Errorf("the shop has no region %q, it has %q", region, Regions())
}

// Regions returns the regions in which every service runs.
func Regions() []string { return []string{"eu", "us"} }

// Options configures a Shop. OTLPEndpoint is required.
type Options struct {
	// OTLPEndpoint is the host:port of an OTLP gRPC receiver without TLS.
	OTLPEndpoint string
	// ExportInterval is the time between two exports of a service. Default 2s.
	ExportInterval time.Duration
	// RequestsPerSecond is how many requests customers make in all regions
	// together. Default 30, at most 500.
	RequestsPerSecond float64
	// FailureShare is the part of payments by card, 0–1, that fails in a broken region; two of
	// three customers pay by card. Default 0.75, half of all payments.
	FailureShare float64
	// SlowBy is how much longer a payment takes in a slow region. Default 600ms.
	SlowBy time.Duration
	// Patience is how long a customer waits for an answer. Default 3s.
	Patience time.Duration
	// Logger hears of what goes wrong; nil is silent.
	Logger *slog.Logger
}

// Shop is the three services in all regions and their customers. It does
// nothing before Run.
type Shop struct {
	opts   Options
	faults *faults
	stats  *counters
	fronts map[string]string
	ready  chan struct{}

	// deploying guards the rest, which changes with each deploy.
	deploying sync.Mutex
	opened    []*service
	checkouts map[string]*checkout
	deploys   int
}

// checkout is the service of one region that a deploy replaces.
type checkout struct {
	payment string
	running *service
	// url is where the storefront finds it.
	url atomic.Pointer[string]
}

// New checks the options and returns a shop.
func New(opts Options) (*Shop, error) {
	if _, _, err := net.SplitHostPort(opts.OTLPEndpoint); err != nil {
		return nil, fmt.Errorf("OTLP endpoint %q is not host:port: %w", opts.OTLPEndpoint, err)
	}
	if opts.ExportInterval == 0 {
		opts.ExportInterval = 2 * time.Second
	}
	if opts.RequestsPerSecond == 0 {
		opts.RequestsPerSecond = 30
	}
	if opts.FailureShare == 0 {
		opts.FailureShare = 0.75
	}
	if opts.SlowBy == 0 {
		opts.SlowBy = 600 * time.Millisecond
	}
	if opts.Patience == 0 {
		opts.Patience = 3 * time.Second
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case opts.ExportInterval < 0 || opts.SlowBy < 0 || opts.Patience < 0:
		return nil, errors.New("export interval, slowness of the shop and patience of its customers must not be negative")
	case opts.RequestsPerSecond < 0 || opts.RequestsPerSecond > 500:
		return nil, fmt.Errorf("%g requests a second are not between 0 and 500", opts.RequestsPerSecond)
	case opts.FailureShare < 0 || opts.FailureShare > 1:
		return nil, fmt.Errorf("a failure share of %g is not between 0 and 1", opts.FailureShare)
	}
	return &Shop{
		opts:   opts,
		faults: newFaults(),
		stats:  newCounters(),
		fronts: map[string]string{},
		ready:  make(chan struct{}),

		checkouts: map[string]*checkout{},
	}, nil
}

// Run opens the shop and lets customers in until ctx ends. Everything that it
// started has ended when it returns, at most about two seconds later, whether or
// not anybody answers at the OTLP endpoint. It must be called once only.
func (s *Shop) Run(ctx context.Context) error {
	defer func() {
		s.deploying.Lock()
		defer s.deploying.Unlock()
		closeAll(ctx, s.opened)
	}()
	for _, region := range Regions() {
		if err := s.open(ctx, region); err != nil {
			return fmt.Errorf("open the shop in %s: %w", region, err)
		}
	}
	close(s.ready)
	return s.serveCustomers(ctx)
}

// Ready is closed when every service answers.
func (s *Shop) Ready() <-chan struct{} { return s.ready }

// URL returns the address of the storefront in a region, once Ready.
func (s *Shop) URL(region string) string { return s.fronts[region] }

// Break makes payment by card fail in one region until Heal.
func (s *Shop) Break(region string) error {
	if !slices.Contains(Regions(), region) {
		return noRegion(region)
	}
	s.faults.set(fault{region: region, method: Card, fails: s.opts.FailureShare})
	return nil
}

// Slow makes payment slow in one region until Heal.
func (s *Shop) Slow(region string) error {
	if !slices.Contains(Regions(), region) {
		return noRegion(region)
	}
	s.faults.set(fault{region: region, delay: s.opts.SlowBy})
	return nil
}

// Heal ends every fault.
func (s *Shop) Heal() { s.faults.set(fault{}) }

// Deploy replaces checkout in one region by the next version, as a rollout does: the new one
// serves before the old one ends. It returns the version. The shop must be Ready.
func (s *Shop) Deploy(ctx context.Context, region string) (string, error) {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	c := s.checkouts[region]
	if c == nil {
		return "", noRegion(region)
	}
	s.deploys++
	version := fmt.Sprintf("1.%d.0", 4+s.deploys)
	old := c.running
	if err := s.roll(ctx, c, region, version); err != nil {
		return "", fmt.Errorf("deploy checkout %s in %s: %w", version, region, err)
	}
	s.opened = slices.DeleteFunc(s.opened, func(o *service) bool { return o == old })
	old.stop(ctx)
	return version, nil
}

// roll starts a version of checkout and leads the storefront to it. The caller holds deploying.
func (s *Shop) roll(ctx context.Context, c *checkout, region, version string) error {
	svc, err := startService(ctx, identity{Checkout, region, version}, s.opts, checkoutRoutes(c.payment))
	if err != nil {
		return err
	}
	s.opened = append(s.opened, svc)
	c.running = svc
	c.url.Store(&svc.url)
	return nil
}

// open starts the three services of one region, the innermost first.
func (s *Shop) open(ctx context.Context, region string) error {
	s.deploying.Lock()
	defer s.deploying.Unlock()
	start := func(name string, routes routesFunc) (string, error) {
		svc, err := startService(ctx, identity{name, region, Version}, s.opts, routes)
		if err != nil {
			return "", fmt.Errorf("start %s: %w", name, err)
		}
		s.opened = append(s.opened, svc)
		return svc.url, nil
	}
	pay, err := start(Payment, paymentRoutes(region, s.faults))
	if err != nil {
		return err
	}
	c := &checkout{payment: pay}
	s.checkouts[region] = c
	if err := s.roll(ctx, c, region, Version); err != nil {
		return fmt.Errorf("start %s: %w", Checkout, err)
	}
	s.fronts[region], err = start(Storefront, storefrontRoutes(&c.url))
	return err
}
