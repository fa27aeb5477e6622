package alertconf

import (
	"strings"
	"testing"
	"time"
)

func TestDrillsAreDueByAClockOrADistance(t *testing.T) {
	t.Parallel()
	const receivers = `
receivers:
  - name: oncall
    pagerduty_configs: [{routing_key: "00000000000000000000000000000000"}]
route: {receiver: oncall}
`
	for name, c := range map[string]struct{ drill, want string }{
		"a line of cron":                {`{schedule: "0 10 * * 1", receiver: oncall, timezone: Europe/Berlin}`, ""},
		"a name of cron":                {`{schedule: "@weekly"}`, ""},
		"a distance":                    {"{every: 168h}", ""},
		"nothing":                       {"{}", ""},
		"both":                          {`{schedule: "0 10 * * 1", every: 1h}`, "alerting.drill.every: both schedule and every are given"},
		"a line with seconds":           {`{schedule: "0 0 10 * * 1"}`, "it has 6 fields"},
		"no line":                       {`{schedule: "0 25 * * 1"}`, `alerting.drill.schedule: "0 25 * * 1" is no line of cron`},
		"no day":                        {`{schedule: "0 0 30 2 *"}`, "no day is one of those"},
		"too often":                     {"{every: 10s}", "alerting.drill.every: 10s is less than 1m"},
		"a place that is none":          {`{schedule: "0 10 * * 1", timezone: Europe/Bärlin}`, "unknown time zone"},
		"a distance by a clock":         {`{every: 1h, timezone: Europe/Berlin}`, "only a schedule has a time zone"},
		"a receiver that is not there":  {`{every: 1h, receiver: nobody}`, `there is no receiver "nobody"`},
		"a receiver, but never to call": {`{receiver: oncall}`, "alerting.drill: it is not said when drills are due"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, said := inline(t, "drill: "+c.drill+receivers)
			if c.want == "" && strings.Contains(said, "drill") || !strings.Contains(said, c.want) {
				t.Errorf("it is said\n%s\nwant %q", said, c.want)
			}
			if planned := read.Drill.Plan().Schedule.String() != ""; planned != (c.want == "" && c.drill != "{}" || strings.Contains(c.want, "no receiver")) {
				t.Errorf("it is planned: %t", planned)
			}
		})
	}
	c, _ := inline(t, `drill: {schedule: "0 10 * * 1", receiver: oncall, timezone: Europe/Berlin}`+receivers)
	plan := c.Drill.Plan()
	// The clock there is put forward on 29 March 2026, a Sunday.
	friday := time.Date(2026, time.March, 27, 12, 0, 0, 0, time.UTC)
	if next := plan.Schedule.Next(friday); !next.Equal(time.Date(2026, time.March, 30, 8, 0, 0, 0, time.UTC)) || plan.Receiver != "oncall" {
		t.Errorf("the next drill for %s is at %s", plan.Receiver, next)
	}
}
