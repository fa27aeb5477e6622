package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/alerting/drills"
	"burnline/internal/backup"
	"burnline/slo"
)

// However many SLOs there are, each is counted anew within as many drills as that takes.
func TestEachSLOHasItsTurnInDrills(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 1000; n++ {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf("shop/%04d", i)
		}
		counted, last := map[string]bool{}, ""
		for range (n + mostTried - 1) / mostTried {
			some := turn(all, last)
			if len(some) > mostTried {
				t.Fatalf("of %d SLOs a drill counts %d", n, len(some))
			}
			for _, id := range some {
				counted[id] = true
			}
			// Newer drills failed before they came to that, or were another kind's.
			last = lastTurn([]drills.Drill{{Error: "no room"}, {Steps: []drills.Step{{Name: "restored"}, {UpTo: some[len(some)-1]}}}, {Steps: []drills.Step{{UpTo: "shop/0007"}}}})
		}
		if len(counted) != n {
			t.Errorf("of %d SLOs %d are counted", n, len(counted))
		}
	}
	if got := turn(append(make([]string, mostTried), "a", "c"), "b"); got[0] != "c" {
		t.Errorf("after an SLO that is gone comes %q", got[0])
	}
}

// Drills of restoring are between backups, so that neither has to wait for the other.
func TestDrillsAreDueBetweenBackups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ backup, drill, apart time.Duration }{
		"the defaults":              {24 * time.Hour, 7 * 24 * time.Hour, 12 * time.Hour},
		"drills more often":         {24 * time.Hour, 12 * time.Hour, 6 * time.Hour},
		"both as often":             {time.Hour, time.Hour, 30 * time.Minute},
		"what has little in common": {24 * time.Hour, 7 * time.Hour, 30 * time.Minute},
	} {
		config := BackupConfig{To: "backups", Every: c.backup, Drill: BackupDrillConfig{Every: c.drill}}
		at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
		for range 200 {
			at = config.drillPlan().Schedule.Next(at)
			before := config.plan().Schedule.Next(at.Add(-c.backup - time.Nanosecond))
			after := config.plan().Schedule.Next(at.Add(-time.Nanosecond))
			if apart := min(at.Sub(before), after.Sub(at)); apart < c.apart {
				t.Errorf("%s: a drill at %s is %s from a backup, want %s", name, at, apart, c.apart)
				break
			}
		}
	}
}

// A group that is about to be forgotten has no events left, and is none of those that restored samples tell of.
func TestAGroupWithoutEventsFailsNoDrill(t *testing.T) {
	t.Parallel()
	eu := []slo.Status{{Group: slo.NewLabels("region", "eu"), Budget: slo.BudgetStatus{Counts: slo.Counts{Good: 90, Total: 100}}}}
	budget := func(region string, total float64) backup.Budget {
		return backup.Budget{SLO: "shop/a", Group: map[string]string{"region": region}, Good: total * 0.9, Total: total}
	}
	if n, err := sameBudgets(eu, []backup.Budget{budget("eu", 100), budget("gone", 0)}, "shop/a"); n != 1 || err != nil {
		t.Errorf("%d groups are the same: %v", n, err)
	}
	if _, err := sameBudgets(eu, []backup.Budget{budget("us", 1)}, "shop/a"); err == nil || !strings.Contains(err.Error(), "know no group map[region:us]") {
		t.Errorf("a group that is lost: %v", err)
	}
}
