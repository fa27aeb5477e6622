package webhook

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/prometheus/alertmanager/template"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// Config is one webhook, with Alertmanager's keys and Burnline's signature. Exactly one of URL and
// URLFile is set.
type Config struct {
	// SendResolved tells of the end of incidents too; nil is true.
	SendResolved *bool `yaml:"send_resolved"`
	// URL is where to post, URLFile a file that holds it. It may be a template, and is a secret.
	URL     post.Secret `yaml:"url"`
	URLFile string      `yaml:"url_file"`
	// HTTPConfig says how to sign in and through which proxy; may be nil.
	HTTPConfig *post.HTTPConfig `yaml:"http_config"`
	// MaxAlerts is the most alerts of one message; 0 is no limit.
	MaxAlerts uint64 `yaml:"max_alerts"`
	// Timeout ends one request; 0 is the 5s that an attempt may take at most.
	Timeout time.Duration `yaml:"timeout"`
	// Payload, where it is given, is sent instead of Alertmanager's; its texts are templates.
	Payload *render.Tree `yaml:"payload"`
	// HMACSecret signs each request, HMACSecretFile is a file that holds it; see Sign.
	HMACSecret     post.Secret `yaml:"hmac_secret"`
	HMACSecretFile string      `yaml:"hmac_secret_file"`
}

// DefaultConfig returns a configuration without an address.
func DefaultConfig() Config { return Config{} }

// SkipResolved reports whether the end of incidents is left out.
func (c Config) SkipResolved() bool { return c.SendResolved != nil && !*c.SendResolved }

// Files are the paths that may be relative to the configuration's folder.
func (c *Config) Files() []*string { return []*string{&c.URLFile, &c.HMACSecretFile} }

// Validate reports everything that is wrong at once, joined, without showing
// secrets. It reads their files, so that a wrong path is found at start.
func (c Config) Validate() error {
	var errs []error
	address, err := post.Read("url", c.URL, c.URLFile)
	switch {
	case err != nil:
		errs = append(errs, err)
	case address == "":
		errs = append(errs, errors.New("url is missing; write url: https://hooks.example.com/burnline, or url_file"))
	case !templated(address) && !alerting.IsWeb(address):
		errs = append(errs, errors.New("url is not a web address; write https://hooks.example.com/burnline"))
	}
	if _, err := post.Read("hmac_secret", c.HMACSecret, c.HMACSecretFile); err != nil {
		errs = append(errs, err)
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout is %s; leave it out, or write one of up to 5s", c.Timeout))
	}
	if c.Payload != nil {
		if _, err := template.DeepCopyWithTemplate(c.Payload.Value, func(text string) (string, error) { return "", render.Syntax("payload", text) }); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, c.HTTPConfig.Validate())...)
}

// Advice is what may be said of a configuration that works; paths are relative to it.
func (c Config) Advice() slo.Findings { return post.Advice(c.Timeout) }

// destination is the part of an address that tells one far end from others.
func destination(address string) string {
	if u, err := url.Parse(address); err == nil && !templated(address) {
		return u.Scheme + "://" + u.Host + u.Path + "?" + u.RawQuery
	}
	return address
}
