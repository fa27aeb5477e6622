package amapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/models"

	"burnline/alerting"
	"burnline/slo"
)

// shown says which alerts a request wants to see.
type shown struct {
	filter                                   alerting.AlertFilter
	active, silenced, inhibited, unprocessed bool
	muted                                    bool
}

func shownBy(q url.Values) (s shown, err error) {
	if s.filter.Matchers, err = matchersOf(q); err != nil {
		return s, err
	}
	if s.filter.Receiver, err = receiverOf(q); err != nil {
		return s, err
	}
	wanted, err := flags(q, "active", "silenced", "inhibited", "unprocessed", "muted")
	if err != nil {
		return s, err
	}
	s.active, s.silenced, s.inhibited, s.unprocessed, s.muted = wanted[0], wanted[1], wanted[2], wanted[3], wanted[4]
	return s, nil
}

// keeps reports whether an alert of this status is asked for.
func (s *shown) keeps(status *models.AlertStatus) bool {
	switch *status.State {
	case models.AlertStatusStateActive:
		return s.active
	case models.AlertStatusStateUnprocessed:
		return s.unprocessed
	}
	return (s.silenced || len(status.SilencedBy) == 0) && (s.inhibited || len(status.InhibitedBy) == 0) && (s.muted || len(status.MutedBy) == 0)
}

// listAlerts lists the alerts that fire, in order of fingerprint.
func (h *handler) listAlerts(r *http.Request) (any, error) {
	s, err := shownBy(r.URL.Query())
	if err != nil {
		return nil, err
	}
	views, err := h.o.Reader.ListAlerts(r.Context(), s.filter)
	if err != nil {
		return nil, err
	}
	quiet, err := h.quiet(r.Context())
	if err != nil {
		return nil, err
	}
	out := models.GettableAlerts{}
	for i := range views {
		if a := h.alert(&views[i], quiet); s.keeps(a.Status) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *models.GettableAlert) int { return strings.Compare(*a.Fingerprint, *b.Fingerprint) })
	return out, nil
}

// listGroups lists the groups that are open with their alerts.
func (h *handler) listGroups(r *http.Request) (any, error) {
	s, err := shownBy(r.URL.Query())
	if err != nil {
		return nil, err
	}
	groups, err := h.o.Reader.ListAlertGroups(r.Context(), s.filter)
	if err != nil {
		return nil, err
	}
	quiet, err := h.quiet(r.Context())
	if err != nil {
		return nil, err
	}
	out := models.AlertGroups{}
	for i := range groups {
		g := &groups[i]
		one := &models.AlertGroup{
			Receiver: &models.ReceiverReference{Name: &g.Receiver}, Labels: labelSet(g.Labels), RouteLabels: models.LabelSet{},
			Alerts: []*models.GettableAlert{},
		}
		for j := range g.Alerts {
			if a := h.alert(&g.Alerts[j], quiet); s.keeps(a.Status) {
				one.Alerts = append(one.Alerts, a)
			}
		}
		if len(one.Alerts) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// alert writes an alert as Alertmanager does.
func (h *handler) alert(v *alerting.AlertView, quiet []alerting.Silence) *models.GettableAlert {
	ends := v.EndsAt
	switch {
	case !ends.IsZero():
	case !v.Expires.IsZero():
		ends = v.Expires
	default:
		ends = h.o.Now().Add(neverExpires) // Alertmanager knows no alert without an end
	}
	startsAt, endsAt, updatedAt := strfmt.DateTime(v.StartsAt), strfmt.DateTime(ends), strfmt.DateTime(v.Updated)
	out := &models.GettableAlert{
		Annotations: models.LabelSet{}, StartsAt: &startsAt, EndsAt: &endsAt, UpdatedAt: &updatedAt,
		Fingerprint: &v.Fingerprint, Receivers: []*models.ReceiverReference{}, Status: statusOfAlert(v, quiet),
	}
	out.Labels, out.GeneratorURL = labelSet(v.Labels), strfmt.URI(v.GeneratorURL)
	for name, value := range v.Annotations {
		out.Annotations[name] = value
	}
	var named []string
	for _, p := range v.Places {
		if !slices.Contains(named, p.Receiver) {
			named = append(named, p.Receiver)
		}
	}
	for i := range named {
		out.Receivers = append(out.Receivers, &models.ReceiverReference{Name: &named[i]})
	}
	return out
}

// neverExpires is how far ahead the end of an alert is shown that has none.
const neverExpires = 5 * time.Minute

// quiet are the silences that hold now.
func (h *handler) quiet(ctx context.Context) ([]alerting.Silence, error) {
	all, err := h.o.Silences.List(ctx)
	now := h.o.Now()
	return slices.DeleteFunc(slices.Clone(all), func(s alerting.Silence) bool { return s.State(now) != alerting.SilenceActive }), err
}

// silencedBy are the silences that keep the alert quiet: those that did when it was looked at last, and those that
// match it now, also where there is nobody who could be told of it.
func silencedBy(v *alerting.AlertView, quiet []alerting.Silence) []string {
	ids := some(v.SilencedBy())
	for i := range quiet {
		if !slices.Contains(ids, quiet[i].ID) && quiet[i].Matches(v.Labels) {
			ids = append(ids, quiet[i].ID)
		}
	}
	return ids
}

// statusOfAlert says what keeps the alert quiet, if anything does.
func statusOfAlert(v *alerting.AlertView, quiet []alerting.Silence) *models.AlertStatus {
	s := &models.AlertStatus{SilencedBy: silencedBy(v, quiet), InhibitedBy: some(v.InhibitedBy()), MutedBy: some(v.MutedBy())}
	state := models.AlertStatusStateActive
	switch {
	case len(s.SilencedBy)+len(s.InhibitedBy)+len(s.MutedBy) > 0:
		state = models.AlertStatusStateSuppressed
	case len(v.Places) == 0:
		state = models.AlertStatusStateUnprocessed
	}
	s.State = &state
	return s
}

// some is never nil: clients expect a list.
func some(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}

func labelSet(ls slo.Labels) models.LabelSet { return ls.Map() }
