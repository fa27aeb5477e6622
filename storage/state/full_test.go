package state

import (
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

func TestAFullDiskIsSaidAndTheTransitionDidNotHappen(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// SQLite answers "full" alike when the disk is and when this limit is reached.
	if _, err := s.writes.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1, 0)
	err = s.Commit(t.Context(), alerting.Change{
		Transition: slo.Transition{Kind: slo.IncidentOpened, At: at, Incident: slo.Incident{Key: "k", SLO: "a/b", Severity: slo.Page}},
		Plan: func(alerting.Existing) alerting.Plan {
			return alerting.Plan{Newest: alerting.Message{Summary: strings.Repeat("x", 1<<20)}}
		},
	}, at)
	if err == nil || !strings.Contains(err.Error(), "is full; free space") {
		t.Errorf("got %v", err)
	}
	if open, err := s.OpenIncidents(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("open are %v, %v", open, err)
	}
}

func TestACommitIsOnDiskWhenItReturns(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := s.writes.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q; %v", pragma, got, want, err)
		}
	}
}
