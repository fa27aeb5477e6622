package alertconf

import (
	"cmp"

	"burnline/alerting/pagerduty"
)

func fillPagerDuty(c *pagerduty.Config, g Global) {
	c.URL = cmp.Or(c.URL, g.PagerDutyURL)
	c.Client = cmp.Or(c.Client, pagerduty.DefaultConfig().Client)
}
