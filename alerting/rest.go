package alerting

import (
	"fmt"
	"time"

	"burnline/slo"
)

// Rests says of an open incident whose failing has stopped since when that is so, until when it stays open all the same
// and by which rule, and in the past tense what was suffered; "" where it goes on, or nobody knows. The transition
// has the incident, its definition and the moment of now.
//
// What receivers were told stays as it was told: this is for pages that say how it is now.
func Rests(t slo.Transition, h *slo.Holding, o TextOptions) string {
	if !h.Rests() {
		return ""
	}
	t.Since = h.Failed
	what, again := stoppedWords(t, h)
	return sentences(fmt.Sprintf("%s: %s since %s%s.", where(t), what, Clock(h.Stopped, t.At, o), stays(t, h, again, o)), toll(t, o, h.Stopped))
}

// stoppedWords say what has stopped, and no more than was seen: some failures go on everywhere. again is how it would return.
func stoppedWords(t slo.Transition, h *slo.Holding) (what, again string) {
	_, slow := threshold(t.Definition)
	none := bad(h.After) == 0
	switch {
	case inParts(t.Definition):
		return "the error ratio has kept the promise", "it returns"
	case slow && none:
		return "nothing has been slow", "it returns"
	case slow:
		return "no more has been slow than was promised", "it returns"
	case none:
		return "failures have stopped", "they return"
	}
	return "no more has failed than was promised", "it returns"
}

// stays says until when the incident stays open, and by which rule.
func stays(t slo.Transition, h *slo.Holding, again string, o TextOptions) string {
	if h.Until.IsZero() {
		return ""
	}
	text := fmt.Sprintf(", and the %s stays open until about %s unless %s", t.Incident.Severity, Clock(h.Until, t.At, o), again)
	if h.Rule != nil {
		text += ", by the rule of " + RuleName(h.Rule.Policy)
	}
	return text
}

// RuleName names a policy by its windows: 6h/30m.
func RuleName(p slo.Policy) string {
	return slo.FormatDuration(p.Long) + "/" + slo.FormatDuration(p.Short)
}

// Clock writes a time of day, with the day when it is not that of now.
func Clock(t, now time.Time, o TextOptions) string { return clock(t, now, o) }
