package alerting

import (
	"strings"
	"testing"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/slo"
)

func TestTheDeepestRouteThatMatchesTakesAnAlert(t *testing.T) {
	where := func(s string) labels.Matchers {
		ms, err := labels.ParseMatchers(s)
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	root := Route{Receiver: "root", Routes: []Route{
		{Receiver: "log", Continue: true, Matchers: where(`env="prod"`)},
		{Receiver: "payments", Matchers: where(`team="payments"`), Routes: []Route{
			{Receiver: "payments-night", Matchers: where(`severity="page"`)},
		}},
		{Receiver: "unowned", Matchers: where(`team=""`)},
		{Receiver: "never", Matchers: where(`team="payments"`)},
	}}
	for _, c := range []struct {
		name, receivers string
		labels          slo.Labels
	}{
		{"nothing below the root matches", "root", slo.NewLabels("team", "search")},
		{"a child", "payments", slo.NewLabels("team", "payments")},
		{"a child's child", "payments-night", slo.NewLabels("team", "payments", "severity", "page")},
		{"one that continues and the next", "log payments", slo.NewLabels("team", "payments", "env", "prod")},
		{"one that continues to nothing", "log", slo.NewLabels("team", "search", "env", "prod")},
		{"a missing label is empty", "unowned", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range root.Match(c.labels) {
				got = append(got, r.Receiver)
			}
			if strings.Join(got, " ") != c.receivers {
				t.Errorf("told are %q, want %s", got, c.receivers)
			}
		})
	}
}
