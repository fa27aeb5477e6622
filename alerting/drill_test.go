package alerting

import (
	"strings"
	"testing"

	"burnline/slo"
)

// drilling is the page of a drill for a receiver.
func drilling(receiver string) slo.Transition {
	return opened(func(t *slo.Transition) {
		d := *t.Definition
		d.ID, d.Name, d.Service = DrillPrefix+"1", "DRILL", "burnline"
		t.Definition, t.Incident.SLO, t.Incident.Receiver = &d, d.ID, receiver
	})
}

func TestADrillGoesToItsReceiverAndKeepsNothingElseQuiet(t *testing.T) {
	t.Parallel()
	c := Config{
		Receivers: []ReceiverConfig{{Name: "oncall", Integrations: []Integration{{Name: "pagerduty/0"}}}, {Name: "tests", Integrations: []Integration{{Name: "webhook/0"}}}},
		Route:     Route{Receiver: "oncall"},
	}
	for receiver, want := range map[string]string{"tests": "tests", "": "oncall"} {
		p := plan(c, TextOptions{}, drilling(receiver), Existing{})
		if len(p.Rows) != 1 || p.Rows[0].Receiver != want {
			t.Errorf("for receiver %q the rows are %+v, want one for %s", receiver, p.Rows, want)
			continue
		}
		if text := p.Rows[0].Message.Summary; !strings.HasPrefix(text, "DRILL, nothing real fails: ") {
			t.Errorf("the page says %q", text)
		}
	}
	if judged(drilling("").Incident) || !judged(opened().Incident) {
		t.Error("a drill counts among what keeps others quiet and explains them, or a real page does not")
	}
}
