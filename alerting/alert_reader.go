package alerting

import (
	"context"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/slo"
)

// AlertView is an outside alert as it stands, with what became of it.
type AlertView struct {
	AlertStatus
	// Origin is who raised it: OriginRules or OriginAPI.
	Origin string
	// Updated is when it was last written; Expires is when it ends unless it is
	// sent again, zero for never.
	Updated, Expires time.Time
	// Reason says how it ended, once it has.
	Reason string
	// Places are the groups that it is in: those that are open, or that an
	// AlertFilter names.
	Places []AlertPlace
}

// AlertPlace is what became of an alert in one group.
type AlertPlace struct {
	// Receiver is who is told of the group, Key the incident that the group is, and
	// Group the labels that its alerts share.
	Receiver string
	Key      string
	Group    slo.Labels
	// Starts and Ended bound the alert in this group; Ended is zero while it fires.
	Starts, Ended time.Time
	// Decision is what the stages of the router decided for it.
	Decision Decision
	// Told is when the group was last told, zero for never; Flush is when what
	// happened since will be.
	Told, Flush time.Time
}

// Fate is what became of the alert, in words.
func (p AlertPlace) Fate() string {
	switch {
	case p.Decision.Fate != FateSend:
		return p.Decision.Reason
	case p.Told.IsZero():
		return "not told yet"
	case p.Decision.At.After(p.Told):
		return "in the incident's next update"
	}
	return "told"
}

// SilencedBy returns the IDs of the silences that keep the alert quiet, each once.
func (v AlertView) SilencedBy() []string { return v.by(FateSilenced) }

// InhibitedBy returns the IDs of what inhibits the alert: incidents and alerts.
func (v AlertView) InhibitedBy() []string { return v.by(FateInhibited) }

// MutedBy returns the names of the time intervals that keep the alert quiet.
func (v AlertView) MutedBy() []string { return v.by(FateMuted) }

func (v AlertView) by(fate Fate) []string {
	var ids []string
	seen := map[string]bool{}
	for _, p := range v.Places {
		if p.Decision.Fate == fate && !seen[p.Decision.By] {
			seen[p.Decision.By] = true
			ids = append(ids, p.Decision.By)
		}
	}
	return ids
}

// AlertGroupView is a group of outside alerts with its alerts.
type AlertGroupView struct {
	AlertGroup
	Alerts []AlertView
}

// AlertFilter narrows a list of outside alerts; zero fields do not.
type AlertFilter struct {
	// Incident is the key of an incident: the alerts are those that were ever in
	// it, also after they ended. Without it only alerts that fire are listed.
	Incident string
	// Matchers must all match the alert's labels.
	Matchers labels.Matchers
	// Receiver is asked for each place of an alert; the others are left out, and
	// an alert without a place is.
	Receiver func(name string) bool
	// Offset leaves out as many of the first, and Limit is the most to return; 0 is
	// no limit.
	Offset, Limit int
}

// AlertReader reads what became of outside alerts. storage/state implements it.
type AlertReader interface {
	// ListAlerts returns matching alerts, oldest first; those of an incident with those
	// that fire first, and the newest of these first.
	ListAlerts(ctx context.Context, f AlertFilter) ([]AlertView, error)
	// ListAlertGroups returns the open groups with the alerts that match, in order
	// of receiver and labels; a group without a matching alert is left out. Limit and
	// Offset count groups, and Incident may name one that has closed.
	ListAlertGroups(ctx context.Context, f AlertFilter) ([]AlertGroupView, error)
}
