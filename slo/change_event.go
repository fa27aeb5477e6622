package slo

import "time"

// ChangeKind says what sort of change happened.
type ChangeKind string

// The kinds of change.
const (
	ChangeDeploy ChangeKind = "deploy"
	ChangeFlag   ChangeKind = "flag"
	ChangeConfig ChangeKind = "config"
	// ChangeVersion is a service.version that telemetry showed for the first time.
	ChangeVersion ChangeKind = "version"
	ChangeOther   ChangeKind = "other"
)

// ChangeEvent is something that people or machines changed: what an incident may rest on.
type ChangeEvent struct {
	// ID names it; the same ID twice is the same change.
	ID   string     `json:"id"`
	Kind ChangeKind `json:"kind"`
	// At is when it happened, or when its rollout began.
	At time.Time `json:"at"`
	// Service is what was changed; "" concerns all services.
	Service string `json:"service,omitempty"`
	// Title says it in one line, such as "checkout 2.14.0".
	Title string `json:"title"`
	// Version is the version that came, where there is one.
	Version string `json:"version,omitempty"`
	// By is who or what did it, and Link where to read more; both may be empty.
	By   string `json:"by,omitempty"`
	Link string `json:"link,omitempty"`
	// Labels narrow it: region, environment, the flag's name and value.
	Labels map[string]string `json:"labels,omitempty"`
	// Source is what told of it: api, cli, telemetry.
	Source string `json:"source"`
}
