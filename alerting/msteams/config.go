package msteams

import (
	"errors"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// Config is one channel or chat with a Workflows webhook (msteamsv2_configs), with Alertmanager's keys. Exactly one of
// WebhookURL and WebhookURLFile is set. Texts are templates; what is left out is Burnline's own.
type Config struct {
	// SendResolved tells of the end of incidents too; nil is true.
	SendResolved *bool            `yaml:"send_resolved"`
	HTTPConfig   *post.HTTPConfig `yaml:"http_config"`
	// WebhookURL is the address of the workflow, a secret; WebhookURLFile a file that holds it.
	WebhookURL     post.Secret `yaml:"webhook_url"`
	WebhookURLFile string      `yaml:"webhook_url_file"`
	Title          string      `yaml:"title"`
	Text           string      `yaml:"text"`
}

// LegacyConfig is one Office 365 connector (msteams_configs), with Alertmanager's keys.
type LegacyConfig struct {
	SendResolved   *bool            `yaml:"send_resolved"`
	HTTPConfig     *post.HTTPConfig `yaml:"http_config"`
	WebhookURL     post.Secret      `yaml:"webhook_url"`
	WebhookURLFile string           `yaml:"webhook_url_file"`
	Title          string           `yaml:"title"`
	Summary        string           `yaml:"summary"`
	Text           string           `yaml:"text"`
}

// SkipResolved reports whether the end of incidents is left out.
func (c Config) SkipResolved() bool { return c.SendResolved != nil && !*c.SendResolved }

// SkipResolved reports whether the end of incidents is left out.
func (c LegacyConfig) SkipResolved() bool { return c.modern().SkipResolved() }

// Files are the paths that may be relative to the configuration's folder.
func (c *Config) Files() []*string { return []*string{&c.WebhookURLFile} }

// Files are the paths that may be relative to the configuration's folder.
func (c *LegacyConfig) Files() []*string { return []*string{&c.WebhookURLFile} }

// Advice is what may be said of a configuration that works; paths are relative to it.
func (c Config) Advice() slo.Findings { return nil }

// Advice is what may be said of a configuration that works; paths are relative to it.
func (c LegacyConfig) Advice() slo.Findings {
	return slo.Findings{{Level: slo.LevelWarning,
		Message: "Microsoft has retired the connectors of Office 365 that msteams_configs posts to, so messages may not arrive",
		Instead: "make a workflow \"Post to a channel when a webhook request is received\" in Teams, and write msteamsv2_configs with its address",
	}}
}

// Validate reports everything that is wrong at once, joined, without showing the address.
func (c Config) Validate() error {
	var errs []error
	address, err := post.Read("webhook_url", c.WebhookURL, c.WebhookURLFile)
	switch {
	case err != nil:
		errs = append(errs, err)
	case address == "":
		errs = append(errs, errors.New("webhook_url is missing; write webhook_url_file: /path/to/address of the workflow"))
	case !alerting.IsWeb(address):
		errs = append(errs, errors.New("webhook_url is not a web address; copy that of the workflow"))
	}
	for _, t := range [][2]string{{"title", c.Title}, {"text", c.Text}} {
		if err := render.Syntax(t[0], t[1]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, c.HTTPConfig.Validate())...)
}

// Validate reports everything that is wrong at once, joined, without showing the address.
func (c LegacyConfig) Validate() error {
	return errors.Join(c.modern().Validate(), render.Syntax("summary", c.Summary))
}

// modern is what both forms have in common.
func (c LegacyConfig) modern() Config {
	return Config{SendResolved: c.SendResolved, HTTPConfig: c.HTTPConfig, WebhookURL: c.WebhookURL, WebhookURLFile: c.WebhookURLFile, Title: c.Title, Text: c.Text}
}
