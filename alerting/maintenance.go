package alerting

import (
	"context"
	"time"

	"burnline/slo"
)

// Scope says whom a maintenance concerns, as that of a correction does: names, in which * stands
// for any text without a slash. What is given has to match all together; at least one is given.
type Scope struct {
	SLOs     []string `json:"slos,omitempty"`
	Services []string `json:"services,omitempty"`
	Teams    []string `json:"teams,omitempty"`
	Journeys []string `json:"journeys,omitempty"`
}

// Concerns reports whether the SLO is one of those.
func (s Scope) Concerns(d *slo.Definition) bool {
	c := slo.Correction{SLOs: s.SLOs, Services: s.Services, Teams: s.Teams, Journeys: s.Journeys}
	return c.Applies(d)
}

// Maintenance is planned work.
type Maintenance struct {
	ID string `json:"id"`
	// Title is what customers read; Reason, which they never do, is for the team.
	Title  string `json:"title"`
	Reason string `json:"reason"`
	Scope
	// From and To bound it; the end is not part of it. One that was stopped ends when that was,
	// or where it had not begun, when it would have begun. Planned is when it was to end.
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Planned time.Time `json:"planned_to"`
	// By entered it at Created, and StoppedBy stopped it at Stopped; "" and zero where nobody did.
	By        string    `json:"by"`
	Created   time.Time `json:"created"`
	Stopped   time.Time `json:"stopped,omitzero"`
	StoppedBy string    `json:"stopped_by,omitempty"`
	// Correction and Silence are the IDs of what was made for it.
	Correction string `json:"correction"`
	Silence    string `json:"silence"`
}

// MaintenanceState is where a maintenance stands at a moment.
type MaintenanceState string

// The states of maintenances. One that is cancelled was stopped before it began.
const (
	MaintenancePlanned   MaintenanceState = "planned"
	MaintenanceRunning   MaintenanceState = "running"
	MaintenanceOver      MaintenanceState = "over"
	MaintenanceCancelled MaintenanceState = "cancelled"
)

// State returns where the maintenance stands at a moment.
func (m *Maintenance) State(at time.Time) MaintenanceState {
	switch {
	case !m.Stopped.IsZero() && !m.To.After(m.From):
		return MaintenanceCancelled
	case at.Before(m.From):
		return MaintenancePlanned
	case at.Before(m.To):
		return MaintenanceRunning
	}
	return MaintenanceOver
}

// MaintenanceParts are a maintenance with what was made for it. Correction and Silence are nil where they
// are gone.
type MaintenanceParts struct {
	Maintenance
	Correction *slo.Correction
	Silence    *Silence
}

// MaintenanceStore keeps maintenances for good. storage/state implements it.
type MaintenanceStore interface {
	// EditMaintenance shows edit what stands under the ID, which is nil where nothing does, and
	// writes what it returns with its correction and silence, all in one transaction that is
	// safe on disk when EditMaintenance returns nil. A new one whose correction has the ID of
	// another fails with corrections.ErrTaken. An error of edit changes nothing and is returned. Edits of one
	// ID take turns. Edit must be pure: it may be asked again.
	EditMaintenance(ctx context.Context, id string, edit func(*MaintenanceParts) (MaintenanceParts, error)) error
	// Maintenances returns those that end after a moment, the last to begin first.
	Maintenances(ctx context.Context, since time.Time) ([]Maintenance, error)
}
