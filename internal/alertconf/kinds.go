package alertconf

import (
	"strings"

	"burnline/alerting"
	"burnline/alerting/email"
	"burnline/alerting/msteams"
	"burnline/alerting/opsgenie"
	"burnline/alerting/pagerduty"
	"burnline/alerting/post"
	"burnline/alerting/slack"
	"burnline/alerting/webhook"
)

// kinds is the one list of integrations. Each says what rows of the outbox call it, where
// a receiver holds it, what it takes from the global settings, and how its sender is made.
func kinds() []kind {
	return []kind{
		spec[pagerduty.Config, *pagerduty.Config]{
			name: "pagerduty", secret: strings.Repeat("0", 32),
			list: func(r *Receiver) *[]pagerduty.Config { return &r.PagerDuty },
			http: func(c *pagerduty.Config) **post.HTTPConfig { return &c.HTTPConfig },
			fill: fillPagerDuty, keepsIncidents: true,
			make: func(c pagerduty.Config, o senderOptions) (alerting.Sender, error) {
				return pagerduty.New(c, pagerduty.Options{Transport: o.transport(), Now: o.now, Render: o.templates.Text})
			},
		}.kind(),
		spec[webhook.Config, *webhook.Config]{
			name:  "webhook",
			first: webhook.DefaultConfig(),
			list:  func(r *Receiver) *[]webhook.Config { return &r.Webhook },
			http:  func(c *webhook.Config) **post.HTTPConfig { return &c.HTTPConfig },

			listsAlerts: true,
			make: func(c webhook.Config, o senderOptions) (alerting.Sender, error) {
				return webhook.New(c, webhook.Options{Transport: o.transport(), Now: o.now, ExternalURL: o.externalURL, Render: o.templates.Text})
			},
		}.kind(),
		spec[slack.Config, *slack.Config]{
			name: "slack",
			list: func(r *Receiver) *[]slack.Config { return &r.Slack },
			http: func(c *slack.Config) **post.HTTPConfig { return &c.HTTPConfig },
			fill: fillSlack, showsWho: true,
			make: func(c slack.Config, o senderOptions) (alerting.Sender, error) {
				return slack.New(c, slack.Options{Transport: o.transport(), Now: o.now, Render: o.templates.Text})
			},
		}.kind(),
		spec[msteams.Config, *msteams.Config]{
			name: "msteamsv2",
			list: func(r *Receiver) *[]msteams.Config { return &r.Teams },
			http: func(c *msteams.Config) **post.HTTPConfig { return &c.HTTPConfig },
			make: func(c msteams.Config, o senderOptions) (alerting.Sender, error) {
				return msteams.New(c, msteams.Options{Transport: o.transport(), Now: o.now, Render: o.templates.Text})
			},
		}.kind(),
		spec[msteams.LegacyConfig, *msteams.LegacyConfig]{
			name: "msteams",
			list: func(r *Receiver) *[]msteams.LegacyConfig { return &r.TeamsLegacy },
			http: func(c *msteams.LegacyConfig) **post.HTTPConfig { return &c.HTTPConfig },
			make: func(c msteams.LegacyConfig, o senderOptions) (alerting.Sender, error) {
				return msteams.NewLegacy(c, msteams.Options{Transport: o.transport(), Now: o.now, Render: o.templates.Text})
			},
		}.kind(),
		spec[opsgenie.Config, *opsgenie.Config]{
			name: "opsgenie",
			list: func(r *Receiver) *[]opsgenie.Config { return &r.Opsgenie },
			http: func(c *opsgenie.Config) **post.HTTPConfig { return &c.HTTPConfig },
			fill: fillOpsgenie, keepsIncidents: true,
			make: func(c opsgenie.Config, o senderOptions) (alerting.Sender, error) {
				return opsgenie.New(c, opsgenie.Options{Transport: o.transport(), Now: o.now, Render: o.templates.Text})
			},
		}.kind(),
		spec[email.Config, *email.Config]{
			name: "email",
			list: func(r *Receiver) *[]email.Config { return &r.Email },
			fill: fillEmail,
			make: func(c email.Config, o senderOptions) (alerting.Sender, error) {
				return email.New(c, email.Options{Now: o.now, Render: o.templates.Text, RenderHTML: o.templates.HTML, Take: o.mailbox()})
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
