package spec

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// The native form as it is written: what has its default is left out.
type (
	outDocument struct {
		APIVersion string      `yaml:"apiVersion"`
		Kind       string      `yaml:"kind"`
		Metadata   outMetadata `yaml:"metadata"`
		Spec       outBody     `yaml:"spec"`
	}

	outMetadata struct {
		Name   string            `yaml:"name"`
		Labels map[string]string `yaml:"labels,omitempty"`
	}

	outBody struct {
		Service     string        `yaml:"service"`
		Team        string        `yaml:"team,omitempty"`
		Journey     string        `yaml:"journey,omitempty"`
		Description string        `yaml:"description,omitempty"`
		Objective   *decimal      `yaml:"objective,omitempty"`
		Objectives  []decimal     `yaml:"objectives,omitempty,flow"`
		Window      any           `yaml:"window"` // a text, or an outWindow
		SLI         outSLI        `yaml:"sli"`
		GroupBy     []string      `yaml:"group_by,omitempty,flow"`
		DependsOn   []string      `yaml:"depends_on,omitempty,flow"`
		Budgeting   *outBudgeting `yaml:"budgeting,omitempty"`
		NoData      string        `yaml:"no_data,omitempty"`
		Impact      *outImpact    `yaml:"impact,omitempty"`
		Alerting    outAlerting   `yaml:"alerting,omitempty"`
	}

	outImpact struct {
		PricePerFailedEvent decimal `yaml:"price_per_failed_event,omitempty"`
		Customer            string  `yaml:"customer,omitempty"`
	}

	outWindow struct {
		Calendar string `yaml:"calendar"`
		Count    int    `yaml:"count,omitempty"`
		Timezone string `yaml:"timezone,omitempty"`
		Start    string `yaml:"start,omitempty"`
	}

	outSLI struct {
		Events    *outEvents    `yaml:"events,omitempty"`
		Latency   *outLatency   `yaml:"latency,omitempty"`
		Slices    *outSlices    `yaml:"slices,omitempty"`
		Ratio     *outRatio     `yaml:"ratio,omitempty"`
		Composite *outComposite `yaml:"composite,omitempty"`
		Spans     *outSpans     `yaml:"spans,omitempty"`
	}

	outSpans struct {
		Service string `yaml:"service,omitempty"`
		Where   string `yaml:"where,omitempty"`
		Bad     string `yaml:"bad"`
	}

	outEvents struct {
		Bad   string `yaml:"bad,omitempty"`
		Good  string `yaml:"good,omitempty"`
		Total string `yaml:"total"`
	}

	outLatency struct {
		Histogram string `yaml:"histogram"`
		Threshold length `yaml:"threshold"`
	}

	outSlices struct {
		Query string  `yaml:"query"`
		Op    string  `yaml:"op"`
		Value decimal `yaml:"value"`
		Slice length  `yaml:"slice"`
	}

	outRatio struct {
		Query string `yaml:"query"`
		Slice length `yaml:"slice"`
	}

	outComposite struct {
		Method string    `yaml:"method"`
		Of     []outPart `yaml:"of"`
	}

	outPart struct {
		SLO    string   `yaml:"slo"`
		Weight *decimal `yaml:"weight,omitempty"`
	}

	outBudgeting struct {
		Method string `yaml:"method"`
		Slice  length `yaml:"slice,omitempty"`
		Target string `yaml:"target,omitempty"`
	}

	outAlerting struct {
		Policies     *[]outPolicy      `yaml:"policies,omitempty"` // an empty list tells nobody
		ResolveAfter length            `yaml:"resolve_after,omitempty"`
		MinBad       *decimal          `yaml:"min_bad,omitempty"`
		Labels       map[string]string `yaml:"labels,omitempty"`
		Annotations  map[string]string `yaml:"annotations,omitempty"`
	}

	outPolicy struct {
		Severity string   `yaml:"severity"`
		Long     length   `yaml:"long"`
		Short    length   `yaml:"short"`
		Budget   string   `yaml:"budget,omitempty"`
		Factor   *decimal `yaml:"factor,omitempty"`
	}
)

// length is a duration as FormatDuration writes it.
type length string

// decimal is a number that is written with all its digits and without an exponent.
type decimal float64

var _ yaml.Marshaler = decimal(0)

// MarshalYAML implements yaml.Marshaler.
func (d decimal) MarshalYAML() (any, error) {
	tag := "!!float"
	text := strconv.FormatFloat(float64(d), 'f', -1, 64)
	if _, err := strconv.Atoi(text); err == nil {
		tag = "!!int"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}, nil
}

func numeral(v float64) *decimal {
	d := decimal(v)
	return &d
}

// inPercent writes a share, 0–1, as the percentage that is read as just that share: the same
// digits, with the point two places to the right.
func inPercent(share float64) string {
	whole, part, _ := strings.Cut(strconv.FormatFloat(share, 'f', -1, 64), ".")
	part += "00"
	text := strings.TrimLeft(whole+part[:2], "0")
	if text == "" {
		text = "0"
	}
	if rest := strings.TrimRight(part[2:], "0"); rest != "" {
		text += "." + rest
	}
	return text + "%"
}

// otherwise returns the text of a value, or "" where it is the default.
func otherwise[T comparable](v, standard T, text func(T) string) string {
	if v == standard {
		return ""
	}
	return text(v)
}

func word(n slo.NoData) string { return string(n) }
