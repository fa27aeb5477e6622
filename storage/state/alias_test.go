package state

import (
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

// Two nodes that opened one incident at one moment could note it as an alias of itself, after which
// every look for it went round in a circle.
func TestAnAliasOfItselfIsNoCircle(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // it is read before
	ctx := patience.Context(t)
	now := time.Now()
	step := slo.Transition{Kind: slo.IncidentOpened, At: now, Incident: slo.Incident{Key: "k", SLO: "a/b", Severity: slo.Page, Opened: now}}
	if err := s.Commit(ctx, alerting.Change{Transition: step}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := s.writes.ExecContext(ctx, `INSERT INTO aliases (alias, dedup_key) VALUES ('k', 'k')`); err != nil {
		t.Fatal(err)
	}
	step.Kind, step.Incident.Closed = slo.IncidentClosed, now.Add(time.Minute)
	if err := s.Commit(ctx, alerting.Change{Transition: step}, now); err != nil {
		t.Errorf("it can't be closed: %v", err)
	}
	if r, found, err := s.Incident(ctx, "k"); !found || err != nil || r.Incident.Closed.IsZero() {
		t.Errorf("found %t as %+v, %v", found, r.Incident, err)
	}
}
