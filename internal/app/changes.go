package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/changes"
)

// buildChanges makes what takes note of deploys, flags and new versions, before telemetry comes.
func (p *parts) buildChanges(ctx context.Context, _ *teardown) error {
	keeper, err := changes.New(changes.Options{
		Store: p.state, Changed: p.tellChange, Now: time.Now, NewID: uuid.NewString, Logger: p.log("changes"), Registerer: p.registry,
	})
	if err != nil {
		return fmt.Errorf("build the changes: %w", err)
	}
	p.changes = keeper
	return keeper.Open(ctx)
}

// tellChange tells integrations that keep changes, of those who would be told of pages of the
// service; what concerns all services is told to all.
func (p *parts) tellChange(ctx context.Context, c slo.ChangeEvent) error {
	set := p.set.Load()
	teams, told := map[string][]alerting.Target{}, map[alerting.Target]bool{}
	for i := range set.Definitions {
		d := &set.Definitions[i]
		if c.Service != "" && d.Service != c.Service {
			continue
		}
		for _, to := range p.changeTargets(set, p.router.Receivers(d)) {
			if !told[to] {
				told[to] = true
				teams[d.Team] = append(teams[d.Team], to)
			}
		}
	}
	for team, targets := range teams {
		if err := p.state.TellChange(ctx, targets, alerting.ChangeText(c, team), time.Now()); err != nil {
			return err
		}
	}
	p.deliverer.Wake()
	return nil
}

// changeTargets are the integrations of receivers that keep changes.
func (p *parts) changeTargets(set *settings, receivers []string) (targets []alerting.Target) {
	for _, r := range set.alerting.Receivers {
		if !slices.Contains(receivers, r.Name) {
			continue
		}
		for _, in := range r.Integrations {
			sender, ok := p.senders.lookup(r.Name, in.Name)
			if taker, takes := sender.(interface{ TakesChanges() bool }); ok && takes && taker.TakesChanges() {
				targets = append(targets, alerting.Target{Receiver: r.Name, Integration: in.Name})
			}
		}
	}
	return targets
}

// nearest are the changes that an incident may rest on, the most plausible first, from memory.
func (p *parts) nearest(in slo.Incident, d *slo.Definition, where *slo.Where) []slo.NearChange {
	if d == nil {
		return nil
	}
	return slo.NearestChanges(p.changes.Recent(), slo.ChangeQuery{
		Service: d.Service, DependsOn: p.dependencies(d), Start: in.Started, Where: where,
	})
}

// dependencies are the services that an SLO depends on, nearest first.
func (p *parts) dependencies(d *slo.Definition) []string {
	set := p.set.Load()
	var services []string
	for _, id := range set.alerting.DependsOn.Of(d.ID) {
		i := slices.IndexFunc(set.Definitions, func(other slo.Definition) bool { return other.ID == id })
		if i >= 0 && set.Definitions[i].Service != d.Service && !slices.Contains(services, set.Definitions[i].Service) {
			services = append(services, set.Definitions[i].Service)
		}
	}
	return services
}

// withChanges adds what changed before an incident to what is known of it.
func (p *parts) withChanges(e *slo.Evidence, t slo.Transition) *slo.Evidence {
	var where *slo.Where
	if e != nil {
		where = e.Where
	}
	near := p.nearest(t.Incident, t.Definition, where)
	if len(near) == 0 {
		return e
	}
	if e == nil {
		e = &slo.Evidence{AsOf: t.At}
	}
	e.Changes = near
	return e
}
