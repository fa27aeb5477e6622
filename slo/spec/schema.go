package spec

import (
	"encoding"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"burnline/internal/yamlconf"
)

// document is the native form as it is written.
type document struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
	Spec       body     `yaml:"spec"`
}

type metadata struct {
	Name   string            `yaml:"name"`
	Labels map[string]string `yaml:"labels"`
}

type body struct {
	Service     string    `yaml:"service"`
	Team        string    `yaml:"team"`
	Journey     string    `yaml:"journey"`
	Description string    `yaml:"description"`
	Objective   objective `yaml:"objective"`
	Window      window    `yaml:"window"`
	SLI         sli       `yaml:"sli"`
	GroupBy     []string  `yaml:"group_by"`
	Alerting    alerting  `yaml:"alerting"`

	_ yamlconf.NotYet `keys:"objectives" instead:"write one SLO for each objective, each with its own name"`
	_ yamlconf.NotYet `keys:"no_data" instead:"leave it out; the SLO is shown as missing, and nobody is told"`
}

type sli struct {
	Events  *events  `yaml:"events"`
	Latency *latency `yaml:"latency"`

	_ yamlconf.NotYet `keys:"slices ratio spans" instead:"write events or latency"`
}

type events struct {
	Bad   string `yaml:"bad"`
	Good  string `yaml:"good"`
	Total string `yaml:"total"`
}

type latency struct {
	Histogram string        `yaml:"histogram"`
	Threshold time.Duration `yaml:"threshold"`
}

type alerting struct {
	Policies     []policy          `yaml:"policies"`
	ResolveAfter time.Duration     `yaml:"resolve_after"`
	MinBad       float64           `yaml:"min_bad"`
	Annotations  map[string]string `yaml:"annotations"`

	_ yamlconf.NotYet `keys:"labels" instead:"write metadata.labels"`
}

type policy struct {
	Severity string        `yaml:"severity"`
	Long     time.Duration `yaml:"long"`
	Short    time.Duration `yaml:"short"`
	Budget   share         `yaml:"budget"`
	Factor   float64       `yaml:"factor"`
}

// objective is a percentage that is written as a number.
type objective float64

var _ encoding.TextUnmarshaler = (*objective)(nil)

func (o *objective) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no number", text), Instead: "write a percentage such as 99.9"}
	}
	if percent {
		return &yamlconf.Wrong{Message: "the objective is a percentage already", Instead: "write " + number + " without %"}
	}
	*o = objective(v)
	return nil
}

// share is a part of the budget, 0–1, that is written as a percentage with its sign.
type share float64

var _ encoding.TextUnmarshaler = (*share)(nil)

func (s *share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(strings.TrimSpace(string(text)), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil:
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no share of the budget", text), Instead: "write a percentage such as 2%"}
	case !percent:
		return &yamlconf.Wrong{Message: "a share of the budget needs its percent sign", Instead: "write " + number + "%, or factor for a burn rate"}
	case !(v > 0 && v <= 100):
		return &yamlconf.Wrong{Message: fmt.Sprintf("%s%% is no share of the budget", number), Instead: "write more than 0% and at most 100%"}
	}
	*s = share(v / 100)
	return nil
}

// window is a rolling window.
type window time.Duration

var _ yaml.Unmarshaler = (*window)(nil)

func (w *window) UnmarshalYAML(n *yaml.Node) error {
	calendar := map[string]bool{"day": true, "week": true, "month": true, "quarter": true, "year": true}
	if n.Kind != yaml.ScalarNode || calendar[n.Value] {
		return &yamlconf.Wrong{Message: "calendar windows are not supported yet", Instead: "write a rolling window such as 30d"}
	}
	d, err := yamlconf.ParseDuration(n.Value)
	*w = window(d)
	return err
}
