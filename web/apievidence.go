package web

import (
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/explain"
)

// evidenceJSON is whom an incident hurts, where and since which change; lengths of time are
// seconds.
type evidenceJSON struct {
	AsOf time.Time `json:"as_of"`
	// Live is true where it is kept up to date, and false where it is what was told last.
	Live     bool           `json:"live"`
	Impact   *impactJSON    `json:"impact"`
	Where    *explain.Where `json:"where"`
	Changes  []nearJSON     `json:"changes"`
	Examples []exampleJSON  `json:"examples"`
	Facts    []evidenceFact `json:"facts"`
}

// evidenceFact is one of the facts in words, as messages have them.
type evidenceFact = alerting.Detail

type impactJSON struct {
	Failed          float64        `json:"failed"`
	Total           float64        `json:"total"`
	EventsEstimated bool           `json:"events_estimated"`
	AtLeast         bool           `json:"at_least"`
	Customers       *customersJSON `json:"customers"`
	Regions         []slo.Part     `json:"regions"`
	Journeys        []slo.Part     `json:"journeys"`
	Cost            *slo.Cost      `json:"cost"`
}

type customersJSON struct {
	Hurt      float64 `json:"hurt"`
	Seen      float64 `json:"seen"`
	Attribute string  `json:"attribute"`
	Error     float64 `json:"error"`
	HurtExact bool    `json:"hurt_exact"`
	Unnamed   float64 `json:"unnamed"`
}

type nearJSON struct {
	ID      string         `json:"id"`
	Kind    slo.ChangeKind `json:"kind"`
	At      time.Time      `json:"at"`
	Service string         `json:"service"`
	Title   string         `json:"title"`
	Version string         `json:"version"`
	By      string         `json:"by"`
	Link    string         `json:"link"`
	Before  float64        `json:"before_seconds"`
	Reason  string         `json:"reason"`
}

type exampleJSON struct {
	Trace     string    `json:"trace"`
	Span      string    `json:"span"`
	At        time.Time `json:"at"`
	Duration  float64   `json:"duration_seconds"`
	What      string    `json:"what"`
	Explained bool      `json:"explained"`
}

// toEvidence writes evidence in the API's form; nil where nothing is known.
func toEvidence(e *slo.Evidence, live bool) *evidenceJSON {
	if e == nil {
		return nil
	}
	out := &evidenceJSON{AsOf: e.AsOf.UTC(), Live: live, Impact: toImpact(e.Impact), Where: explain.NewWhere(e.Where),
		Changes: []nearJSON{}, Examples: []exampleJSON{}, Facts: append([]evidenceFact{}, alerting.EvidenceFacts(e)...)}
	for _, n := range e.Changes {
		c := n.Change
		out.Changes = append(out.Changes, nearJSON{c.ID, c.Kind, c.At.UTC(), c.Service, c.Title, c.Version, c.By, c.Link, n.Before.Seconds(), n.Reason})
	}
	for _, x := range e.Examples {
		out.Examples = append(out.Examples, exampleJSON{x.Trace, x.Span, x.At.UTC(), x.Duration.Seconds(), x.What, x.Explained})
	}
	return out
}

func toImpact(i *slo.Impact) *impactJSON {
	if i == nil {
		return nil
	}
	out := &impactJSON{Failed: i.Failed, Total: i.Total, EventsEstimated: i.EventsEstimated, AtLeast: i.AtLeast, Cost: i.Cost,
		Regions: append([]slo.Part{}, i.Regions...), Journeys: append([]slo.Part{}, i.Journeys...)}
	if c := i.Customers; c != nil {
		out.Customers = &customersJSON{c.Hurt, c.Seen, c.Attribute, c.Error, c.HurtExact, c.Unnamed}
	}
	return out
}
