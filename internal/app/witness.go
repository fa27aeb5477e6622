package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
	"burnline/slo/report"
)

// mostReported bounds the incidents of one report.
const mostReported = 20_000

// witness tells reports of incidents, as the review of a week does: who was told and when, who took it,
// and what people thought of it afterwards.
type witness struct {
	ledger interface {
		Incidents(ctx context.Context, f alerting.Filter) ([]alerting.Record, error)
	}
	reviews interface {
		Of(ctx context.Context, keys ...string) (map[string]reviews.Review, error)
	}
	night reviews.Night
	zones reviews.Zones
	log   *slog.Logger
}

// incidents returns those that were open in (from, to], without drills. It fails where the verdicts of people
// can't be read: a report that knows of none would say that nothing was noise.
func (w witness) incidents(ctx context.Context, from, to time.Time) ([]report.Incident, error) {
	// A ledger leaves out what opens at the end, and a period ends with what happens then.
	records, err := w.ledger.Incidents(ctx, alerting.Filter{From: from, To: to.Add(time.Nanosecond), Limit: mostReported + 1})
	if err != nil {
		return nil, fmt.Errorf("read the incidents: %w", err)
	}
	if len(records) > mostReported {
		records = records[:mostReported]
		w.log.Warn("a report leaves out the oldest incidents of its time, since there are too many", "kept", mostReported, "from", from, "to", to)
	}
	keys := make([]string, len(records))
	for i := range records {
		keys[i] = records[i].Incident.Key
	}
	written, err := w.reviews.Of(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("read what people think of the incidents: %w", err)
	}
	var all []report.Incident
	for i := range records {
		if r := &records[i]; !alerting.Drilled(r.Incident.SLO) {
			all = append(all, w.tell(r, written[r.Incident.Key]))
		}
	}
	return all, nil
}

// tell is one incident as reports see it.
func (w witness) tell(r *alerting.Record, written reviews.Review) report.Incident {
	in, t := &r.Incident, reviews.TimesOf(*r)
	out := report.Incident{
		Key: in.Key, Title: r.Title, SLO: in.SLO, SLOs: in.SLOs, Team: in.Team, Severity: in.Severity, Started: in.Started, Opened: in.Opened, Closed: in.Closed,
		Told: !t.Told.IsZero(), Acknowledged: t.Acknowledged, Noise: written.Noise(),
	}
	out.Night = out.Told && in.Severity == slo.Page && w.night.Wakes(in.Team, w.zones, t.Told)
	if e := r.Newest.Evidence; e != nil && e.Impact != nil && e.Impact.Customers != nil {
		out.Customers = e.Impact.Customers.Hurt
	}
	return out
}
