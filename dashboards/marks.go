package dashboards

import (
	"regexp"
	"strconv"

	"burnline/slo"
)

// Series that the engine records for marks on dashboards.
const (
	seriesIncidents = "slo_incidents_open"
	seriesChanges   = "slo_change_timestamp_seconds"
)

// marks are open pages, open tickets and changes, each narrowed by a selector's
// content and what follows the selector.
func marks(incidents, rest, changes string) []mark {
	open := func(severity slo.Severity) string {
		return seriesIncidents + braces(incidents, "severity="+strconv.Quote(string(severity))) + " > 0" + rest
	}
	return []mark{
		{
			name: "Pages", colour: red, expr: open(slo.Page),
			title: "Page open: {{slo}}", text: "Somebody was paged for {{slo}}.", tags: "slo",
		},
		{
			name: "Tickets", colour: orange, expr: open(slo.Ticket),
			title: "Ticket open: {{slo}}", text: "A ticket is open for {{slo}}.", tags: "slo",
		},
		{
			name: "Changes", colour: purple, expr: seriesChanges + braces(changes) + " * 1000", atValue: true,
			title: "{{title}}", text: "{{kind}} {{service}} {{version}}", tags: "kind,service",
		},
	}
}

// changesOf narrows changes to those of a service and those that concern all.
func changesOf(service string) string {
	return "service=~" + quoted(regexp.QuoteMeta(service)+"|")
}
