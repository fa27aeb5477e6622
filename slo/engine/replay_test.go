package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// What the live engine did in a story, a replay of the stored samples does too:
// the same incidents, with the same keys or, where the key begins at a bucket
// that the coarser clock sees later, within one step.
func TestReplayDoesWhatTheLiveEngineDid(t *testing.T) {
	for _, name := range []string{
		"figure_5_6", "groups_join", "newborn_error_series_counts", "outage_is_paged_after_51.84s", "page_again",
		"silence_does_not_close", "low_traffic", "ticket_policy_259.2s", "ticket_rises_to_page",
		"maintenance_holds_the_page", "maintenance_keeps_the_open_incident",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			s := newStory(t)
			begun := s.now
			s.play(name, string(text))
			live := slices.Clone(s.closed)
			for _, inc := range s.open {
				live = append(live, inc)
			}
			slices.SortFunc(live, func(a, b slo.Incident) int { return a.Opened.Compare(b.Opened) })

			got, err := Replay(t.Context(), ReplayOptions{
				Definitions: []slo.Definition{s.def}, Corrections: s.corrections, Reader: s.store, From: begun, To: s.now,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Incidents) != len(live) {
				t.Fatalf("%d incidents, the live engine had %d", len(got.Incidents), len(live))
			}
			for i, inc := range got.Incidents {
				want := live[i]
				near := func(a, b time.Time) bool { return a.IsZero() == b.IsZero() && a.Sub(b).Abs() <= 2*quietEvery }
				if inc.Severity != want.Severity || inc.Group.String() != want.Group.String() ||
					!near(inc.Opened, want.Opened) || !near(inc.Closed, want.Closed) {
					t.Errorf("incident %d: %s %s %s–%s, live: %s %s %s–%s", i,
						inc.Severity, inc.Group, inc.Opened, inc.Closed, want.Severity, want.Group, want.Opened, want.Closed)
				}
			}
			if n := len(s.engine.Status(s.def.ID)); len(got.Statuses) != n {
				t.Errorf("%d statuses, the live engine has %d", len(got.Statuses), n)
			}
		})
	}
}

// At the end of a replay the budget is that of the live engine, to the last event.
func TestReplayEndsWithTheBudgetOfTheLiveEngine(t *testing.T) {
	s := newStory(t)
	s.command(strings.Fields("slo objective=99.9 window=30d"))
	s.command(strings.Fields("rate - total=10 bad=0.005"))
	s.command(strings.Fields("history 3d"))
	begun := s.now.Add(-2 * 24 * time.Hour)
	s.command(strings.Fields("begin"))
	live := s.engine.Status(s.def.ID)[0].Budget
	got, err := Replay(t.Context(), ReplayOptions{
		Definitions: []slo.Definition{s.def}, Reader: s.store, From: begun, To: s.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := got.Statuses[0].Budget
	if fmt.Sprintf("%.9g %.9g %.9g", b.Counts.Total, b.Counts.Good, b.Remaining) !=
		fmt.Sprintf("%.9g %.9g %.9g", live.Counts.Total, live.Counts.Good, live.Remaining) {
		t.Errorf("replayed %+v, live %+v", b, live)
	}
	if live.Counts.Bad() < 1000 {
		t.Errorf("the story has only %g bad events", live.Counts.Bad())
	}
}

// A store that can't be read ends a replay: a gap would pass for silence.
func TestReplayFailsWithItsStore(t *testing.T) {
	store := newMemory()
	store.err = errors.New("the disk is gone")
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	opt := ReplayOptions{Definitions: []slo.Definition{eventsSLO("shop/buy")}, Reader: store, From: at, To: at.Add(time.Hour)}
	if _, err := Replay(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("got %v", err)
	}
	opt.Reader, opt.To = newMemory(), at
	if _, err := Replay(t.Context(), opt); err == nil {
		t.Error("a replay of no time was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	opt.To = at.Add(time.Hour)
	if _, err := Replay(ctx, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled replay ended with %v", err)
	}
}

// BenchmarkReplay is the cost of one SLO with 50 series, a sample each 15 s, over 30 days.
func BenchmarkReplay(b *testing.B) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		got, err := Replay(b.Context(), ReplayOptions{
			Definitions: []slo.Definition{eventsSLO("shop/buy")}, Reader: steady{}, From: at.Add(-30 * 24 * time.Hour), To: at,
		})
		if err != nil || len(got.Incidents) != 0 || got.Statuses[0].Budget.Counts.Total == 0 {
			b.Fatal(err, got)
		}
	}
}

// Traffic that ends pages where no_data says so, once, as it does live.
func TestReplayNoticesSilence(t *testing.T) {
	at := time.Date(2026, 1, 17, 12, 0, 0, 0, time.UTC)
	d := eventsSLO("shop/buy")
	d.NoData = slo.NoDataPage
	got, err := Replay(t.Context(), ReplayOptions{
		Definitions: []slo.Definition{d}, Reader: steady{ends: at.Add(-time.Hour)}, From: at.Add(-24 * time.Hour), To: at,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Incidents) != 1 || got.Incidents[0].Cause != slo.CauseNoData || got.Count("shop/buy", slo.Page) != 1 || !got.Incidents[0].Closed.IsZero() {
		t.Fatalf("got %+v", got.Incidents)
	}
	if after := got.Incidents[0].Opened.Sub(at.Add(-time.Hour)); after < missingAfter || after > missingAfter+time.Minute {
		t.Errorf("it was paged %s after the last sample", after)
	}
}

// steady is a store of 50 series that rise by 10 every 15 s until they end; 5 of them by errors, now and then.
type steady struct{ ends time.Time }

func (st steady) Select(_ context.Context, sel slo.Selector, from, to int64, yield func(slo.SeriesSamples) error) error {
	if !st.ends.IsZero() {
		to = min(to, st.ends.UnixMilli())
	}
	begin := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC).UnixMilli()
	match, err := sel.Compile()
	for n := range 50 {
		code := []string{"200", "500"}[n/45]
		run := slo.SeriesSamples{Series: reqSeries(code, n)}
		if !match.Match(run.Series.Labels()) {
			continue
		}
		for at := (max(from, begin) + 14_999) / 15_000 * 15_000; at <= to; at += 15_000 {
			v := float64((at-begin)/15_000) * 10
			if code == "500" {
				v = float64((at - begin) / 600_000)
			}
			run.Samples = append(run.Samples, slo.Sample{T: at, V: v})
		}
		if err := yield(run); err != nil {
			return err
		}
	}
	return err
}

func (steady) Before(context.Context, slo.Labels, int64) (slo.Sample, bool, error) {
	return slo.Sample{}, false, nil
}
