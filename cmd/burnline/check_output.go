package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"burnline/slo"
)

// outputs are the forms in which check prints what it found.
func outputs() map[string]func(io.Writer, checked) error {
	return map[string]func(io.Writer, checked) error{"text": checkedText, "json": checkedJSON, "sarif": checkedSARIF}
}

// checkedText prints one finding a line and a summary.
func checkedText(out io.Writer, c checked) error {
	levels := map[slo.Level]int{}
	for _, f := range c.Findings {
		levels[f.Level]++
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	for _, l := range c.Lived {
		if _, err := fmt.Fprintln(out, l); err != nil {
			return err
		}
	}
	summary := fmt.Sprintf("%s, %s, %s", c.looked(),
		count(len(c.Findings.Errors()), "error"), count(levels[slo.LevelWarning], "warning"))
	if n := levels[slo.LevelNote]; n > 0 {
		summary += ", " + count(n, "note")
	}
	_, err := fmt.Fprintln(out, summary)
	return err
}

// looked says what was checked.
func (c checked) looked() string {
	var all []string
	if c.configs > 0 {
		said := count(c.configs, "configuration") + " checked"
		if c.receivers+c.routes > 0 {
			said += fmt.Sprintf(" (%s, %s)", count(c.receivers, "receiver"), count(c.routes, "route"))
		}
		all = append(all, said)
	}
	if c.searched {
		all = append(all, count(len(c.SLOs), "SLO")+" good")
	}
	return strings.Join(all, ", ")
}

// checkedJSON prints what was found for programs.
func checkedJSON(out io.Writer, c checked) error { return writeJSON(out, c) }

func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
