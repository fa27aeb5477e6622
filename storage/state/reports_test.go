package state_test

import (
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo/report"
	"burnline/storage/state"
)

// Reports are kept as they were made, on both databases.
func TestAClosedReportIsKeptAsItWasMade(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]engine{"SQLite": sqlite, "PostgreSQL": withPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := state.Open(t.Context(), on(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			zone, err := time.LoadLocation("Europe/Berlin")
			if err != nil {
				t.Fatal(err)
			}
			p, err := report.ParsePeriod("2026-10", zone)
			if err != nil {
				t.Fatal(err)
			}
			half := 50.0
			r := report.Report{Period: p, Zone: "Europe/Berlin", Team: "pay\x00ments", Made: start, Revision: 1, Reason: "the period is over",
				Sentences: []string{"Ümläuts and a\x00 byte that PostgreSQL refuses."}, Score: report.Score{Corrected: &half}}
			for i, c := range []struct {
				revision int
				saved    bool
			}{{1, true}, {1, false}, {2, true}} {
				r.Revision = c.revision
				saved, err := s.SaveReport(t.Context(), r, "basis")
				if err != nil || saved != c.saved {
					t.Fatalf("saving %d: %v, %v", i, saved, err)
				}
				r.Made = r.Made.Add(time.Hour)
			}
			got, found, err := s.Report(t.Context(), "2026-10", r.Team, 0)
			if err != nil || !found || got.Revision != 2 || !got.Period.From.Equal(p.From) || *got.Score.Corrected != 50 {
				t.Errorf("the newest is %+v, %v, %v", got, found, err)
			}
			if first, found, err := s.Report(t.Context(), "2026-10", r.Team, 1); err != nil || !found || !first.Made.Equal(start) {
				t.Errorf("the first was changed: %v, %v, %v", first.Made, found, err)
			}
			for _, other := range []struct {
				period, team string
				revision     int
			}{{"2026-11", r.Team, 0}, {"2026-10", "", 0}, {"2026-10", r.Team, 3}} {
				if _, found, err := s.Report(t.Context(), other.period, other.team, other.revision); found || err != nil {
					t.Errorf("%+v is there: %v", other, err)
				}
			}
			heads, err := s.ReportHeads(t.Context(), "", 10)
			if err != nil || len(heads) != 2 || heads[0].Revision != 2 || heads[0].Basis != "basis" || heads[0].Reason != r.Reason || !heads[1].Made.Equal(start) {
				t.Errorf("%+v, %v", heads, err)
			}
			if heads, err := s.ReportHeads(t.Context(), "2026-09", 10); err != nil || len(heads) != 0 {
				t.Errorf("of another period %+v, %v", heads, err)
			}
		})
	}
}

// Whoever asks, and however often, a receiver is told of a report once, and it is no incident.
func TestAReportIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, on := range map[string]engine{"SQLite": sqlite, "PostgreSQL": withPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := state.Open(t.Context(), on(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			m := alerting.Message{Summary: "Reliability report: October 2026", Severity: "ticket", Class: alerting.ClassReport, Report: &alerting.Report{HTML: "<p>x</p>"}}
			board := []alerting.Target{{Receiver: "board", Integration: "email/0"}}
			for i, c := range []struct {
				name    string
				targets []alerting.Target
				told    bool
			}{
				{"2026-10//board", board, true}, {"2026-10//board", board, false}, {"2026-11//board", board, true},
				{"2026-10//board", append(board, alerting.Target{Receiver: "board", Integration: "webhook/0"}), true},
			} {
				told, err := s.TellReport(t.Context(), c.name, c.targets, m, start.Add(time.Duration(i)*time.Hour))
				if err != nil || told != c.told {
					t.Errorf("%d: told %v, %v", i, told, err)
				}
			}
			if depth, _, err := s.OutboxDepth(t.Context(), start); err != nil || depth != 3 {
				t.Errorf("%d messages wait, %v", depth, err)
			}
			if all, err := s.Incidents(t.Context(), alerting.Filter{}); err != nil || len(all) != 0 {
				t.Errorf("%d incidents, %v", len(all), err)
			}
			if n, err := s.OpenCount(t.Context()); err != nil || n != 0 {
				t.Errorf("%d open, %v", n, err)
			}
		})
	}
}
