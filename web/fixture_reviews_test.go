package web

import (
	"context"
	"fmt"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/alerting/silences"
	"burnline/internal/harness/reviewstore"
	"burnline/internal/harness/silencestore"
	"burnline/slo"
)

// reviewed is a keeper of what people wrote of the shop's incidents: of the open one a note and an
// action, of a closed one that it was noise.
func reviewed(t testing.TB, s *shop, now time.Time) (*reviews.Keeper, *reviewstore.Store) {
	t.Helper()
	store := &reviewstore.Store{}
	k, err := reviews.New(store, s, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []reviews.Review{
		{Incident: "4be7a1c0d2f9", Notes: []reviews.Note{{ID: "n1", By: "Ada Moreau", At: now.Add(-9 * time.Minute), Text: "The bank's status page says nothing.\nI called them."}},
			Actions: []reviews.Action{{ID: "a1", Incident: "4be7a1c0d2f9", Text: "Time out after 2 s instead of 30 s", Owner: "Ben Okafor", Due: now.AddDate(0, 0, 9).UTC().Format(time.DateOnly), By: "Ada Moreau", At: now.Add(-3 * time.Minute)}}},
		{Incident: "9cd812", Verdicts: []reviews.Verdict{{Value: reviews.Noise, By: "Ben Okafor", At: now.Add(-2 * day), Why: "a load test"}},
			Actions: []reviews.Action{{ID: "a2", Incident: "9cd812", Text: "Announce load tests as maintenance", Owner: "Ida Jung", Due: now.AddDate(0, 0, -1).UTC().Format(time.DateOnly), By: "Ben Okafor", At: now.Add(-2 * day)}}},
	} {
		if err := store.AddReview(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return k, store
}

// oncall mounts all that whoever is on call has.
func oncall(t testing.TB, s *shop, now time.Time) func(*Options) {
	t.Helper()
	keeper, _ := reviewed(t, s, now)
	return func(o *Options) {
		o.Reviews, o.Maintenance, o.Corrections = keeper, &works{}, &ledgerOfCorrections{defs: s.Definitions}
		o.Silences = silencesOf(t, s, now)
		o.Evidence = func(key string) *slo.Evidence {
			if key != "4be7a1c0d2f9" {
				return nil
			}
			return knownOfCheckout(now)
		}
		o.Acknowledge = acknowledging(s)
	}
}

// openRecord is the shop's open page.
func openRecord(s *shop) *alerting.Record {
	for i := range s.records {
		if s.records[i].Incident.Closed.IsZero() {
			return &s.records[i]
		}
	}
	return nil
}

// acknowledging writes acknowledgements into the shop.
func acknowledging(s *shop) func(context.Context, string, string, string, time.Time) error {
	return func(_ context.Context, _, by, via string, at time.Time) error {
		s.change(func() {
			r := openRecord(s)
			r.Acks = append(r.Acks, alerting.Acknowledgement{Kind: alerting.AckTaken, By: by, Via: via, At: at})
		})
		return nil
	}
}

// silencesOf is a keeper of silences over the shop, in which one is in force that matches its open page.
func silencesOf(t testing.TB, s *shop, now time.Time) *silences.Keeper {
	t.Helper()
	ids := 0
	keeper, err := silences.New(silences.Options{
		Store: &silencestore.Store{}, Limits: silences.DefaultLimits, Changed: func([]alerting.Silence) {}, Now: func() time.Time { return now },
		NewID: func() string { ids++; return fmt.Sprintf("5f3c0000-0000-4000-8000-%012d", ids) },
		World: func(context.Context, time.Time) (silences.World, error) {
			return silences.World{Definitions: s.Definitions(), Statuses: s.Statuses(), Incidents: s.records}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := silences.Input{Matchers: []string{`slo="checkout/availability"`, `region="eu"`}, For: "3h", Author: "Cy Ortega", Reason: "the bank knows", Confirmed: true}
	r, err := in.Request(now)
	if err == nil {
		_, err = keeper.Put(t.Context(), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return keeper
}
