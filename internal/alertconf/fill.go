package alertconf

import (
	"cmp"

	"burnline/alerting/email"
	"burnline/alerting/opsgenie"
	"burnline/alerting/pagerduty"
	"burnline/alerting/slack"
)

func fillPagerDuty(c *pagerduty.Config, g Global) {
	c.URL = cmp.Or(c.URL, g.PagerDutyURL)
	c.Client = cmp.Or(c.Client, pagerduty.DefaultConfig().Client)
}

// fillSlack takes the global token where nothing of its own signs in or names an address, and
// the global webhook where there is no token.
func fillSlack(c *slack.Config, g Global) {
	c.AppURL = cmp.Or(c.AppURL, g.SlackAppURL)
	address := c.APIURL != "" || c.APIURLFile != ""
	token := c.AppToken != "" || c.AppTokenFile != ""
	signs := c.HTTPConfig != nil && c.HTTPConfig.Authorization != nil
	if !token && !signs && !address {
		c.AppToken, c.AppTokenFile = g.SlackAppToken, g.SlackAppTokenFile
		token = c.AppToken != "" || c.AppTokenFile != ""
	}
	if !token && !address {
		c.APIURL, c.APIURLFile = g.SlackAPIURL, g.SlackAPIURLFile
	}
}

func fillOpsgenie(c *opsgenie.Config, g Global) {
	c.APIURL = cmp.Or(c.APIURL, g.OpsgenieAPIURL)
	if c.APIKey == "" && c.APIKeyFile == "" {
		c.APIKey, c.APIKeyFile = g.OpsgenieAPIKey, g.OpsgenieAPIKeyFile
	}
}

func fillEmail(c *email.Config, g Global) {
	c.Smarthost = cmp.Or(c.Smarthost, g.SMTPSmarthost)
	c.From = cmp.Or(c.From, g.SMTPFrom)
	c.Hello = cmp.Or(c.Hello, g.SMTPHello, email.DefaultConfig().Hello)
	c.AuthUsername = cmp.Or(c.AuthUsername, g.SMTPAuthUsername)
	c.AuthIdentity = cmp.Or(c.AuthIdentity, g.SMTPAuthIdentity)
	if c.AuthPassword == "" && c.AuthPasswordFile == "" {
		c.AuthPassword, c.AuthPasswordFile = g.SMTPAuthPassword, g.SMTPAuthPasswordFile
	}
	if c.AuthSecret == "" && c.AuthSecretFile == "" {
		c.AuthSecret, c.AuthSecretFile = g.SMTPAuthSecret, g.SMTPAuthSecretFile
	}
	c.RequireTLS = cmp.Or(c.RequireTLS, g.SMTPRequireTLS)
	c.TLSConfig = cmp.Or(c.TLSConfig, g.SMTPTLSConfig)
	c.ForceImplicitTLS = cmp.Or(c.ForceImplicitTLS, g.SMTPForceImplicitTLS)
}
