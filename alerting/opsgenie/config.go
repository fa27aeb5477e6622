package opsgenie

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// DefaultURL is Opsgenie's API; that of accounts in the EU is https://api.eu.opsgenie.com/.
const DefaultURL = "https://api.opsgenie.com/"

// Config is one Opsgenie integration, with Alertmanager's keys. Texts are templates; what is left out is
// Burnline's own. Exactly one of APIKey and APIKeyFile is set.
type Config struct {
	// SendResolved closes the alert when the incident is over; nil is true.
	SendResolved *bool            `yaml:"send_resolved"`
	HTTPConfig   *post.HTTPConfig `yaml:"http_config"`
	// APIKey is that of an API integration, a secret; APIKeyFile a file that holds it.
	APIKey      post.Secret       `yaml:"api_key"`
	APIKeyFile  string            `yaml:"api_key_file"`
	APIURL      string            `yaml:"api_url"`
	Message     string            `yaml:"message"`
	Description string            `yaml:"description"`
	Source      string            `yaml:"source"`
	Details     map[string]string `yaml:"details"`
	Entity      string            `yaml:"entity"`
	Responders  []Responder       `yaml:"responders"`
	// Actions and Tags are lists with commas between.
	Actions string `yaml:"actions"`
	Tags    string `yaml:"tags"`
	Note    string `yaml:"note"`
	// Priority is P1 to P5; a page is P1 and a ticket P3 without it.
	Priority string `yaml:"priority"`
	// UpdateAlerts changes message and description of the alert with each news; a note tells it in any case.
	UpdateAlerts bool `yaml:"update_alerts"`
}

// Responder is who gets the alert.
type Responder struct {
	ID       string `yaml:"id" json:"id,omitempty"`
	Name     string `yaml:"name" json:"name,omitempty"`
	Username string `yaml:"username" json:"username,omitempty"`
	// Type is team, teams, user, escalation or schedule; teams has names with commas between.
	Type string `yaml:"type" json:"type,omitempty"`
}

// SkipResolved reports whether the end of incidents is left out.
func (c Config) SkipResolved() bool { return c.SendResolved != nil && !*c.SendResolved }

// Files are the paths that may be relative to the configuration's folder.
func (c *Config) Files() []*string { return []*string{&c.APIKeyFile} }

// Advice is what may be said of a configuration that works; paths are relative to it.
func (c Config) Advice() slo.Findings { return nil }

// Validate reports everything that is wrong at once, joined, without showing the key.
func (c Config) Validate() error {
	var errs []error
	key, err := post.Read("api_key", c.APIKey, c.APIKeyFile)
	switch {
	case err != nil:
		errs = append(errs, err)
	case key == "":
		errs = append(errs, errors.New("api_key is missing; write api_key_file: /path/to/key (in Opsgenie: Settings, Integrations, API)"))
	}
	if !alerting.IsWeb(c.APIURL) {
		errs = append(errs, errors.New("api_url is not a web address; write "+DefaultURL))
	}
	for i, r := range c.Responders {
		if r.ID == "" && r.Name == "" && r.Username == "" {
			errs = append(errs, fmt.Errorf("responders[%d] names nobody; write id, name or username", i))
		}
		if !strings.Contains(r.Type, "{{") && !slices.Contains(responderTypes(), strings.ToLower(r.Type)) {
			errs = append(errs, fmt.Errorf("responders[%d].type is none of %s", i, strings.Join(responderTypes(), ", ")))
		}
	}
	if c.Priority != "" && !strings.Contains(c.Priority, "{{") && !isPriority(c.Priority) {
		errs = append(errs, errors.New("priority is none of P1, P2, P3, P4, P5; leave it out to have pages P1 and tickets P3"))
	}
	for _, t := range c.texts() {
		if err := render.Syntax(t[0], t[1]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, c.HTTPConfig.Validate())...)
}

// texts are all templates with their keys.
func (c Config) texts() [][2]string {
	all := [][2]string{{"message", c.Message}, {"description", c.Description}, {"source", c.Source}, {"entity", c.Entity},
		{"actions", c.Actions}, {"tags", c.Tags}, {"note", c.Note}, {"priority", c.Priority}}
	for _, name := range slices.Sorted(maps.Keys(c.Details)) {
		all = append(all, [2]string{"details." + name, c.Details[name]})
	}
	for i, r := range c.Responders {
		for _, t := range [][2]string{{"id", r.ID}, {"name", r.Name}, {"username", r.Username}, {"type", r.Type}} {
			all = append(all, [2]string{fmt.Sprintf("responders[%d].%s", i, t[0]), t[1]})
		}
	}
	return all
}

func responderTypes() []string { return []string{"team", "teams", "user", "escalation", "schedule"} }

func isPriority(s string) bool { return slices.Contains([]string{"P1", "P2", "P3", "P4", "P5"}, s) }
