package pyrra

import (
	"fmt"
	"strconv"
	"time"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// resource is a ServiceLevelObjective.
type resource struct {
	APIVersion string       `yaml:"apiVersion"`
	Kind       string       `yaml:"kind"`
	Metadata   metadata     `yaml:"metadata"`
	Spec       spec         `yaml:"spec"`
	Status     yamlconf.Raw `yaml:"status,omitempty"`
}

type metadata struct {
	Name        string            `yaml:"name"`
	Namespace   string            `yaml:"namespace,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
	kept        `yaml:",inline"`
}

// kept is what Kubernetes itself adds to an object that it keeps.
type kept struct {
	UID               string       `yaml:"uid,omitempty"`
	ResourceVersion   string       `yaml:"resourceVersion,omitempty"`
	Generation        string       `yaml:"generation,omitempty"`
	CreationTimestamp string       `yaml:"creationTimestamp,omitempty"`
	DeletionTimestamp string       `yaml:"deletionTimestamp,omitempty"`
	SelfLink          string       `yaml:"selfLink,omitempty"`
	ManagedFields     yamlconf.Raw `yaml:"managedFields,omitempty"`
	OwnerReferences   yamlconf.Raw `yaml:"ownerReferences,omitempty"`
	Finalizers        yamlconf.Raw `yaml:"finalizers,omitempty"`
}

type spec struct {
	Description             string       `yaml:"description,omitempty"`
	Target                  target       `yaml:"target"`
	Window                  duration     `yaml:"window"`
	Indicator               indicator    `yaml:"indicator"`
	Alerting                alerting     `yaml:"alerting,omitempty"`
	PartialResponseStrategy string       `yaml:"partial_response_strategy,omitempty"`
	PerformanceOverAccuracy bool         `yaml:"performanceOverAccuracy,omitempty"`
	RuleOutput              yamlconf.Raw `yaml:"ruleOutput,omitempty"`
}

// target is the objective in percent; files have it as text or as a number.
type target float64

// UnmarshalText reads a number, whether or not it is in quotes.
func (t *target) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no number", text), Instead: "write a percentage such as \"99.9\""}
	}
	*t = target(v)
	return nil
}

// MarshalText writes the number; Pyrra asks for text.
func (t target) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t), 'f', -1, 64), nil
}

// duration is written as 28d.
type duration time.Duration

// UnmarshalText reads a duration in Prometheus' form.
func (d *duration) UnmarshalText(text []byte) error {
	v, err := yamlconf.ParseDuration(string(text))
	*d = duration(v)
	return err
}

// MarshalText writes the duration in Prometheus' form.
func (d duration) MarshalText() ([]byte, error) {
	return []byte(slo.FormatDuration(time.Duration(d))), nil
}

type indicator struct {
	Ratio         *ratio         `yaml:"ratio,omitempty"`
	Latency       *latency       `yaml:"latency,omitempty"`
	LatencyNative *latencyNative `yaml:"latencyNative,omitempty"`
	BoolGauge     *boolGauge     `yaml:"bool_gauge,omitempty"`
}

type query struct {
	Metric string `yaml:"metric"`
}

type ratio struct {
	Errors   query    `yaml:"errors"`
	Total    query    `yaml:"total"`
	Grouping []string `yaml:"grouping,omitempty"`
}

type latency struct {
	Success  query    `yaml:"success"`
	Total    query    `yaml:"total"`
	Grouping []string `yaml:"grouping,omitempty"`
}

type latencyNative struct {
	Total    query    `yaml:"total"`
	Latency  duration `yaml:"latency"`
	Grouping []string `yaml:"grouping,omitempty"`
}

type boolGauge struct {
	Metric   string   `yaml:"metric"`
	Grouping []string `yaml:"grouping,omitempty"`
}

type alerting struct {
	Disabled   bool       `yaml:"disabled,omitempty"`
	Burnrates  *bool      `yaml:"burnrates,omitempty"`
	Absent     *bool      `yaml:"absent,omitempty"`
	Name       string     `yaml:"name,omitempty"`
	AbsentName string     `yaml:"absentName,omitempty"`
	Severities severities `yaml:"severities,omitempty"`
}

type severities struct {
	Absent       string `yaml:"absent,omitempty"`
	FastBurn     string `yaml:"fastBurn,omitempty"`
	MediumBurn   string `yaml:"mediumBurn,omitempty"`
	SlowBurn     string `yaml:"slowBurn,omitempty"`
	LongTermBurn string `yaml:"longTermBurn,omitempty"`
}

// burn returns the severities of the four policies, in their order.
func (s severities) burn() []string {
	return []string{s.FastBurn, s.MediumBurn, s.SlowBurn, s.LongTermBurn}
}
