package alerting_test

import (
	"context"
	"testing"
	"time"

	"burnline/alerting"
)

// groupsAtNight tells a story of groups of outside alerts, which are told again every 30 minutes.
func groupsAtNight(t *testing.T, play func(s *story, key func() string)) {
	paging(t, func(s *story) {
		c := pager()
		c.Receivers[0].Integrations = c.Receivers[0].Integrations[:1]
		c.Route.GroupBy = alerting.Grouping{Labels: []string{"alertname"}}
		s.configure(c)
		s.runAlerts()
		play(s, func() string {
			open, err := s.store.OpenIncidents(context.Background())
			if err != nil || len(open) != 1 {
				t.Fatalf("open are %v, %v", open, err)
			}
			return open[0].Key
		})
	})
}

func TestAGroupOfAlertsIsToldAgainUntilSomebodyHasIt(t *testing.T) {
	groupsAtNight(t, func(s *story, key func() string) {
		s.alerts(disk(s, "a"))
		s.pass(31 * time.Minute)
		s.did(key(), alerting.AckTaken, "ada", "slack")
		s.pass(2 * time.Hour)
		s.told(
			"0s oncall trigger firing a: DiskFull: The disk of a is full.",
			"30m0s oncall update firing a: Open for 30 min, and nobody has acknowledged it. As of 00:00 UTC: DiskFull: The disk of a is full.",
			"31m0s oncall acknowledge firing a: Acknowledged by ada at 00:31 UTC in Slack. DiskFull: The disk of a is full.",
			"1h0m0s leads trigger firing a: Open for 1 h, though acknowledged by ada at 00:31 UTC. As of 00:00 UTC: DiskFull: The disk of a is full.")
	})
}

func TestAGroupThatIsSilencedIsNotToldAgain(t *testing.T) {
	groupsAtNight(t, func(s *story, key func() string) {
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.router.SetSilences([]alerting.Silence{{ID: "s1", StartsAt: s.start, EndsAt: s.start.Add(2 * time.Hour), Author: "ada", Reason: "known"}})
		s.pass(119*time.Minute - time.Second)
		s.told("0s oncall trigger firing a: DiskFull: The disk of a is full.")
		s.pass(time.Minute)
		s.news(key(),
			"0s oncall pagerduty/0 trigger: DiskFull: The disk of a is full.",
			"2h0m0s oncall pagerduty/0 update: DiskFull: The disk of a is full.",
			"2h0m0s leads pagerduty/0 trigger: Open for 2 h, and nobody has acknowledged it. As of 02:00 UTC: DiskFull: The disk of a is full.")
	})
}

func TestAGroupThatIsResolvedByHandAndFiresOnIsToldAgain(t *testing.T) {
	groupsAtNight(t, func(s *story, key func() string) {
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.did(key(), alerting.AckResolved, "ada", "pagerduty")
		s.pass(6 * time.Minute)
		s.told(
			"0s oncall trigger firing a: DiskFull: The disk of a is full.",
			"6m0s oncall trigger firing a: Resolved by hand at 00:01 UTC by ada, but it still fires. As of 00:00 UTC: DiskFull: The disk of a is full.")
	})
}
