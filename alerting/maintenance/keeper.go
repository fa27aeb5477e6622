package maintenance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/slo"
)

// Options are what a Keeper needs.
type Options struct {
	// Store is required.
	Store alerting.MaintenanceStore
	// Silence checks a new silence and returns it as it is to be kept; see silences.Keeper.Prepare. Required.
	Silence func(ctx context.Context, r silences.Request) (alerting.Silence, error)
	// Definitions returns the SLOs that there are. Required.
	Definitions func() []*slo.Definition
	// Changed puts in force what was written of corrections and silences; its error is logged. Required.
	Changed func(ctx context.Context) error
	// Now is the clock, and NewID makes an ID that a correction may have. Both are required.
	Now   func() time.Time
	NewID func() string
	// Logger may be nil.
	Logger *slog.Logger
}

// Keeper starts and stops maintenances. It is safe for concurrent use.
type Keeper struct{ o Options }

// New returns a keeper, or what is missing in its options. It starts nothing.
func New(o Options) (*Keeper, error) {
	if o.Store == nil || o.Silence == nil || o.Definitions == nil || o.Changed == nil || o.Now == nil || o.NewID == nil {
		return nil, errors.New("maintenance: a keeper needs Store, Silence, Definitions, Changed, Now and NewID")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Keeper{o}, nil
}

// Start makes a maintenance with its correction and its silence: all of it is safe on disk and in
// force when Start returns nil, and nothing of it is where it fails. The error is slo.Problems where
// the request breaks the rules, a *silences.TooWide where it has to be confirmed, and another one
// where the store fails.
func (k *Keeper) Start(ctx context.Context, r Request) (alerting.Maintenance, error) {
	now := k.o.Now().UTC()
	if r.From.IsZero() {
		r.From = now
	}
	found := r.check(now)
	if !r.Confirmed {
		strangers(r.Scope, k.o.Definitions(), &found)
	}
	id := k.o.NewID()
	c, err := r.correction(id, now)
	if err := merge(&found, err); err != nil {
		return alerting.Maintenance{}, err
	}
	one, err := k.o.Silence(ctx, r.silence())
	if err := merge(&found, err); err != nil && len(found) == 0 {
		return alerting.Maintenance{}, err
	}
	if len(found) > 0 {
		return alerting.Maintenance{}, found
	}
	m := alerting.Maintenance{
		ID: id, Title: r.Title, Reason: r.Reason, Scope: r.Scope, From: c.From, To: c.To, Planned: c.To,
		By: r.By, Created: now, Correction: c.ID, Silence: one.ID,
	}
	err = k.o.Store.EditMaintenance(ctx, id, func(old *alerting.MaintenanceParts) (alerting.MaintenanceParts, error) {
		if old != nil {
			return alerting.MaintenanceParts{}, fmt.Errorf("start maintenance %s: another one has this ID", id)
		}
		return alerting.MaintenanceParts{Maintenance: m, Correction: &c, Silence: &one}, nil
	})
	if err != nil {
		return alerting.Maintenance{}, err
	}
	k.o.Logger.Info("maintenance is in force", "id", id, "from", m.From, "to", m.To, "by", m.By)
	k.announce(ctx)
	return m, nil
}

// Stop ends a maintenance now, with its correction and its silence; one that has not begun never
// does. What is over of it stays out of the budgets. The error is slo.Problems where by is nobody's name, ErrUnknown where
// there is none, ErrOver where it ended before, and another one where the store fails.
func (k *Keeper) Stop(ctx context.Context, id, by string) (alerting.Maintenance, error) {
	var found slo.Problems
	if found.Text("by", "write who stops it", by); len(found) > 0 {
		return alerting.Maintenance{}, found
	}
	now := k.o.Now().UTC()
	var done alerting.Maintenance
	err := k.o.Store.EditMaintenance(ctx, id, func(old *alerting.MaintenanceParts) (alerting.MaintenanceParts, error) {
		if old == nil {
			return alerting.MaintenanceParts{}, fmt.Errorf("stop maintenance %s: %w", id, ErrUnknown)
		}
		if s := old.State(now); s == alerting.MaintenanceOver || s == alerting.MaintenanceCancelled {
			return alerting.MaintenanceParts{}, fmt.Errorf("stop maintenance %s: %w since %s", id, ErrOver, old.To.Format("2006-01-02 15:04 MST"))
		}
		ended := stopped(*old, now, by)
		done = ended.Maintenance
		return ended, nil
	})
	if err != nil {
		return alerting.Maintenance{}, err
	}
	k.o.Logger.Info("maintenance is over", "id", id, "by", by)
	k.announce(ctx)
	return done, nil
}

// announce puts in force what was committed; where that fails the next look at the store does.
func (k *Keeper) announce(ctx context.Context) {
	if err := k.o.Changed(context.WithoutCancel(ctx)); err != nil {
		k.o.Logger.Warn("a maintenance is in force a moment later", "error", err)
	}
}

// List returns the maintenances that are planned or running, and those that ended after a
// moment; the last to begin first.
func (k *Keeper) List(ctx context.Context, since time.Time) ([]alerting.Maintenance, error) {
	return k.o.Store.Maintenances(ctx, since)
}
