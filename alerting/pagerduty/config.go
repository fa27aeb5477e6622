package pagerduty

import (
	"errors"
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"

	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// DefaultURL is the Events API v2 of PagerDuty's US service region; that of the
// EU region is https://events.eu.pagerduty.com/v2/enqueue.
const DefaultURL = "https://events.pagerduty.com/v2/enqueue"

// Config is one PagerDuty integration. Exactly one of RoutingKey and
// RoutingKeyFile is set.
type Config struct {
	// SendResolved tells of the end of incidents too; nil is true.
	SendResolved *bool `yaml:"send_resolved"`
	// ChangeEvents tells PagerDuty of deploys and other changes, which notifies nobody; nil
	// does where the key can.
	ChangeEvents *bool `yaml:"change_events"`
	// HTTPConfig says through which proxy PagerDuty is reached; may be nil.
	HTTPConfig *post.HTTPConfig `yaml:"http_config"`
	// RoutingKey is the integration key of an Events API v2 integration: 32
	// letters and digits. It is a secret.
	RoutingKey string `yaml:"routing_key"`
	// RoutingKeyFile is a file that holds the key. It is read before every send,
	// so that a rotated key needs no reload.
	RoutingKeyFile string `yaml:"routing_key_file"`
	// URL is the address of the Events API.
	URL string `yaml:"url"`
	// Client is what PagerDuty shows as the sender of the alert.
	Client string `yaml:"client"`
	// The rest are templates of the event's fields, as Alertmanager has them; what is left
	// out is Burnline's own. Description is the summary; Details stand before Burnline's facts, and Links before its links.
	ClientURL   string                 `yaml:"client_url"`
	Description string                 `yaml:"description"`
	Details     map[string]render.Tree `yaml:"details"`
	Images      []Image                `yaml:"images"`
	Links       []Link                 `yaml:"links"`
	Source      string                 `yaml:"source"`
	Severity    string                 `yaml:"severity"`
	Class       string                 `yaml:"class"`
	Component   string                 `yaml:"component"`
	Group       string                 `yaml:"group"`
	// Timeout ends one request; 0 is the 5s that an attempt may take at most.
	Timeout time.Duration `yaml:"timeout"`

	_ yamlconf.NotYet `keys:"service_key service_key_file" instead:"write routing_key_file with the key of an Events API v2 integration"`
}

// DefaultConfig returns the configuration with everything but the key.
func DefaultConfig() Config { return Config{URL: DefaultURL, Client: "Burnline"} }

// String leaves the secret out, so that a configuration may be printed.
func (c Config) String() string { return "pagerduty " + c.URL }

// GoString leaves the secret out as well.
func (c Config) GoString() string { return c.String() }

// SkipResolved reports whether the end of incidents is left out.
func (c Config) SkipResolved() bool { return c.SendResolved != nil && !*c.SendResolved }

// Files are the paths that may be relative to the configuration's folder.
func (c *Config) Files() []*string { return []*string{&c.RoutingKeyFile} }

// Advice is what may be said of a configuration that works: an incident whose end is not told stays open.
func (c Config) Advice() slo.Findings {
	findings := post.Advice(c.Timeout)
	if c.SkipResolved() {
		findings = append(findings, slo.Finding{Path: "send_resolved", Level: slo.LevelWarning,
			Message: "incidents stay open in PagerDuty until somebody resolves them there", Instead: "leave it out"})
	}
	if err := c.changes(); errors.Is(err, errGlobalKey) || errors.Is(err, errOtherURL) {
		switch {
		case c.ChangeEvents == nil:
			findings = append(findings, slo.Finding{Path: "change_events", Level: slo.LevelNote, Message: "PagerDuty is not told of changes: " + err.Error()})
		case *c.ChangeEvents:
			findings = append(findings, slo.Finding{Path: "change_events", Level: slo.LevelError, Message: err.Error(),
				Instead: "write the integration key of a service, or leave change_events out"})
		}
	}
	return findings
}

// Validate reports everything that is wrong at once, joined, without showing
// the key. It reads the key's file, so that a wrong path is found at start.
func (c Config) Validate() error {
	var errs []error
	switch {
	case c.RoutingKey == "" && c.RoutingKeyFile == "":
		errs = append(errs, errors.New("routing_key is missing; give routing_key_file: /path/to/key (in PagerDuty: Service, Integrations, Events API v2, Integration Key)"))
	case c.RoutingKey != "" && c.RoutingKeyFile != "":
		errs = append(errs, errors.New("routing_key and routing_key_file are both set; keep one"))
	default:
		if _, err := c.key(); err != nil {
			errs = append(errs, err)
		}
	}
	if u, err := url.Parse(c.URL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		errs = append(errs, errors.New("url is not a web address; write "+DefaultURL))
	} else if u.User != nil {
		errs = append(errs, errors.New("url carries a user or password, which PagerDuty doesn't take; leave them out"))
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout is %s; leave it out, or write one of up to 5s", c.Timeout))
	}
	errs = append(errs, c.validateTexts()...)
	return errors.Join(append(errs, c.HTTPConfig.Validate())...)
}

// keyLength is what PagerDuty documents for routing keys.
const keyLength = 32

// key returns the routing key, checked.
func (c Config) key() (string, error) {
	key, source := c.RoutingKey, "routing_key"
	if c.RoutingKeyFile != "" {
		var err error
		if key, err = post.Read("routing_key", "", c.RoutingKeyFile); err != nil {
			return "", err
		}
		source = "routing_key_file " + c.RoutingKeyFile
	}
	if n := utf8.RuneCountInString(key); n != keyLength {
		return "", fmt.Errorf("%s holds %d characters, a PagerDuty integration key has %d; copy the Integration Key of an Events API v2 integration", source, n, keyLength)
	}
	for _, r := range key {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return "", fmt.Errorf("%s holds something other than letters and digits; copy the Integration Key of an Events API v2 integration", source)
		}
	}
	return key, nil
}
