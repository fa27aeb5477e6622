package web

import (
	"time"

	"burnline/slo"
)

// Health is how Burnline itself fares at one moment. Figures that are not
// known stay zero and are shown as such, never guessed.
type Health struct {
	// At is when the figures were taken.
	At time.Time `json:"at"`
	// Version names the build; Started is when the process began.
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	// OTLPGRPC and OTLPHTTP are the addresses that take telemetry, such as
	// 127.0.0.1:4317; "" when they are off.
	OTLPGRPC string `json:"otlp_grpc"`
	OTLPHTTP string `json:"otlp_http"`
	// SamplesPerSecond and SpansPerSecond are the rates taken in of late.
	SamplesPerSecond float64 `json:"samples_per_second"`
	SpansPerSecond   float64 `json:"spans_per_second"`
	// Refused are the items turned away since the start, by reason.
	Refused []Refusal `json:"refused"`
	// NewestSample is the time of the newest sample judged; zero when none was.
	NewestSample time.Time `json:"-"`
	// Lag is At − NewestSample.
	Lag time.Duration `json:"-"`
	// EvaluationP50 and EvaluationP99 are quantiles of the time that one
	// evaluation takes.
	EvaluationP50 time.Duration `json:"-"`
	EvaluationP99 time.Duration `json:"-"`
	// OutboxDepth counts the messages that wait to be sent, and OutboxOldest is
	// the age of the oldest.
	OutboxDepth  int           `json:"outbox_depth"`
	OutboxOldest time.Duration `json:"-"`
	// Series counts the active series of the metric store.
	Series int64 `json:"series"`
	// Stores are the parts that keep data.
	Stores []Storage `json:"stores"`
	// SLOPaths are the files and folders that SLOs are read from.
	SLOPaths []string `json:"slo_paths"`
	// Files are the SLO files as last read.
	Files []SLOFile `json:"files"`
	// SetKept is true when the last reload was refused and the set before it is
	// still in force; every page then says so.
	SetKept bool `json:"set_kept"`
	// Waiting are the keys of the configuration that a reload found changed and that only a restart puts in force.
	Waiting []string `json:"waiting,omitempty"`
	// Receivers are the configured receivers; none means nobody is told.
	Receivers []string `json:"receivers"`
	// Checkpoints are what a restart goes on from.
	Checkpoints Checkpoints `json:"checkpoints"`
	// Rules are the groups of the users' own Prometheus rules.
	Rules []RuleGroup `json:"rules"`
	// Components are the parts of the process and how they fare.
	Components []Component `json:"components"`
}

// Refusal counts what was turned away for one reason.
type Refusal struct {
	Reason string  `json:"reason"`
	Count  float64 `json:"count"`
}

// Storage is one store and its size on disk.
type Storage struct {
	// Name is what it keeps, such as metrics, traces or state.
	Name string `json:"name"`
	// Where is its folder or address, without secrets.
	Where string `json:"where"`
	// Bytes is its size, nil when that is not known.
	Bytes *int64 `json:"bytes"`
	// Limit is the size that it may reach; 0 is no limit.
	Limit int64 `json:"limit"`
}

// SLOFile is one SLO file as last read.
type SLOFile struct {
	File string `json:"file"`
	// SLOs counts the definitions that it gave.
	SLOs     int          `json:"slos"`
	Findings slo.Findings `json:"findings"`
}

// ComponentState says whether a part of the process works.
type ComponentState string

// The states of a component.
const (
	ComponentOK       ComponentState = "ok"
	ComponentStarting ComponentState = "starting"
	ComponentDegraded ComponentState = "degraded"
	ComponentFailed   ComponentState = "failed"
)

// MetricStore is the name of the component that keeps samples. When it does not
// work, every page says so, since what it shows may be out of date.
const MetricStore = "metric store"

// StateStore is the name of the component that keeps incidents and messages; every page
// says when it does not work, since nobody new would be paged.
const StateStore = "state database"

// Component is one part of the process, such as the collector.
type Component struct {
	Name  string         `json:"name"`
	State ComponentState `json:"state"`
	// Reason says why it is not ok; may be empty when it is.
	Reason string `json:"reason"`
}

// Checkpoints counts the saved counts of SLOs since the start.
type Checkpoints struct {
	// Written and Failed were made by this process; one that failed is made again.
	Written float64 `json:"written"`
	Failed  float64 `json:"failed"`
	// Resumed went on at the start, and Dropped were of no use, so that the history was read.
	Resumed float64 `json:"resumed"`
	Dropped float64 `json:"dropped"`
}

// RuleGroup is a group of users' rules and how its newest evaluation went.
type RuleGroup struct {
	File string `json:"file"`
	Name string `json:"name"`
	// Rules counts the group's rules, and Firing its alerts that fire.
	Rules  int `json:"rules"`
	Firing int `json:"firing"`
	// Evaluated is when it was last evaluated; missing when it never was.
	Evaluated time.Time `json:"evaluated,omitzero"`
	// Failing are the rules whose newest evaluation failed.
	Failing []RuleFailure `json:"failing"`
}

// RuleFailure is a rule that can't be evaluated.
type RuleFailure struct {
	Rule  string `json:"rule"`
	Error string `json:"error"`
}
