package routetest

import (
	"gopkg.in/yaml.v3"

	"burnline/alerting"
	"burnline/internal/alertconf"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// File is one file of tests.
type File struct {
	// Config is burnline.yaml or a file of Alertmanager's; Alerting stands in its
	// place, in the words of burnline.yaml.
	Config   string           `yaml:"config"`
	Alerting alertconf.Config `yaml:"alerting"`
	// SLOs are files and folders of SLOs beside those of the configuration.
	SLOs []string `yaml:"slos"`
	// Timezone is that of the times of day; "" is UTC.
	Timezone string `yaml:"timezone"`
	Tests    []Test `yaml:"tests"`
}

// Test is one virtual day.
type Test struct {
	Name string `yaml:"name"`
	// Day is the date, such as 2026-03-02, which is a Monday and the default.
	Day    string   `yaml:"day"`
	Events []Event  `yaml:"events"`
	Expect []Expect `yaml:"expect"`
	// Others says what of messages that no expectation names: "refused", the default, fails
	// the test, "allowed" does not.
	Others string `yaml:"others"`

	source slo.Source
}

// Event is something that happens; exactly one of what may happen is given.
type Event struct {
	At Clock `yaml:"at"`

	// Fires and Resolves are the labels of an outside alert that begins and ends.
	Fires       map[string]string `yaml:"fires"`
	Resolves    map[string]string `yaml:"resolves"`
	Annotations map[string]string `yaml:"annotations"`

	// SLO is the ID of an SLO of which an incident opens (page or ticket), takes a
	// further group in, or closes (page or ticket).
	SLO    string            `yaml:"slo"`
	Opens  slo.Severity      `yaml:"opens"`
	Joins  map[string]string `yaml:"joins"`
	Closes slo.Severity      `yaml:"closes"`
	// Group is the group that breaches first. Bad and Total count events since the start,
	// Burn is the burn rate over both windows of the policy, and BudgetLeft is in percent.
	Group      map[string]string `yaml:"group"`
	Bad        float64           `yaml:"bad"`
	Total      float64           `yaml:"total"`
	Burn       float64           `yaml:"burn"`
	BudgetLeft *float64          `yaml:"budget_left"`

	Silence *Silence `yaml:"silence"`
	// Acknowledge is somebody who takes what is open: of the SLO, or the groups of
	// the alerts whose labels Of names.
	Acknowledge string            `yaml:"acknowledge"`
	Of          map[string]string `yaml:"of"`
}

// Silence is one that somebody puts in force; it is confirmed.
type Silence struct {
	Matchers      []string `yaml:"matchers"`
	For           string   `yaml:"for"`
	Author        string   `yaml:"author"`
	Reason        string   `yaml:"reason"`
	UntilResolved bool     `yaml:"until_resolved"`
	Ceiling       *float64 `yaml:"ceiling"`
}

// Expect is what has to happen, or not to.
type Expect struct {
	// At is a moment (10:02 is its whole minute); From and To are a span.
	At   Clock `yaml:"at"`
	From Clock `yaml:"from"`
	To   Clock `yaml:"to"`

	Receiver string `yaml:"receiver"`
	// Gets is trigger, update, resolve, acknowledge or nothing.
	Gets string `yaml:"gets"`
	// Of are labels of what it is about, and SLO is the ID of its SLO; both may be empty.
	Of  map[string]string `yaml:"of"`
	SLO string            `yaml:"slo"`
	// Text is what the message says.
	Text Text `yaml:"text"`
	// Quiet is why nobody is told at that moment: silenced, inhibited, muted, merged,
	// held or nobody; By is the ID, or the name of the interval, that decides it.
	Quiet alerting.Fate `yaml:"quiet"`
	By    string        `yaml:"by"`

	source slo.Source
}

// Text is what a message has to say; what is empty is not asked.
type Text struct {
	// Contains are pieces of it, Lacks are pieces that must not be there. Equals is one of
	// its texts as a whole, and Regex is found in one of them.
	Contains Texts  `yaml:"contains"`
	Lacks    Texts  `yaml:"lacks"`
	Equals   string `yaml:"equals"`
	Regex    string `yaml:"regex"`
}

// Texts are pieces of text; one alone may be written without a list.
type Texts []string

// UnmarshalYAML reads a list, or one piece.
func (t *Texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = Texts{n.Value}
		return nil
	}
	var all []string
	if err := n.Decode(&all); err != nil {
		return &yamlconf.Wrong{Message: "it is no text", Instead: "write a text, or a list of texts"}
	}
	*t = all
	return nil
}
