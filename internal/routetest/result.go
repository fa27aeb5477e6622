package routetest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Result is how one test ended; it holds when there is no failure.
type Result struct {
	slo.Source
	Name       string      `json:"name"`
	Failures   []Failure   `json:"failures"`
	Deliveries []*Delivery `json:"deliveries"`
}

// Failure is one expectation that does not hold.
type Failure struct {
	slo.Source
	// Message is what is expected, and Got what there is instead.
	Message string   `json:"message"`
	Got     []string `json:"got"`
}

// Print writes results for people.
func Print(out io.Writer, results []Result) error {
	for _, r := range results {
		word := "ok  "
		if len(r.Failures) > 0 {
			word = "FAIL"
		}
		if _, err := fmt.Fprintf(out, "%s  %s (%s, messages: %d)\n", word, r.Name, r.Source, len(r.Deliveries)); err != nil {
			return err
		}
		for _, f := range r.Failures {
			if _, err := fmt.Fprintf(out, "      %s: %s\n", f.Source, f.Message); err != nil {
				return err
			}
			for i, line := range f.Got {
				word := "  got:"
				if i > 0 {
					word = "      "
				}
				if _, err := fmt.Fprintf(out, "      %s %s\n", word, line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// words say what an expectation means.
func (e *Expect) words(day time.Time) string {
	about := ""
	if e.SLO != "" {
		about = " of " + e.SLO
	}
	if len(e.Of) > 0 {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(e.Of)) {
			parts = append(parts, name+"="+e.Of[name])
		}
		about += " of {" + strings.Join(parts, ", ") + "}"
	}
	from, until := e.span(day)
	when := "at " + from.Format("15:04:05")
	if until.Sub(from) > time.Second {
		when = "from " + from.Format("15:04") + " until " + until.Format("15:04")
	}
	who := cmp.Or(e.Receiver, "nobody")
	switch {
	case e.Quiet != "" && e.Receiver == "":
		return fmt.Sprintf("expected: nobody is told%s %s, because it is %s%s", about, when, e.Quiet, by(e.By))
	case e.Quiet != "":
		return fmt.Sprintf("expected: %s is not told%s %s, because it is %s%s", who, about, when, e.Quiet, by(e.By))
	case e.Gets == nothing && e.Receiver == "":
		return fmt.Sprintf("expected: nobody gets anything%s %s", about, when)
	}
	return fmt.Sprintf("expected: %s gets %s%s %s", who, e.Gets, about, when)
}

func by(id string) string {
	if id == "" {
		return ""
	}
	return " by " + id
}

// lines write deliveries, one each.
func lines(ds ...*Delivery) []string {
	var all []string
	for _, d := range ds {
		all = append(all, fmt.Sprintf("%s %s to %s: %s", d.At.Format("15:04:05"), d.Action, d.Receiver, d.Summary()))
	}
	return all
}

// mostQuoted is how many texts of a message a failure shows, and mostShown how much of each.
const (
	mostQuoted = 8
	mostShown  = 300
)

// quoted shows the texts of a message.
func quoted(texts []string) []string {
	var all []string
	for i, s := range texts {
		if i == mostQuoted {
			return append(all, fmt.Sprintf("  and %d further texts, see -o json", len(texts)-i))
		}
		if r := []rune(s); len(r) > mostShown {
			s = string(r[:mostShown]) + "…"
		}
		all = append(all, fmt.Sprintf("  %q", s))
	}
	return all
}
