package sloth

import "burnline/internal/yamlconf"

// The schemas are written in the keys of version: prometheus/v1; Kubernetes' form has the same in
// camelCase.

// file is a document of version: prometheus/v1.
type file struct {
	Version string `yaml:"version"`
	body    `yaml:",inline"`
}

// resource is a PrometheusServiceLevel.
type resource struct {
	head `yaml:",inline"`
	Spec body `yaml:"spec"`
}

// head is what every Kubernetes object has.
type head struct {
	APIVersion string                  `yaml:"apiVersion"`
	Kind       string                  `yaml:"kind"`
	Metadata   map[string]yamlconf.Raw `yaml:"metadata"`
	Status     yamlconf.Raw            `yaml:"status"`
}

type body struct {
	Service    string            `yaml:"service"`
	Labels     map[string]string `yaml:"labels,omitempty"`
	SLOPlugins plugins           `yaml:"slo_plugins,omitempty"`
	SLOs       []objective       `yaml:"slos"`
}

type objective struct {
	Name        string            `yaml:"name"`
	Description string            `yaml:"description,omitempty"`
	Objective   float64           `yaml:"objective"`
	Plugins     plugins           `yaml:"plugins,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	SLI         sli               `yaml:"sli"`
	Alerting    alerting          `yaml:"alerting"`
}

type sli struct {
	Events *events `yaml:"events,omitempty"`
	Raw    *raw    `yaml:"raw,omitempty"`
	Plugin *plugin `yaml:"plugin,omitempty"`
}

type events struct {
	ErrorQuery string `yaml:"error_query"`
	TotalQuery string `yaml:"total_query"`
}

type raw struct {
	ErrorRatioQuery string `yaml:"error_ratio_query"`
}

type plugin struct {
	ID      string            `yaml:"id"`
	Options map[string]string `yaml:"options,omitempty"`
}

type alerting struct {
	Name        string            `yaml:"name,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
	PageAlert   alert             `yaml:"page_alert,omitempty"`
	TicketAlert alert             `yaml:"ticket_alert,omitempty"`
}

type alert struct {
	Disable     bool              `yaml:"disable,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

// plugins change the rules that Sloth generates.
type plugins struct {
	OverridePrevious bool `yaml:"overridePrevious"`
	Chain            []struct {
		ID       string       `yaml:"id"`
		Config   yamlconf.Raw `yaml:"config"`
		Priority int          `yaml:"priority"`
	} `yaml:"chain"`
}

// alertWindows is a file of kind: AlertWindows, in its own camelCase.
type alertWindows struct {
	head `yaml:",inline"`
	Spec struct {
		SLOPeriod duration `yaml:"sloPeriod"`
		Page      pair     `yaml:"page"`
		Ticket    pair     `yaml:"ticket"`
	} `yaml:"spec"`
}

type pair struct {
	Quick alertWindow `yaml:"quick"`
	Slow  alertWindow `yaml:"slow"`
}

type alertWindow struct {
	ErrorBudgetPercent float64  `yaml:"errorBudgetPercent"`
	ShortWindow        duration `yaml:"shortWindow"`
	LongWindow         duration `yaml:"longWindow"`
}
