package spec

import "time"

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
	Service     string      `yaml:"service"`
	Team        string      `yaml:"team"`
	Journey     string      `yaml:"journey"`
	Description string      `yaml:"description"`
	Objective   objective   `yaml:"objective"`
	Objectives  []objective `yaml:"objectives"`
	Window      window      `yaml:"window"`
	SLI         sli         `yaml:"sli"`
	GroupBy     []string    `yaml:"group_by"`
	DependsOn   []string    `yaml:"depends_on"`
	Budgeting   *budgeting  `yaml:"budgeting"`
	NoData      string      `yaml:"no_data"`
	Impact      impact      `yaml:"impact"`
	Alerting    alerting    `yaml:"alerting"`
}

type impact struct {
	PricePerFailedEvent float64 `yaml:"price_per_failed_event"`
	Customer            string  `yaml:"customer"`
}

type sli struct {
	Events    *events     `yaml:"events"`
	Latency   *latency    `yaml:"latency"`
	Slices    *timeslices `yaml:"slices"`
	Ratio     *ratio      `yaml:"ratio"`
	Composite *composite  `yaml:"composite"`
	Spans     *spans      `yaml:"spans"`
}

type spans struct {
	Service string `yaml:"service"`
	Where   string `yaml:"where"`
	Bad     string `yaml:"bad"`
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

type timeslices struct {
	Query string        `yaml:"query"`
	Op    string        `yaml:"op"`
	Value *float64      `yaml:"value"`
	Slice time.Duration `yaml:"slice"`
}

type ratio struct {
	Query string        `yaml:"query"`
	Slice time.Duration `yaml:"slice"`
}

type composite struct {
	Method string `yaml:"method"`
	Of     []part `yaml:"of"`
}

type part struct {
	SLO    string   `yaml:"slo"`
	Weight *float64 `yaml:"weight"`
}

type budgeting struct {
	Method string        `yaml:"method"`
	Slice  time.Duration `yaml:"slice"`
	Target *percent      `yaml:"target"`
}

type alerting struct {
	Policies     []policy          `yaml:"policies"`
	ResolveAfter time.Duration     `yaml:"resolve_after"`
	MinBad       float64           `yaml:"min_bad"`
	Labels       map[string]string `yaml:"labels"`
	Annotations  map[string]string `yaml:"annotations"`
}

type policy struct {
	Severity string        `yaml:"severity"`
	Long     time.Duration `yaml:"long"`
	Short    time.Duration `yaml:"short"`
	Budget   share         `yaml:"budget"`
	Factor   float64       `yaml:"factor"`
}
