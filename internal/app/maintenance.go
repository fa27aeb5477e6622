package app

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"burnline/alerting/maintenance"
)

// buildMaintenance makes what starts and stops maintenances, for which silences and corrections have to be
// there.
func (p *parts) buildMaintenance(context.Context, *teardown) error {
	keeper, err := maintenance.New(maintenance.Options{
		Store: p.state, Silence: p.silences.Prepare, Definitions: p.engine.Definitions,
		Changed: func(ctx context.Context) error { return errors.Join(p.book.refresh(ctx), p.silences.Open(ctx)) },
		Now:     time.Now, NewID: maintenanceID, Logger: p.log("maintenance"),
	})
	p.maintenance = keeper
	return err
}

// maintenanceID makes an ID that says when the maintenance was entered.
func maintenanceID() string {
	return time.Now().UTC().Format("maintenance-20060102-150405-") + strings.ToLower(rand.Text()[:6])
}
