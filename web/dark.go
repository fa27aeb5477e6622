package web

import (
	"time"

	"burnline/slo"
)

// darkWords says in words since when no data arrives, or far less than usual.
type darkWords struct {
	Since  time.Time
	Reason string
	// Figures compare the last hour with the usual.
	Figures string
	// Does says who is told.
	Does string
	// Source names where the data came from; may be empty.
	Source string
	// Pages is true where it wakes somebody.
	Pages bool
}

func darkOf(d *slo.Darkness) *darkWords {
	if d == nil {
		return nil
	}
	w := darkWords{Since: d.Since, Reason: capital(sentence(d.Reason)), Source: groupText(d.Source), Pages: d.Severity == slo.Page}
	w.Figures = "Before, " + count(d.Usual) + " events came in an hour; in the last hour it was " + count(d.Now) + "."
	if d.Collapsed {
		w.Figures = "In the same hour of last week " + count(d.Usual) + " events came; in the last hour it was " + count(d.Now) + "."
	}
	switch d.Severity {
	case slo.Page:
		w.Does = "It pages."
	case slo.Ticket:
		w.Does = "It is a ticket."
	default:
		w.Does = "Nobody is told of it (no_data: ignore)."
	}
	return &w
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || s[len(s)-1] == '.' {
		return s
	}
	return s + "."
}
