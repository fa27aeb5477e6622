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
		Store: p.state, World: p.silenceable, Changed: p.router.SetSilences, Limits: silences.DefaultLimits(),
		Now: time.Now, NewID: uuid.NewString, Logger: p.log("silences"), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.silences = keeper
	return keeper.Open(ctx)
}

// silenceable is what there is for silences to keep quiet.
func (p *parts) silenceable(ctx context.Context, since time.Time) (silences.World, error) {
	told, err := p.state.Told(ctx, since)
	if err != nil {
		return silences.World{}, err
	}
	return silences.World{Definitions: p.engine.Definitions(), Statuses: p.engine.Statuses(), Incidents: told}, nil
}
