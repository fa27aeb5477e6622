package alerting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"burnline/slo"
)

// alertPrefix stands before the name of an alert where an incident names its SLO.
const alertPrefix = "alert/"

// nameLabel is the label that carries an alert's name.
const nameLabel = "alertname"

// external is what a router knows of the open incidents that rest on outside
// alerts: alerts are told again and again, and most of that is no news.
type external struct {
	mu sync.Mutex
	// open is by fingerprint; nil until it was read from the store.
	open map[string]slo.Incident
}

// Alerts takes alerts of rules and of other systems: one that fires (EndsAt is zero, or
// lies ahead) opens an incident, unless one is open for the same labels; one that has
// ended closes it. Telling the same again changes nothing, so a sender that
// is not sure may repeat everything. The severity is that of the label severity:
// page and critical page, everything else is a ticket.
//
// Each alert is committed by itself, as Commit does; the error joins those of
// the alerts that were not, which have to be sent again.
func (r *Router) Alerts(ctx context.Context, alerts []slo.Alert) error {
	return r.withAlerts(ctx, func(now time.Time) (errs []error) {
		for i := range alerts {
			errs = append(errs, r.takeAlert(ctx, &alerts[i], now))
		}
		return errs
	})
}

// EndAbsent closes every open incident of the origin whose alert is not present any
// more, by its labels: their rule was removed, or they ended while nobody
// looked. Call it only when it is certain that everything that fires is present.
func (r *Router) EndAbsent(ctx context.Context, origin string, present func(slo.Labels) bool) error {
	return r.withAlerts(ctx, func(now time.Time) (errs []error) {
		for print, inc := range r.external.open {
			if inc.Origin == origin && !present(alertLabels(inc)) {
				errs = append(errs, r.endAlert(ctx, print, inc, now, nil, "nothing raises this alert any more"))
			}
		}
		return errs
	})
}

// withAlerts does something with the open incidents of alerts while nobody else does, and joins its errors.
func (r *Router) withAlerts(ctx context.Context, do func(now time.Time) []error) error {
	r.external.mu.Lock()
	defer r.external.mu.Unlock()
	if err := r.recall(ctx); err != nil {
		return err
	}
	return errors.Join(do(r.now())...)
}

// recall reads once from the store which incidents of alerts are open.
func (r *Router) recall(ctx context.Context) error {
	if r.external.open != nil {
		return nil
	}
	all, err := r.store.OpenIncidents(ctx)
	if err != nil {
		return fmt.Errorf("read the open incidents of alerts: %w", err)
	}
	open := map[string]slo.Incident{}
	for _, inc := range all {
		if outside(inc) {
			open[fingerprint(alertLabels(inc))] = inc
		}
	}
	r.external.open = open
	return nil
}

func (r *Router) takeAlert(ctx context.Context, a *slo.Alert, now time.Time) error {
	if a.Labels.Get(nameLabel) == "" {
		return errors.New("take an alert: it has no label alertname")
	}
	print := fingerprint(a.Labels)
	inc, open := r.external.open[print]
	fires := a.EndsAt.IsZero() || a.EndsAt.After(now)
	switch {
	case fires && !open:
		return r.openAlert(ctx, print, a, now)
	case !fires && open:
		return r.endAlert(ctx, print, inc, a.EndsAt, a, "the alert is resolved")
	}
	return nil
}

func (r *Router) openAlert(ctx context.Context, print string, a *slo.Alert, now time.Time) error {
	group := a.Labels.Without(nameLabel)
	started := a.StartsAt
	if started.IsZero() || started.After(now) {
		started = now
	}
	inc := slo.Incident{
		Key: alertKey(print, started), SLO: alertPrefix + a.Labels.Get(nameLabel), Severity: alertSeverity(a.Labels),
		Team: a.Labels.Get("team"), Cause: slo.CauseAlert, Origin: a.Origin, Group: group, Groups: []slo.Labels{group},
		Started: started, Opened: now, EpisodeStarted: started, Number: 1,
	}
	inc.Episode = inc.Key
	copied := *a
	err := r.Commit(ctx, slo.Transition{Kind: slo.IncidentOpened, Incident: inc, At: now, Reason: "an alert fires", Alert: &copied})
	if err == nil {
		r.external.open[print] = inc
	}
	return err
}

func (r *Router) endAlert(ctx context.Context, print string, inc slo.Incident, at time.Time, a *slo.Alert, reason string) error {
	if at.Before(inc.Opened) { // by the clock of another host
		at = inc.Opened
	}
	inc.Closed = at
	ending := slo.EndingRecovered
	if a == nil {
		ending = slo.EndingRemoved
	}
	err := r.Commit(ctx, slo.Transition{Kind: slo.IncidentClosed, Incident: inc, At: at, Reason: reason, Ending: ending, Alert: a})
	if err == nil {
		delete(r.external.open, print)
	}
	return err
}

// outside reports whether the incident rests on an outside alert.
func outside(in slo.Incident) bool { return in.Cause == slo.CauseAlert }

// alertName is the name of the alert that an incident rests on.
func alertName(in slo.Incident) string { return strings.TrimPrefix(in.SLO, alertPrefix) }

// alertLabels are those of the alert that an incident rests on.
func alertLabels(in slo.Incident) slo.Labels { return in.Group.With(nameLabel, alertName(in)) }

// fingerprint is the same for the same labels.
func fingerprint(labels slo.Labels) string { return labels.String() }

// alertKey is the deduplication key of an alert that began to fire at a moment.
func alertKey(print string, started time.Time) string {
	h := sha256.Sum256(fmt.Appendf(nil, "alert\x00%s\x00%d", print, started.UnixMilli()))
	return hex.EncodeToString(h[:])
}

// alertSeverity reads the severity that a rule's author gave, in the words that
// Prometheus' users have for it.
func alertSeverity(labels slo.Labels) slo.Severity {
	switch strings.ToLower(labels.Get("severity")) {
	case "page", "critical":
		return slo.Page
	}
	return slo.Ticket
}
