package alertconf

import (
	"time"

	"burnline/alerting/opsgenie"
	"burnline/alerting/pagerduty"
	"burnline/alerting/post"
	"burnline/alerting/slack"
	"burnline/internal/yamlconf"
)

// Global has defaults for all receivers.
type Global struct {
	// ResolveTimeout is after what time without news an outside alert that names no end
	// is over.
	ResolveTimeout time.Duration `yaml:"resolve_timeout"`
	// HTTP is how integrations that say nothing of their own reach their services; nil
	// is directly, or by the proxies that the environment names.
	HTTP *post.HTTPConfig `yaml:"http_config"`
	// PagerDutyURL is the Events API for integrations that name none, those of teams
	// among them.
	PagerDutyURL string `yaml:"pagerduty_url"`

	// The server and sender of mails, and what signs in there.
	SMTPSmarthost        string          `yaml:"smtp_smarthost"`
	SMTPFrom             string          `yaml:"smtp_from"`
	SMTPHello            string          `yaml:"smtp_hello"`
	SMTPAuthUsername     string          `yaml:"smtp_auth_username"`
	SMTPAuthPassword     post.Secret     `yaml:"smtp_auth_password"`
	SMTPAuthPasswordFile string          `yaml:"smtp_auth_password_file"`
	SMTPAuthSecret       post.Secret     `yaml:"smtp_auth_secret"`
	SMTPAuthSecretFile   string          `yaml:"smtp_auth_secret_file"`
	SMTPAuthIdentity     string          `yaml:"smtp_auth_identity"`
	SMTPRequireTLS       *bool           `yaml:"smtp_require_tls"`
	SMTPTLSConfig        *post.TLSConfig `yaml:"smtp_tls_config"`
	SMTPForceImplicitTLS *bool           `yaml:"smtp_force_implicit_tls"`

	// A Slack webhook, or a bot's token with the address of the API.
	SlackAPIURL       post.Secret `yaml:"slack_api_url"`
	SlackAPIURLFile   string      `yaml:"slack_api_url_file"`
	SlackAppToken     post.Secret `yaml:"slack_app_token"`
	SlackAppTokenFile string      `yaml:"slack_app_token_file"`
	SlackAppURL       string      `yaml:"slack_app_url"`

	// The key and address of Opsgenie's API.
	OpsgenieAPIKey     post.Secret `yaml:"opsgenie_api_key"`
	OpsgenieAPIKeyFile string      `yaml:"opsgenie_api_key_file"`
	OpsgenieAPIURL     string      `yaml:"opsgenie_api_url"`

	_ yamlconf.NotYet `keys:"victorops_api_key victorops_api_key_file victorops_api_url wechat_api_url wechat_api_secret wechat_api_secret_file wechat_api_corp_id telegram_api_url telegram_bot_token telegram_bot_token_file webex_api_url jira_api_url rocketchat_api_url rocketchat_token rocketchat_token_file rocketchat_token_id rocketchat_token_id_file mattermost_webhook_url mattermost_webhook_url_file" level:"warning" instead:"remove it; there are no receivers of this kind"`
}

// files are the paths that may be relative to the configuration's folder.
func (g *Global) files() []*string {
	files := []*string{&g.SMTPAuthPasswordFile, &g.SMTPAuthSecretFile, &g.SlackAPIURLFile, &g.SlackAppTokenFile, &g.OpsgenieAPIKeyFile}
	if t := g.SMTPTLSConfig; t != nil {
		files = append(files, &t.CAFile, &t.CertFile, &t.KeyFile)
	}
	return files
}

// validate checks the settings themselves; what they lack is said where they are needed.
func (g *Global) validate(c *check) {
	if g.ResolveTimeout <= 0 {
		c.wrong("global.resolve_timeout", "alerts can't end at once", "write a duration such as 5m")
	}
	for _, a := range []struct{ key, value, example string }{
		{"pagerduty_url", g.PagerDutyURL, pagerduty.DefaultURL}, {"slack_app_url", g.SlackAppURL, slack.DefaultAppURL}, {"opsgenie_api_url", g.OpsgenieAPIURL, opsgenie.DefaultURL},
	} {
		c.findings = append(c.findings, yamlconf.WebAddress(c.prefix+"global."+a.key, a.value, a.example)...)
	}
	for _, pair := range []struct {
		key   string
		value post.Secret
		file  string
	}{
		{"smtp_auth_password", g.SMTPAuthPassword, g.SMTPAuthPasswordFile}, {"smtp_auth_secret", g.SMTPAuthSecret, g.SMTPAuthSecretFile},
		{"slack_api_url", g.SlackAPIURL, g.SlackAPIURLFile}, {"slack_app_token", g.SlackAppToken, g.SlackAppTokenFile},
		{"opsgenie_api_key", g.OpsgenieAPIKey, g.OpsgenieAPIKeyFile},
	} {
		if pair.value != "" && pair.file != "" {
			c.wrong("global."+pair.key+"_file", pair.key+" is given too", "keep one")
		}
	}
	token, address := g.SlackAppToken != "" || g.SlackAppTokenFile != "", g.SlackAPIURL != "" || g.SlackAPIURLFile != ""
	if token && address && string(g.SlackAPIURL) != g.SlackAppURL {
		c.wrong("global.slack_api_url", "slack_app_token is given too", "keep the token to have messages edited, or the address of an incoming webhook")
	}
}

// The defaults of Alertmanager that are kept.
const (
	defaultResolveTimeout = 5 * time.Minute
	defaultGroupInterval  = 5 * time.Minute
	defaultRepeatInterval = 4 * time.Hour
)

// DefaultConfig returns what holds without any key: incidents are recorded and nobody is
// told.
func DefaultConfig() Config {
	return Config{PagerDutyWebhook: PagerDutyWebhook{ResolvedGrace: defaultResolvedGrace}, Heartbeat: Heartbeat{Every: defaultBeat}, Silences: defaultSilences(), File: File{Global: Global{
		ResolveTimeout: defaultResolveTimeout, PagerDutyURL: pagerduty.DefaultURL,
		SlackAppURL: slack.DefaultAppURL, OpsgenieAPIURL: opsgenie.DefaultURL,
	}}}
}
