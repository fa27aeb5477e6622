package web

import (
	"context"
	"net/url"
	"time"
)

// promise is what an SLO's page tells beside its figures: what is counted, who owns it, what
// was taken out of the budget and how the promise changed.
type promise struct {
	Kind kind
	// Parts are the SLOs of a composite, Wholes the composites that this one is part of, and
	// Siblings the objectives of the same promise where there are several.
	Parts            []part
	Wholes, Siblings []relative
	Team             *teamCard
	Held             []heldRow
	Corrections      []correctionRow
	CorrectionsError string
	// HasCorrections is false where the server has none to ask; CorrectHref leads to the form of one.
	HasCorrections bool
	CorrectHref    string
	History        history
}

// fillPromise gathers it. What can't be read is said in its place.
func (m *sloModel) fillPromise(ctx context.Context, s *server) {
	d := m.Def
	m.Kind, m.Parts, m.Team = kindOf(d), s.partsOf(d), s.teamOf(d.Team)
	m.Siblings, m.Wholes = s.relatives(d)
	m.HasCorrections, m.CorrectHref = s.Corrections != nil, address("/corrections", url.Values{"slo": {d.ID}})
	var err error
	if m.Corrections, err = s.correctionsOf(ctx, d); err != nil {
		m.CorrectionsError = err.Error()
	}
	m.Held = heldOf(m.Status.Held, m.Corrections)
	versions, err := s.versionsOf(ctx, d.ID)
	m.History = historyOf(versions)
	if err != nil {
		m.History.Error = err.Error()
	}
}

// Until is the latest moment to which alerts are held; zero when none are.
func (p promise) Until() (until time.Time) {
	for _, h := range p.Held {
		if h.Until.After(until) {
			until = h.Until
		}
	}
	return until
}
