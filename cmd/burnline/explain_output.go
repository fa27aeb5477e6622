package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo/explain"
)

// explained is where events fail; of a file it names no SLO.
type explained struct{ explain.Answer }

// text writes the answer for people or for programs.
func (e *explained) text(output string) (string, error) {
	if output == "json" {
		var v any = e.Answer
		if e.SLO == "" {
			v = e.Found
		}
		text, err := json.MarshalIndent(v, "", "  ")
		return string(text) + "\n", err
	}
	var b strings.Builder
	if e.SLO != "" {
		e.about(&b)
	}
	switch {
	case e.Where == nil:
		b.WriteString("It can't be told where the events fail: too few failed, or there is nothing to compare them by.\n")
		return b.String(), nil
	case e.Where.Everywhere:
		b.WriteString("The failures are everywhere: nothing stands out.\n")
	}
	for i := range e.Where.Explanations {
		writeCause(&b, &e.Where.Explanations[i], i+1)
	}
	fmt.Fprintf(&b, "Compared %s events by %s.\n", alerting.Count(e.Where.Events), strings.Join(e.Where.Attributes, ", "))
	return b.String(), nil
}

// about says which events of an SLO were compared.
func (e *explained) about(b *strings.Builder) {
	fmt.Fprintf(b, "%s, from %s to %s", e.SLO, moment(time.Unix(e.From, 0)), moment(time.Unix(e.To, 0)))
	for i, g := range e.Groups {
		if len(g) > 0 {
			b.WriteString(map[bool]string{true: ", group ", false: " and "}[i == 0] + asLabels(g).String())
		}
	}
	if e.Incident != "" {
		b.WriteString(", incident " + short(e.Incident))
	}
	b.WriteString("\n\n")
}

// writeCause tells one cause and its numbers.
func writeCause(b *strings.Builder, c *explain.Explanation, number int) {
	pairs := strings.TrimSuffix(strings.TrimPrefix(asLabels(c.Labels).String(), "{"), "}")
	fmt.Fprintf(b, "%d. %s\n   %s of %s failed, %s; elsewhere %s", number, pairs,
		alerting.Count(c.Failed), alerting.Count(c.Total), alerting.Percent(c.Ratio), alerting.Percent(c.Outside))
	if c.Baseline != nil {
		b.WriteString("; before " + alerting.Percent(*c.Baseline))
	}
	fmt.Fprintf(b, "\n   it holds %s of all failures; score %.1f\n\n", alerting.Percent(c.Share), c.Score)
}
