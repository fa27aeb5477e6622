package alerting

import (
	"strings"

	"burnline/slo"
)

// DrillPrefix begins the IDs of SLOs that are made for a drill: nothing real fails, and
// every text says so.
const DrillPrefix = "burnline/drill-"

// Drilled reports whether an SLO is that of a drill.
func Drilled(id string) bool { return strings.HasPrefix(id, DrillPrefix) }

// directed reports whether an incident is led to one receiver whatever routes say, and kept
// quiet by nothing: that of a drill for which somebody chose the receiver.
func directed(in slo.Incident) bool { return Drilled(in.SLO) && in.Receiver != "" }

// marked says first of a drill's message that it is none to act upon.
func marked(in slo.Incident, m Message) Message {
	if Drilled(in.SLO) {
		m.Summary = "DRILL, nothing real fails: " + m.Summary
	}
	return m
}
