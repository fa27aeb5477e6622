package state_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/harness/sizing"
	"burnline/slo"
	"burnline/storage/state"
)

// sizeAfter is how large a state in SQLite is after what write writes.
func sizeAfter(t testing.TB, write func(s *state.Store)) float64 {
	t.Helper()
	dir := t.TempDir()
	s, err := state.Open(t.Context(), state.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	write(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, state.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return float64(info.Size())
}

// pageOf is a message as a page has it.
func pageOf(n int) alerting.Message {
	m := alerting.Message{Summary: fmt.Sprintf("Buying: 4.2 %% of requests fail in eu, the budget is gone in 3 h (%d).", n), Severity: slo.Page, Source: "shop", Component: "checkout", Class: "availability", Time: start}
	for _, name := range []string{"Overview", "Incident", "SLO", "Runbook", "Traces"} {
		m.Links = append(m.Links, alerting.Link{Text: name, Href: "https://burnline.example.com/slos/shop/checkout-availability?group=" + name})
	}
	for i := range 14 {
		m.Details = append(m.Details, alerting.Detail{Name: fmt.Sprintf("detail %d", i), Value: strings.Repeat("so and so ", 5)})
	}
	return m
}

// incidents opens incidents that three receivers are told of, and closes them.
func incidents(t testing.TB, s *state.Store, n int) {
	t.Helper()
	for i := range n {
		for _, kind := range []slo.TransitionKind{slo.IncidentOpened, slo.IncidentClosed} {
			tr := transition(kind, fmt.Sprintf("%064d", i), 2*time.Minute)
			action := alerting.Action("trigger")
			if kind == slo.IncidentClosed {
				action = "resolve"
			}
			c := alerting.Change{Transition: tr, Plan: func(alerting.Existing) alerting.Plan {
				p := alerting.Plan{Title: "Buying", Newest: pageOf(i), Reason: alerting.ReasonOpened}
				for _, receiver := range []string{"oncall", "chat", "mail"} {
					p.Rows = append(p.Rows, alerting.Row{Key: tr.Incident.Key, Receiver: receiver, Integration: "pagerduty/0", Action: action, Message: pageOf(i)})
				}
				return p
			}}
			if err := s.Commit(t.Context(), c, tr.At); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// days keeps the events of days of SLOs with steady traffic.
func days(t testing.TB, s *state.Store, slos, days int) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for d := range days {
		var all []slo.DayTotals
		for i := range slos {
			one := slo.DayTotals{SLO: fmt.Sprintf("checkout/availability-%d", i), Group: slo.NewLabels("region", "eu"), Day: start.Truncate(24*time.Hour).AddDate(0, 0, d)}
			for q := range one.Total {
				one.Total[q] = float64(50_000 + r.IntN(20_000))
				one.Good[q] = one.Total[q] - float64(r.IntN(50))
			}
			all = append(all, one)
		}
		if err := s.SaveTotals(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
}

// stateSizes are what an incident and a day of an SLO take, in bytes.
func stateSizes(t testing.TB, n int) (incident, day float64) {
	t.Helper()
	empty := sizeAfter(t, func(*state.Store) {})
	incident = (sizeAfter(t, func(s *state.Store) { incidents(t, s, n) }) - empty) / float64(n)
	return incident, (sizeAfter(t, func(s *state.Store) { days(t, s, n, 10) }) - empty) / float64(10*n)
}

func TestTheStateTakesWhatTheDocsSay(t *testing.T) {
	t.Parallel()
	incident, day := stateSizes(t, 60)
	sizing.Holds(t, "an incident of which three receivers are told", incident/1024, 2)
	sizing.Holds(t, "a day of an SLO and group", day, 2)
}

// BenchmarkSizes prints what docs/sizing.md states.
func BenchmarkSizes(b *testing.B) {
	incident, day := stateSizes(b, 1000)
	b.ReportMetric(incident, "B/incident")
	b.ReportMetric(day, "B/day")
	b.ReportMetric(0, "ns/op")
}
