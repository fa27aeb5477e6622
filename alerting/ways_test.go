package alerting

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/slo"
)

func TestTheWaysOfAnAlert(t *testing.T) {
	matchers := func(s string) labels.Matchers {
		ms, err := labels.ParseMatchers(s)
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	c := Config{
		Receivers: []ReceiverConfig{{Name: "ops"}, {Name: "web"}, {Name: "team/shop"}},
		Teams:     map[string]string{"shop": "team/shop"},
		Intervals: map[string][]timeinterval.TimeInterval{"nights": {{Times: []timeinterval.TimeRange{{StartMinute: 0, EndMinute: 360}}}}},
		Route: Route{Receiver: "ops", GroupBy: Grouping{Labels: []string{"alertname"}}, Routes: []Route{
			{Receiver: "web", Matchers: matchers(`tier="1"`), GroupBy: Grouping{Each: true}, Mute: []string{"nights"}},
		}},
		Inhibit: []InhibitRule{{Source: matchers(`severity="page"`), Target: matchers(`severity="ticket"`), Equal: []string{"cluster"}}},
	}
	night := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		sentence, want string
		at             time.Time
		labels         slo.Labels
	}{
		{"the root", `ops, group {alertname="Down"}, 0 inhibitors`, night, slo.NewLabels("alertname", "Down", "zone", "a")},
		{"a team's own receiver, where only the root takes it", `team/shop, group , 0 inhibitors`, night, slo.NewLabels("team", "shop")},
		{"a route comes before the team, and is muted", `web muted by nights, group {team="shop", tier="1"}, 0 inhibitors`, night, slo.NewLabels("team", "shop", "tier", "1")},
		{"by day it is not", `web, group {tier="1"}, 0 inhibitors`, night.Add(5 * time.Hour), slo.NewLabels("tier", "1")},
		{"what a rule could keep quiet", `ops, group , 1 inhibitors`, night, slo.NewLabels("severity", "ticket")},
	} {
		t.Run(test.sentence, func(t *testing.T) {
			ways := c.Ways(test.labels, test.at)
			if len(ways) != 1 {
				t.Fatalf("%d ways", len(ways))
			}
			got := ways[0].Receiver
			if ways[0].Muted.Fate == FateMuted {
				got += " muted by " + ways[0].Muted.By
			}
			got += fmt.Sprintf(", group %s, %d inhibitors", ways[0].Group, len(c.CouldInhibit(test.labels)))
			if got != test.want {
				t.Errorf("it goes to %s, want %s", got, test.want)
			}
		})
	}
}
