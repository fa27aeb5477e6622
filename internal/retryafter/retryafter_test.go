package retryafter_test

import (
	"net/http"
	"testing"
	"time"

	"burnline/internal/retryafter"
)

func TestTheTimeThatAServerAsksFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"17": 17 * time.Second, " 1 ": time.Second, "0": 0,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Minute).Format(http.TimeFormat): 0,
	} {
		if got, said := retryafter.Parse(value, now); got != want || !said {
			t.Errorf("%q is %s (%t), want %s", value, got, said, want)
		}
	}
	for _, value := range []string{"", "-5", "soon", "1.5", "99999999999"} {
		if got, said := retryafter.Parse(value, now); got != 0 || said {
			t.Errorf("%q is %s (%t), want that nothing is said", value, got, said)
		}
	}
}
