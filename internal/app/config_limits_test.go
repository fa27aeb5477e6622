package app

import (
	"strings"
	"testing"
	"time"
)

func TestALimitThatLetsNothingThroughIsAFinding(t *testing.T) {
	if found := defaultLimits().validate(); len(found) > 0 {
		t.Errorf("of the defaults it says %v", found)
	}
	found := LimitsConfig{Rate: -1, Queries: QueryLimitsConfig{Timeout: time.Hour}}.validate().Error()
	for _, want := range []string{"server.limits.connections:", "server.limits.requests_per_second: less than none", "server.limits.queries.timeout: a query takes from 1s to less than 3m0s", "server.limits.streams:"} {
		if !strings.Contains(found, want) {
			t.Errorf("no %q in\n%s", want, found)
		}
	}
}
