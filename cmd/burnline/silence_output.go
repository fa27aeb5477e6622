package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"burnline/alerting/silences"
)

// shownOfAKind is how many SLOs or incidents a preview names; the rest it counts.
const shownOfAKind = 10

// writePreview says what a silence would keep quiet.
func writePreview(w io.Writer, p *silences.Preview) error {
	var b strings.Builder
	fmt.Fprintf(&b, "It would keep quiet messages of %d of %d SLOs%s\n", len(p.SLOs), p.OfSLOs, listEnd(len(p.SLOs)))
	for i, m := range p.SLOs {
		if more(&b, i, len(p.SLOs)) {
			break
		}
		kinds := []string{}
		if m.Pages {
			kinds = append(kinds, "pages")
		}
		if m.Tickets {
			kinds = append(kinds, "tickets")
		}
		fmt.Fprintf(&b, "  %s  %s%s\n", m.ID, strings.Join(kinds, " and "), groupsText(m.Groups))
	}
	fmt.Fprintf(&b, "%d of %d open incidents%s\n", len(p.Open), p.OfOpen, listEnd(len(p.Open)))
	mutedLines(&b, p.Open)
	fmt.Fprintf(&b, "%d of %d alerts of other systems and rules that fire.\n", p.Alerts, p.OfAlerts)
	fmt.Fprintf(&b, "%d of %d incidents of the last 7 days%s\n", len(p.Week), p.OfWeek, listEnd(len(p.Week)))
	mutedLines(&b, p.Week)
	if p.Ceiling > 0 {
		fmt.Fprintf(&b, "A page of an SLO that burns faster than %s would be told all the same.\n", number(p.Ceiling))
	}
	fmt.Fprintf(&b, "It may last %s at most.\n", p.Limits.Length())
	if p.Wide != "" {
		fmt.Fprintf(&b, "It has to be confirmed by --force: %s.\n", p.Wide)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// listEnd ends a line that a list of n follows, or none.
func listEnd(n int) string {
	if n == 0 {
		return "."
	}
	return ":"
}

func mutedLines(b *strings.Builder, all []silences.Muted) {
	for i, m := range all {
		if more(b, i, len(all)) {
			return
		}
		fmt.Fprintf(b, "  %s  %s %s, %s\n", m.Opened.UTC().Format(time.DateOnly+" 15:04"), m.Severity, m.SLO, cell(m.Title))
	}
}

// more ends a list that is too long, and reports whether it did.
func more(b *strings.Builder, i, of int) bool {
	if i < shownOfAKind {
		return false
	}
	fmt.Fprintf(b, "  and %d more\n", of-i)
	return true
}

func writeSilences(w io.Writer, all []listedSilence) error {
	if len(all) == 0 {
		_, err := io.WriteString(w, "There are no silences.\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tMATCHERS\tWHEN\tREASON\tAUTHOR") // Flush tells what went wrong
	for _, l := range all {
		when := l.when()
		if l.UntilResolved && l.ExpiredBy == "" {
			when += ", or resolved"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", l.ID, cell(strings.Join(l.Matchers, " ")), when, cell(l.Reason), cell(l.Author))
	}
	return table.Flush()
}
