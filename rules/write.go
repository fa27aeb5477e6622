package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"burnline/slo"
)

// Form is a kind of rule file.
type Form string

// The forms that can be written.
const (
	// Prometheus is a rule file of a Prometheus server.
	Prometheus Form = "prometheus"
	// Mimir is a namespace of rules, as mimirtool loads it.
	Mimir Form = "mimir"
	// PrometheusRule is the resource of the Prometheus operator, one per service.
	PrometheusRule Form = "prometheusrule"
)

// Options say how rules are written.
type Options struct {
	// Form is Prometheus where empty.
	Form Form
	// Interval is the time between two evaluations of pages. Default DefaultInterval.
	Interval time.Duration
	// Scrape is the time between two samples of the counted series. Counts of long
	// windows rest on it: twice as long a scrape loses some events between two
	// evaluations, half as long a one counts some twice. Default DefaultScrape.
	Scrape time.Duration
}

func (o Options) withDefaults() Options {
	if o.Form == "" {
		o.Form = Prometheus
	}
	if o.Interval == 0 {
		o.Interval = DefaultInterval
	}
	if o.Scrape == 0 {
		o.Scrape = DefaultScrape
	}
	return o
}

func (o Options) validate() error {
	switch {
	case o.Interval < time.Second || o.Interval > tile:
		return fmt.Errorf("rules can't be evaluated every %s: write 1s to %s", o.Interval, slo.FormatDuration(tile))
	case o.Scrape < time.Second || o.Scrape > 2*time.Minute:
		return fmt.Errorf("a scrape every %s is not counted: write 1s to 2m", o.Scrape)
	}
	return nil
}

// Write writes the rules of the SLOs, the same for the same SLOs in any order. What
// rules can't express stands in comments at the head. It returns the IDs of the
// SLOs that could not be written at all.
func Write(w io.Writer, defs []slo.Definition, o Options) ([]string, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	defs = slices.Clone(defs)
	slices.SortFunc(defs, func(a, b slo.Definition) int { return strings.Compare(a.ID, b.ID) })
	var left []string
	var out []written
	head := heading()
	for i := range defs {
		groups, limits := Groups(&defs[i], o)
		if len(groups) == 0 {
			left = append(left, defs[i].ID)
		}
		for _, limit := range limits {
			head += comment("  "+defs[i].ID+": ", limit)
		}
		for _, g := range groups {
			out = append(out, written{service: defs[i].Service, group: g})
		}
	}
	if len(out) == 0 {
		return left, errors.New("no SLO can be written as rules")
	}
	docs, err := documents(out, o.Form)
	if err != nil {
		return left, err
	}
	if _, err := io.WriteString(w, head); err != nil {
		return left, fmt.Errorf("write rules: %w", err)
	}
	if _, err := w.Write(docs); err != nil {
		return left, fmt.Errorf("write rules: %w", err)
	}
	return left, nil
}

// written is a group with the service that it belongs to.
type written struct {
	service string
	group   Group
}

func heading() string {
	head := "# Written by burnline rules from SLOs; change those, and write it again.\n#\n# What these rules can't do and Burnline does:\n"
	for _, limit := range always() {
		head += comment("  ", limit)
	}
	return head
}

// comment writes a point of the head on one line, whatever is in it.
func comment(indent, text string) string {
	return "# " + strings.Join(strings.Fields("-"+indent+text), " ") + "\n"
}

// The shapes of the files; fields are written in this order.
type (
	fileYAML struct {
		Namespace string      `yaml:"namespace,omitempty"`
		Groups    []groupYAML `yaml:"groups"`
	}
	resourceYAML struct {
		APIVersion string       `yaml:"apiVersion"`
		Kind       string       `yaml:"kind"`
		Metadata   metadataYAML `yaml:"metadata"`
		Spec       fileYAML     `yaml:"spec"`
	}
	metadataYAML struct {
		Name   string            `yaml:"name"`
		Labels map[string]string `yaml:"labels"`
	}
	groupYAML struct {
		Name     string     `yaml:"name"`
		Interval string     `yaml:"interval"`
		Rules    []ruleYAML `yaml:"rules"`
	}
	ruleYAML struct {
		Record        string            `yaml:"record,omitempty"`
		Alert         string            `yaml:"alert,omitempty"`
		Expr          string            `yaml:"expr"`
		KeepFiringFor string            `yaml:"keep_firing_for,omitempty"`
		Labels        map[string]string `yaml:"labels,omitempty"`
		Annotations   map[string]string `yaml:"annotations,omitempty"`
	}
)

func (g Group) yaml() groupYAML {
	out := groupYAML{Name: g.Name, Interval: slo.FormatDuration(g.Interval)}
	for _, r := range g.Rules {
		one := ruleYAML{Record: r.Record, Alert: r.Alert, Expr: r.Expr, Labels: r.Labels, Annotations: r.Annotations}
		if r.KeepFiringFor > 0 {
			one.KeepFiringFor = slo.FormatDuration(r.KeepFiringFor)
		}
		out.Rules = append(out.Rules, one)
	}
	return out
}

// documents writes the groups in the form, as one or several YAML documents.
func documents(all []written, form Form) ([]byte, error) {
	var docs []any
	switch form {
	case Prometheus, Mimir:
		file := fileYAML{}
		if form == Mimir {
			file.Namespace = "burnline"
		}
		for _, w := range all {
			file.Groups = append(file.Groups, w.group.yaml())
		}
		docs = append(docs, file)
	case PrometheusRule:
		docs = resources(all)
	default:
		return nil, fmt.Errorf("unknown form %q of rules: write prometheus, mimir or prometheusrule", form)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	for _, doc := range docs {
		if err := encoder.Encode(doc); err != nil {
			return nil, fmt.Errorf("write rules as YAML: %w", err)
		}
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write rules as YAML: %w", err)
	}
	return out.Bytes(), nil
}

// resources returns one resource per service, since Kubernetes bounds their size.
func resources(all []written) []any {
	var docs []any
	var current *resourceYAML
	service, taken := "", map[string]bool{}
	for _, w := range all {
		if current == nil || w.service != service {
			service = w.service
			name := resourceName(service)
			for n := 2; taken[name]; n++ { // services that differ in what names can't hold
				name = fmt.Sprintf("%s-%d", resourceName(service), n)
			}
			taken[name] = true
			current = &resourceYAML{
				APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule",
				Metadata: metadataYAML{Name: name, Labels: map[string]string{"app.kubernetes.io/managed-by": "burnline"}},
			}
			docs = append(docs, current)
		}
		current.Spec.Groups = append(current.Spec.Groups, w.group.yaml())
	}
	return docs
}

// resourceName is a name that Kubernetes takes: lower-case letters, digits and dashes.
func resourceName(service string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, service)
	name = strings.Trim("slo-"+name, "-")
	return strings.Trim(name[:min(len(name), 240)], "-")
}
