package alerting

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"burnline/slo"
)

// ActionChange tells of a change, which is no incident and notifies nobody; only integrations that
// keep changes are sent it.
const ActionChange Action = "change"

// ActionReport tells of a report, which is no incident: integrations that keep incidents are not
// sent it.
const ActionReport Action = "report"

// Report is a report in the forms that receivers take.
type Report struct {
	// HTML is a page that needs nothing else, for mails.
	HTML string `json:"html"`
	// JSON is what the API answers, for programs; empty where it is too large to be sent.
	JSON json.RawMessage `json:"json,omitempty"`
}

// ClassReport is the class of messages that tell of a report.
const ClassReport = "report"

// ClassChange is the class of messages that tell of a change.
const ClassChange = "change"

// ChangeStore commits news of changes as rows of the outbox. storage/state implements it.
type ChangeStore interface {
	// TellChange writes a row for each target. Rows of changes that have ended for a day go
	// with it.
	TellChange(ctx context.Context, targets []Target, m Message, now time.Time) error
}

// Receivers returns who would be told of a page of an SLO by the configuration in force: the
// ways of its routes, whatever keeps messages quiet.
func (r *Router) Receivers(d *slo.Definition) []string {
	r.changing.RLock()
	defer r.changing.RUnlock()
	in := slo.Incident{SLO: d.ID, Severity: slo.Page, Team: d.Team}
	v := r.view()
	var names []string
	for _, f := range route(v, passage{t: slo.Transition{Kind: slo.IncidentOpened, Incident: in, Definition: d}, labels: Labels(in, d)}).forks {
		if f.decision.Fate == FateSend && !slices.Contains(names, f.receiver) {
			names = append(names, f.receiver)
		}
	}
	return names
}

// ChangeText is what there is to tell of a change of a team's.
func ChangeText(c slo.ChangeEvent, team string) Message {
	f := factSheet{}
	f.add("kind", string(c.Kind))
	f.add("service", inline(c.Service))
	f.add("version", inline(c.Version))
	f.add("by", inline(c.By))
	for _, name := range slices.Sorted(maps.Keys(c.Labels)) {
		f.add(inline(name), inline(c.Labels[name]))
	}
	f.add("id", c.ID)
	summary := changeTitle(slo.NearChange{Change: c}) + "."
	if c.Kind == slo.ChangeFlag || c.Kind == slo.ChangeConfig {
		summary = capital(summary) // others begin with a name, which stays as it is written
	}
	m := Message{
		Summary: summary, Severity: slo.Ticket, Source: orElse(inline(c.Service), "burnline"), Component: string(c.Kind),
		Class: ClassChange, Time: c.At, Details: f, Labels: slo.NewLabels("team", team, "service", c.Service),
	}
	if IsWeb(c.Link) {
		m.Links = []Link{{"Change", c.Link}}
	}
	return m
}
