package alertconf

import (
	"burnline/alerting"
	"burnline/alerting/pagerduty"
)

// kinds is the one list of integrations. Each says what a new one starts from, where its
// receivers hold it, what it takes from the global settings, which of its values are files,
// and how its sender is made.
func kinds() []kind {
	return []kind{
		spec[pagerduty.Config]{
			name: "pagerduty", http: true,
			first: Integration[pagerduty.Config]{SendResolved: true},
			list:  func(r *Receiver) *[]Integration[pagerduty.Config] { return &r.PagerDuty },
			fill:  fillPagerDuty,
			files: func(c *pagerduty.Config) []*string { return []*string{&c.RoutingKeyFile} },
			make: func(c pagerduty.Config, o SenderOptions) (alerting.Sender, error) {
				return pagerduty.New(c, pagerduty.Options{Transport: o.Transport, Now: o.Now})
			},
		}.kind(),
	}
}

// Defaults are what new integrations start from, for yamlconf.Options.
func Defaults() []any {
	var all []any
	for _, k := range kinds() {
		all = append(all, k.first)
	}
	return all
}
