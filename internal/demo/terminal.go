package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// boxWidth is how wide a page is set; addresses may stick out, so that they
// can still be clicked and copied.
const boxWidth = 78

// shownDetails is how many details of a page are shown; the most important come
// first.
const shownDetails = 8

// colour is an ANSI colour.
type colour string

const (
	plain colour = ""
	bold  colour = "\x1b[1m"
	dim   colour = "\x1b[2m"
	red   colour = "\x1b[31;1m"
	green colour = "\x1b[32;1m"
	amber colour = "\x1b[33;1m"
	reset        = "\x1b[0m"
)

// Coloured reports whether colours may be written to w: a terminal that can
// show them, and nobody who asked for none (https://no-color.org).
func Coloured(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// terminal writes the story. Nobody is left to tell when writing fails.
type terminal struct {
	out      io.Writer
	coloured bool
	now      func() time.Time
}

func (t *terminal) paint(c colour, s string) string {
	if !t.coloured || c == plain || s == "" {
		return s
	}
	return string(c) + s + reset
}

// say writes one sentence with the time; what is too long goes on below it.
func (t *terminal) say(c colour, format string, args ...any) {
	const indent = len("15:04:05  ")
	for i, line := range wrap(fmt.Sprintf(format, args...), boxWidth-indent) {
		stamp := strings.Repeat(" ", indent)
		if i == 0 {
			stamp = t.paint(dim, t.now().Format(time.TimeOnly)) + "  "
		}
		_, _ = fmt.Fprintf(t.out, "%s%s\n", stamp, t.paint(c, line))
	}
}

// table writes named texts below each other.
func (t *terminal) table(indent string, facts []Fact) {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.Name))
	}
	for _, f := range facts {
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(f.Name)+2)
		_, _ = fmt.Fprintf(t.out, "%s%s%s%s\n", indent, t.paint(dim, f.Name), pad, f.Text)
	}
}

// box sets an event the way a phone would show it; known says that its trigger
// was shown before.
func (t *terminal) box(e Event, known bool) {
	c, title := red, "PAGE"
	switch {
	case e.Action == Resolve:
		c, title = green, "RESOLVED"
	case e.Action != Trigger:
		c, title = plain, strings.ToUpper(e.Action)
	case e.ticket():
		c, title = amber, "TICKET"
	}
	if known && e.Action == Trigger {
		title += ", UPDATED"
	}
	head := "─ " + title
	if e.Severity != "" {
		head += " · " + e.Severity
	}
	if e.Source != "" {
		head += " · " + e.Source
	}
	head += " · accepted at " + e.At.Format(time.TimeOnly) + " "
	bar := "  " + t.paint(c, "│") + " "
	_, _ = fmt.Fprintf(t.out, "\n  %s\n", t.paint(c, "┌"+fill(head)))
	for _, line := range wrap(e.Summary, boxWidth-6) {
		_, _ = fmt.Fprintf(t.out, "%s%s\n", bar, t.paint(bold, line))
	}
	if e.Summary != "" {
		_, _ = fmt.Fprintf(t.out, "%s\n", strings.TrimRight(bar, " "))
	}
	details := e.Details
	if more := len(details) - shownDetails; more > 1 {
		details = append(details[:shownDetails:shownDetails], Fact{"", fmt.Sprintf("… and %d facts more", more)})
	}
	facts := append(append([]Fact{}, e.Links...), details...)
	t.table(bar, append(facts, Fact{"dedup_key", e.DedupKey}))
	_, _ = fmt.Fprintf(t.out, "  %s\n\n", t.paint(c, "└"+fill("")))
}

// fill lengthens a line of the box to its width.
func fill(s string) string {
	return s + strings.Repeat("─", max(0, boxWidth-3-utf8.RuneCountInString(s)))
}

// wrap breaks a text at spaces into lines of at most width runes; a longer
// word has a line of its own.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}
