package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
	"burnline/storage/state"
)

// judged is a state with incidents of October, by key, and what people think of them.
func judged(t *testing.T, all ...slo.Incident) (*state.Store, *reviews.Keeper) {
	t.Helper()
	store, err := state.Open(t.Context(), state.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	keeper, err := reviews.New(store, store, func() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		change := alerting.Change{Transition: slo.Transition{Kind: slo.IncidentOpened, Incident: in, At: in.Opened}, Plan: func(alerting.Existing) alerting.Plan {
			return alerting.Plan{Title: in.SLO, Rows: []alerting.Row{{Key: in.Key, Receiver: "oncall", Integration: "hook", Action: alerting.ActionTrigger}}}
		}}
		if err := store.Commit(t.Context(), change, in.Opened); err != nil {
			t.Fatal(err)
		}
	}
	return store, keeper
}

// delivered makes every row one that its receiver took a minute after the incident opened.
type delivered struct{ *state.Store }

func (d delivered) Incidents(ctx context.Context, f alerting.Filter) ([]alerting.Record, error) {
	all, err := d.Store.Incidents(ctx, f)
	for i := range all {
		for j := range all[i].Rows {
			all[i].Rows[j].State, all[i].Rows[j].SettledAt = alerting.RowDelivered, all[i].Incident.Opened.Add(time.Minute)
		}
	}
	return all, err
}

func TestAReportKnowsWhatTheReviewOfAWeekKnows(t *testing.T) {
	t.Parallel()
	from, to := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	page := func(key, id string, opened time.Time) slo.Incident {
		return slo.Incident{Key: key, SLO: id, Team: "payments", Severity: slo.Page, Started: opened.Add(-time.Minute), Opened: opened}
	}
	store, keeper := judged(t,
		page("noise", "shop/buy", from.Add(12*time.Hour)),
		page("useful", "shop/pay", from.Add(30*time.Hour+30*time.Minute)),
		page("last", "shop/look", to),
		page("next", "shop/find", to.Add(time.Second)),
		page("drill", alerting.DrillPrefix+"oncall", from.Add(time.Hour)),
	)
	for key, verdicts := range map[string][]reviews.Value{"noise": {reviews.Useful, reviews.Noise}, "useful": {reviews.Noise, reviews.Useful}} {
		for _, v := range verdicts {
			if _, err := keeper.Judge(t.Context(), key, reviews.VerdictInput{By: "ann", Value: v}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w := witness{ledger: delivered{store}, reviews: keeper, night: reviews.DefaultNight(), log: slog.New(slog.DiscardHandler)}
	all, err := w.incidents(t.Context(), from, to)
	if err != nil {
		t.Fatal(err)
	}
	var keys, noise, night []string
	for _, in := range all {
		keys = append(keys, in.Key)
		if in.Noise {
			noise = append(noise, in.Key)
		}
		if in.Night {
			night = append(night, in.Key)
		}
	}
	slices.Sort(keys)
	slices.Sort(night)
	if !slices.Equal(keys, []string{"last", "noise", "useful"}) {
		t.Errorf("the report tells of %v, want what opened up to the end of the month, and no drill", keys)
	}
	if !slices.Equal(noise, []string{"noise"}) {
		t.Errorf("noise are %v: the last verdict counts", noise)
	}
	if !slices.Equal(night, []string{"last", "useful"}) {
		t.Errorf("at night came %v, want midnight and 06:31", night)
	}
}

// mute can't be read.
type mute struct{}

func (mute) Of(context.Context, ...string) (map[string]reviews.Review, error) {
	return nil, errors.New("the store is away")
}

func TestNoReportIsMadeWithoutWhatPeopleThink(t *testing.T) {
	t.Parallel()
	store, _ := judged(t, slo.Incident{Key: "k", SLO: "shop/buy", Severity: slo.Page, Opened: time.Unix(1e9, 0)})
	w := witness{ledger: store, reviews: mute{}, night: reviews.DefaultNight(), log: slog.New(slog.DiscardHandler)}
	if all, err := w.incidents(t.Context(), time.Unix(0, 0), time.Unix(2e9, 0)); err == nil {
		t.Errorf("it tells of %v", all)
	}
}

func TestAPageThatReachedNobodyIsNoneThatWasTold(t *testing.T) {
	t.Parallel()
	store, keeper := judged(t, slo.Incident{Key: "k", SLO: "shop/buy", Severity: slo.Page, Opened: time.Unix(1e9, 0)})
	w := witness{ledger: store, reviews: keeper, night: reviews.DefaultNight(), log: slog.New(slog.DiscardHandler)}
	all, err := w.incidents(t.Context(), time.Unix(0, 0), time.Unix(2e9, 0))
	if err != nil || len(all) != 1 || all[0].Told || all[0].Night {
		t.Errorf("got %+v, %v", all, err)
	}
}
