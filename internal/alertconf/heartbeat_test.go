package alertconf

import (
	"strings"
	"testing"
	"time"
)

func TestAHeartbeatGoesOnlyWhereItsAbsenceIsNoticed(t *testing.T) {
	t.Parallel()
	const receivers = `
receivers:
  - name: oncall
    pagerduty_configs: [{routing_key: "00000000000000000000000000000000"}]
  - name: deadman
    webhook_configs: [{url: 'https://deadman.example.com/ping'}]
  - name: empty
route: {receiver: oncall}
`
	for name, c := range map[string]struct{ heartbeat, want string }{
		"to PagerDuty":          {"{receiver: oncall}", "pagerduty_configs of oncall tells people of whatever comes"},
		"to nobody":             {"{receiver: deadmen}", `there is no receiver "deadmen"`},
		"to nothing":            {"{receiver: empty}", "empty has no integrations"},
		"too often":             {"{receiver: deadman, every: 1s}", "alerting.heartbeat.every: 1s can't be the distance of heartbeats"},
		"to a dead man":         {"{receiver: deadman}", ""},
		"to a dead man, seldom": {"{receiver: deadman, every: 5m}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, said := inline(t, "heartbeat: "+c.heartbeat+receivers)
			if c.want == "" && strings.Contains(said, "heartbeat") || !strings.Contains(said, c.want) {
				t.Errorf("it is said\n%s\nwant %q", said, c.want)
			}
		})
	}
	c, _ := inline(t, "heartbeat: {receiver: deadman}"+receivers)
	beat := c.Heartbeat.Beats(c.Routing(nil))
	if len(beat.Targets) != 1 || beat.Targets[0].Integration != "webhook/0" || beat.Every != time.Minute {
		t.Errorf("the heartbeat is %+v", beat)
	}
}
