package main

import (
	"encoding/json"
	"fmt"
	"io"

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
	good := count(len(c.SLOs), "SLO") + " good"
	if c.configs > 0 && len(c.SLOs) == 0 {
		good = count(c.configs, "configuration") + " checked"
	}
	summary := fmt.Sprintf("%s, %s, %s", good,
		count(len(c.Findings.Errors()), "error"), count(levels[slo.LevelWarning], "warning"))
	if n := levels[slo.LevelNote]; n > 0 {
		summary += ", " + count(n, "note")
	}
	_, err := fmt.Fprintln(out, summary)
	return err
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
