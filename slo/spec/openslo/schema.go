package openslo

import (
	"encoding"

	"gopkg.in/yaml.v3"

	"burnline/internal/yamlconf"
)

// document is an object of openslo/v1 as it is written, whatever its kind.
type document[S any] struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   metadata `yaml:"metadata"`
	Spec       S        `yaml:"spec"`
}

type metadata struct {
	Name        string            `yaml:"name"`
	DisplayName string            `yaml:"displayName"`
	Labels      map[string]values `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

// values are a label's values: one, or a list.
type values []string

var _ yaml.Unmarshaler = (*values)(nil)

func (v *values) UnmarshalYAML(n *yaml.Node) error {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		if item.Kind != yaml.ScalarNode {
			return &yamlconf.Wrong{Message: "a label has values, not keys", Instead: "write one value, or a list of them"}
		}
		*v = append(*v, item.Value)
	}
	return nil
}

// unused is a part that says nothing to Burnline and may hold secrets.
type unused struct{}

var _ yaml.Unmarshaler = (*unused)(nil)

func (*unused) UnmarshalYAML(*yaml.Node) error { return nil }

type serviceSpec struct {
	Description string `yaml:"description"`
}

type dataSourceSpec struct {
	Description       string `yaml:"description"`
	Type              string `yaml:"type"`
	ConnectionDetails unused `yaml:"connectionDetails"`
}

type targetSpec struct {
	Description string `yaml:"description"`
	Target      string `yaml:"target"`
}

type sliSpec struct {
	Description     string       `yaml:"description"`
	ThresholdMetric *metric      `yaml:"thresholdMetric"`
	RatioMetric     *ratioMetric `yaml:"ratioMetric"`
}

type ratioMetric struct {
	Counter *bool   `yaml:"counter"`
	Good    *metric `yaml:"good"`
	Bad     *metric `yaml:"bad"`
	Total   *metric `yaml:"total"`
	RawType string  `yaml:"rawType"`
	Raw     *metric `yaml:"raw"`
}

type metric struct {
	MetricSource metricSource `yaml:"metricSource"`
}

type metricSource struct {
	MetricSourceRef string    `yaml:"metricSourceRef"`
	Type            string    `yaml:"type"`
	Spec            querySpec `yaml:"spec"`
}

// querySpec is what a source needs to know; only PromQL is understood.
type querySpec struct {
	query string
	key   string   // under which the query stands
	other []string // keys that nobody reads
}

var _ yaml.Unmarshaler = (*querySpec)(nil)

func (q *querySpec) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return &yamlconf.Wrong{Message: "expected keys and values", Instead: "write query: and the PromQL"}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		switch {
		case (key == "query" || key == "promql") && value.Kind == yaml.ScalarNode && q.query == "":
			q.query, q.key = value.Value, key
		case key == "queryType":
		default:
			q.other = append(q.other, key)
		}
	}
	return nil
}

type sloSpec struct {
	Description     string        `yaml:"description"`
	Service         string        `yaml:"service"`
	Indicator       *inlineSLI    `yaml:"indicator"`
	IndicatorRef    string        `yaml:"indicatorRef"`
	BudgetingMethod string        `yaml:"budgetingMethod"`
	TimeWindow      []timeWindow  `yaml:"timeWindow"`
	Objectives      []objective   `yaml:"objectives"`
	AlertPolicies   []alertPolicy `yaml:"alertPolicies"`
}

type inlineSLI struct {
	Metadata metadata `yaml:"metadata"`
	Spec     sliSpec  `yaml:"spec"`
}

type timeWindow struct {
	Duration  shorthand `yaml:"duration"`
	IsRolling *bool     `yaml:"isRolling"`
	Calendar  *calendar `yaml:"calendar"`
}

type calendar struct {
	StartTime string `yaml:"startTime"`
	TimeZone  string `yaml:"timeZone"`
}

type objective struct {
	DisplayName     string     `yaml:"displayName"`
	Op              string     `yaml:"op"`
	Value           *float64   `yaml:"value"`
	Target          *float64   `yaml:"target"`
	TargetPercent   *float64   `yaml:"targetPercent"`
	TimeSliceTarget *float64   `yaml:"timeSliceTarget"`
	TimeSliceWindow sliceLen   `yaml:"timeSliceWindow"`
	Indicator       *inlineSLI `yaml:"indicator"`
	IndicatorRef    string     `yaml:"indicatorRef"`
	CompositeWeight *float64   `yaml:"compositeWeight"`
}

type alertPolicy struct {
	AlertPolicyRef string           `yaml:"alertPolicyRef"`
	Kind           string           `yaml:"kind"`
	Metadata       metadata         `yaml:"metadata"`
	Spec           *alertPolicySpec `yaml:"spec"`
}

type alertPolicySpec struct {
	Description         string               `yaml:"description"`
	AlertWhenNoData     *bool                `yaml:"alertWhenNoData"`
	AlertWhenResolved   *bool                `yaml:"alertWhenResolved"`
	AlertWhenBreaching  *bool                `yaml:"alertWhenBreaching"`
	Conditions          []alertCondition     `yaml:"conditions"`
	NotificationTargets []notificationTarget `yaml:"notificationTargets"`
}

type alertCondition struct {
	ConditionRef string         `yaml:"conditionRef"`
	Kind         string         `yaml:"kind"`
	Metadata     metadata       `yaml:"metadata"`
	Spec         *conditionSpec `yaml:"spec"`
}

type conditionSpec struct {
	Description string    `yaml:"description"`
	Severity    string    `yaml:"severity"`
	Condition   condition `yaml:"condition"`
}

type condition struct {
	Kind           string    `yaml:"kind"`
	Op             string    `yaml:"op"`
	Threshold      *float64  `yaml:"threshold"`
	LookbackWindow shorthand `yaml:"lookbackWindow"`
	AlertAfter     shorthand `yaml:"alertAfter"`
}

type notificationTarget struct {
	TargetRef string      `yaml:"targetRef"`
	Kind      string      `yaml:"kind"`
	Metadata  metadata    `yaml:"metadata"`
	Spec      *targetSpec `yaml:"spec"`
}

var (
	_ encoding.TextUnmarshaler = (*shorthand)(nil)
	_ encoding.TextUnmarshaler = (*sliceLen)(nil)
)
