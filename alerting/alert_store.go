package alerting

import (
	"context"
	"time"

	"burnline/slo"
)

// OutsideAlert is an alert of a rule or of another system as the store keeps it: one
// per set of labels, whoever tells of it.
type OutsideAlert struct {
	// ID is the store's number; 0 for one that is not stored yet.
	ID int64
	// Print names the labels: their hash. It is the same for the same labels.
	Print string
	// Alert is what was told last. EndsAt is zero while it fires.
	slo.Alert
	// Expires is until when it fires without being sent again; zero is for good.
	Expires time.Time
	// Ending and Reason say how it ended, once it has.
	Ending slo.Ending
	Reason string
	// Updated is when it was last written.
	Updated time.Time
	// Members are its places in groups that are open.
	Members []*AlertMember
}

// Fires reports whether the alert has not ended.
func (a *OutsideAlert) Fires() bool { return a.EndsAt.IsZero() }

// Status is the alert in one stretch of firing, as receivers and API tell it.
func (a *OutsideAlert) Status(starts, ended time.Time) AlertStatus {
	s := AlertStatus{Status: AlertFiring, Labels: a.Labels, Annotations: a.Annotations, StartsAt: starts, EndsAt: ended,
		GeneratorURL: a.GeneratorURL, Fingerprint: Fingerprint(a.Labels)}
	if !ended.IsZero() {
		s.Status = AlertResolved
	}
	return s
}

// AlertMember is the place of an alert in a group.
type AlertMember struct {
	Alert *OutsideAlert
	// Group is the number of the group in the store. For a place in a group that is not
	// stored yet it is 0, and in points to the group.
	Group int64
	in    *AlertGroup
	// Starts and Ended bound the alert's last stretch in the group; Ended is zero
	// while it fires.
	Starts, Ended time.Time
	// Decision is what the stages of the router decided for it.
	Decision Decision
}

// GroupID is the number of the member's group once that is stored.
func (m *AlertMember) GroupID() int64 {
	if m.in != nil {
		return m.in.ID
	}
	return m.Group
}

// loud reports whether nothing keeps the alert quiet at the group's receiver.
func (m *AlertMember) loud() bool { return m.Decision.Fate == FateSend }

// AlertGroup is what outside alerts make an incident of: the alerts of one
// receiver, with the same group labels and severity. Its incident is open as long as one
// of its alerts fires.
type AlertGroup struct {
	// ID is the store's number; 0 for one that is not stored yet.
	ID int64
	// Key is the incident's.
	Key string
	// Identity is a hash of Receiver, Labels and Severity; of groups that are open
	// each has its own.
	Identity string
	Receiver string
	Labels   slo.Labels
	Severity slo.Severity
	// Started is when the first alert began to fire, Opened when the incident opened, and
	// Closed is zero while it is open.
	Started, Opened, Closed time.Time
	// Firing and Resolved count its alerts, Unproven those that ended without
	// proof since it opened.
	Firing, Resolved, Unproven int
	// News counts what happened in it that is to be told; a row of the outbox knows of how
	// much it told.
	News int64
	// Told is when it was last told, zero for never. Flush is when what happened
	// since is told; zero when nothing did.
	Told, Flush time.Time
}

// AlertStore keeps outside alerts and their groups. storage/state implements it.
type AlertStore interface {
	// AlertTx runs do in one transaction, which is durable after nil. A transaction that
	// loses against another one is run again, so do must only depend on what it
	// reads from it.
	AlertTx(ctx context.Context, now time.Time, do func(AlertTx) error) error
	// StoredAlerts returns those of the prints that are stored, by print, without
	// their members.
	StoredAlerts(ctx context.Context, prints []string) (map[string]*OutsideAlert, error)
	// FiringAlerts returns up to limit alerts that fire, of one origin or, with "", of
	// all, in order of ID and beginning after one.
	FiringAlerts(ctx context.Context, origin string, after int64, limit int) ([]*OutsideAlert, error)
	// DueAlerts returns the prints of up to limit alerts whose time to expire has come,
	// and the IDs of up to limit open groups that are to be told by now, or were told so far ahead of it
	// that the clock was set back.
	DueAlerts(ctx context.Context, now time.Time, limit int) (expired []string, flush []int64, err error)
}

// AlertTx is one transaction over outside alerts. Everything that it returns is locked
// until it ends.
type AlertTx interface {
	// Alerts returns those of the prints that are stored, by print, with their members in
	// open groups.
	Alerts(prints []string) (map[string]*OutsideAlert, error)
	// Groups returns the open groups that have one of the IDs or identities.
	Groups(ids []int64, identities []string) ([]*AlertGroup, error)
	// Members returns up to limit members of a group with their alerts: first those that
	// nothing keeps quiet, then those that fire, then the newest; 0 is no limit. They are
	// not locked.
	Members(group int64, limit int) ([]*AlertMember, error)
	// Save writes alerts, groups and members, and gives new alerts and groups their
	// IDs. A new group needs its incident first. Where another node was quicker
	// with one of them, the transaction is run again.
	Save(alerts []*OutsideAlert, groups []*AlertGroup, members []*AlertMember) error
	// Commit commits transitions of groups' incidents, each as Store.Commit does. What all of them touch is locked
	// before the first.
	Commit(...Change) error
}
