package reviews_test

import (
	"context"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/internal/harness/reviewstore"
)

// noon is a Wednesday.
var noon = time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC)

// shelf is a store that knows one incident: "k1", also as "alias".
type shelf struct{ reviewstore.Store }

func (s *shelf) Incident(_ context.Context, key string) (alerting.Record, bool, error) {
	r := alerting.Record{}
	r.Incident.Key = "k1"
	return r, key == "k1" || key == "alias", nil
}

// kept is all that is kept of the incident.
func (s *shelf) kept(t *testing.T) reviews.Review {
	t.Helper()
	all, err := s.Reviews(t.Context(), []string{"k1"})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return reviews.Review{}
	}
	return all[0]
}
