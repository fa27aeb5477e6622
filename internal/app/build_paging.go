package app

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"burnline/alerting"
	"burnline/rules/runner"
	"burnline/slo"
	"burnline/storage/state"
)

func (p *parts) buildPaging(ctx context.Context, _ *teardown) error {
	set := p.set.Load()
	if err := set.buildSenders(p.externalURL()); err != nil { // the address is known only now
		return err
	}
	p.senders.current.Store(&set.senders)
	deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{
		Store: p.state, Senders: p.sender, Shadow: p.shadow, Now: time.Now,
		Backlog: func(ctx context.Context, waiting []alerting.Backlog) error { return p.router.Backlog(ctx, waiting) },
		Logger:  p.log("delivery"), Registerer: p.registry,
	})
	if err != nil {
		return fmt.Errorf("build the deliverer: %w", err)
	}
	router, err := alerting.NewRouter(alerting.Options{
		Store: p.state, Alerts: p.state, Config: set.alerting,
		ExternalURL: p.externalURL(), Now: time.Now, Wake: deliverer.Wake, Statuses: p.statuses,
		Evidence: p.evidence, Sight: p.sight,
		Logger: p.log("router"), Registerer: p.registry,
	})
	if err != nil {
		return fmt.Errorf("build the router: %w", err)
	}
	p.deliverer, p.router = deliverer, router
	p.state.Follow(router.StoreChanged, func() state.Ending { return router.Endings() })
	if err := p.buildHeart(); err != nil {
		return err
	}
	if err := p.buildDrills(); err != nil {
		return err
	}
	if err := p.buildSilences(ctx); err != nil {
		return fmt.Errorf("read the silences: %w", err)
	}
	// A start is a change of configuration too: what was refused, or told to
	// nobody, may have somewhere to go now.
	return router.Reload(ctx, set.alerting)
}

// statuses returns what the engine knows of an SLO now; nothing before it is built.
func (p *parts) statuses(id string) []slo.Status {
	if p.engine == nil {
		return nil
	}
	return p.engine.Status(id)
}

// remembered returns every open incident, and those that closed so recently that
// a further one may belong to the same episode.
func (p *parts) remembered(ctx context.Context) ([]slo.Incident, error) {
	incidents, err := p.state.OpenIncidents(ctx)
	if err != nil {
		return nil, fmt.Errorf("read open incidents: %w", err)
	}
	longest := time.Duration(0)
	for _, d := range p.set.Load().Definitions {
		for _, policy := range d.Policies {
			longest = max(longest, policy.Long)
		}
	}
	recent, err := p.state.Incidents(ctx, alerting.Filter{From: time.Now().Add(-longest), Limit: mostRemembered})
	if err != nil {
		return nil, fmt.Errorf("read recent incidents: %w", err)
	}
	for _, r := range recent {
		if !r.Incident.Closed.IsZero() {
			incidents = append(incidents, r.Incident)
		}
	}
	return incidents, nil
}

// buildRules makes what runs users' own rule files.
func (p *parts) buildRules(_ context.Context, _ *teardown) error {
	external, err := url.Parse(p.externalURL())
	if err != nil {
		return fmt.Errorf("read the external address: %w", err)
	}
	p.rules, err = runner.New(runner.Options{
		Store: p.metrics, Router: p.router, ExternalURL: external, Now: time.Now,
		Logger: p.log("rules"), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	return p.rules.Update(p.set.Load().rules)
}
