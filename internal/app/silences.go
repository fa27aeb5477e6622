package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"burnline/alerting/silences"
)

// buildSilences puts the silences in force that there are, before anybody is told of
// anything.
func (p *parts) buildSilences(ctx context.Context) error {
	keeper, err := silences.New(silences.Options{
		Store: p.state, World: p.silenceable, Changed: p.router.SetSilences, Limits: p.silenceLimits,
		Now: time.Now, NewID: uuid.NewString, Logger: p.log("silences"), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.silences = keeper
	return keeper.Open(ctx)
}

// silenceLimits are those of the configuration in force.
func (p *parts) silenceLimits() silences.Limits {
	return p.set.Load().Config.Alerting.Silences.Limits()
}

// silenceable is what there is for silences to keep quiet.
func (p *parts) silenceable(ctx context.Context, since time.Time) (silences.World, error) {
	told, err := p.state.Told(ctx, since)
	if err != nil {
		return silences.World{}, err
	}
	world := silences.World{Definitions: p.engine.Definitions(), Statuses: p.engine.Statuses(), Incidents: told}
	for after := int64(0); ; {
		some, err := p.state.FiringAlerts(ctx, "", after, alertsAtOnce)
		if err != nil {
			return silences.World{}, err
		}
		for _, a := range some {
			world.Alerts, after = append(world.Alerts, a.Labels), a.ID
		}
		if len(some) < alertsAtOnce {
			return world, nil
		}
	}
}

// alertsAtOnce is how many alerts are read at once.
const alertsAtOnce = 5000
