package alerting

import (
	"slices"
	"strings"

	"burnline/slo"
)

// noteText tells, as a ticket, that the page of a dependency tells a page too.
func noteText(m Message, page *remembered) Message {
	m.Severity = slo.Ticket
	m.Summary = "The page of " + inline(page.incident.SLO) + " tells this too, so nobody is paged for it here: " + m.Summary
	m.Details = slices.Concat([]Detail{{"told by the page", page.incident.Key}}, m.Details)
	return m
}

// absorbedText ends a page where another one tells it from now on.
func absorbedText(m Message, page *remembered, v *view) Message {
	m.Summary = "Merged into the page of " + inline(page.incident.SLO) + ", which opened at " +
		clock(page.incident.Opened, v.now, v.text) + " and tells this too; it is not over: " + m.Summary
	m.Details = slices.Concat([]Detail{{"told by the page", page.incident.Key}}, m.Details)
	return m
}

// retoldText ends a note whose page follows.
func retoldText(m Message) Message {
	m.Severity = slo.Ticket
	m.Summary = "No other page tells this any more, so a page of its own follows: " + m.Summary
	return m
}

// afterText is the text of an incident that was kept back until now.
func afterText(m Message, before Decision, v *view) Message {
	over, now := "", v.now
	switch untold := v.world.unheard(before.By); {
	case before.Fate == FateMerged && untold:
		m.Summary = "Nobody could be told of the page that tells it too. " + m.Summary
		return m
	case before.Fate == FateInhibited && untold:
		m.Summary = "Nobody could be told of the alert that kept it quiet. " + m.Summary
		return m
	}
	switch before.Fate {
	case FateSilenced:
		over = "It began under a silence that is over. "
		if now.Before(before.Until) { // it was ended early, or the burn is above its ceiling
			over = "A silence no longer keeps it quiet. "
		}
	case FateInhibited:
		over = "It began while another alert kept it quiet, which is over. "
	case FateMuted:
		over = "It began in a muted time interval, which is over. "
	case FateMerged:
		over = "The page that told it too is over, and it goes on. "
	}
	m.Summary = over + m.Summary
	return m
}

// explaining names, in the text of a page, the pages that it tells too: those that it
// named before and those of now.
func explaining(m Message, before, now []string) Message {
	all := slices.Clone(before)
	for _, id := range now {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	m.Summary = strings.TrimSuffix(m.Summary, explained(m.Explains)) + explained(all)
	m.Explains = all
	return m
}

// explained says it in a sentence that follows others.
func explained(ids []string) string {
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return " It tells the page of " + inline(ids[0]) + " too, which depends on it."
	}
	return " It tells the pages of " + list(inlined(ids)) + " too, which depend on it."
}
