package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// The verdicts on where events fail.
const (
	verdictCauses     = "causes"
	verdictEverywhere = "everywhere"
	verdictUnknown    = "unknown"
)

// explained is where events fail, as the server tells it; of a file it has no SLO.
type explained struct {
	SLO      string              `json:"slo,omitempty"`
	From     int64               `json:"from,omitempty"`
	To       int64               `json:"to,omitempty"`
	Incident string              `json:"incident,omitempty"`
	Groups   []map[string]string `json:"groups,omitempty"`
	Verdict  string              `json:"verdict"`
	Where    *explainedWhere     `json:"where"`
}

type explainedWhere struct {
	Everywhere   bool             `json:"everywhere"`
	Events       float64          `json:"events"`
	Sampled      bool             `json:"sampled"`
	Attributes   []string         `json:"attributes"`
	Explanations []explainedCause `json:"explanations"`
}

type explainedCause struct {
	Labels   map[string]string `json:"labels"`
	Failed   float64           `json:"failed"`
	Total    float64           `json:"total"`
	Ratio    float64           `json:"ratio"`
	Outside  float64           `json:"outside"`
	Baseline *float64          `json:"baseline"`
	Share    float64           `json:"share"`
	Score    float64           `json:"score"`
}

// newExplained writes what was found in a file as the server would.
func newExplained(w slo.Where) explained {
	out := explained{Verdict: verdictUnknown}
	switch {
	case len(w.Explanations) > 0:
		out.Verdict = verdictCauses
	case w.Everywhere:
		out.Verdict = verdictEverywhere
	default:
		return out
	}
	out.Where = &explainedWhere{
		Everywhere: w.Everywhere, Events: w.Events, Sampled: w.Sampled,
		Attributes: append([]string{}, w.Attributes...), Explanations: []explainedCause{},
	}
	for _, e := range w.Explanations {
		one := explainedCause{Labels: e.Labels.Map(), Failed: e.Failed, Total: e.Total, Ratio: e.Ratio, Outside: e.Outside, Share: e.Share, Score: e.Score}
		if e.Baseline >= 0 {
			one.Baseline = &e.Baseline
		}
		out.Where.Explanations = append(out.Where.Explanations, one)
	}
	return out
}

// text writes the answer for people or for programs.
func (e *explained) text(output string) (string, error) {
	if output == "json" {
		text, err := json.MarshalIndent(e, "", "  ")
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
		e.Where.Explanations[i].write(&b, i+1)
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

// write tells one cause and its numbers.
func (c *explainedCause) write(b *strings.Builder, number int) {
	pairs := strings.TrimSuffix(strings.TrimPrefix(asLabels(c.Labels).String(), "{"), "}")
	fmt.Fprintf(b, "%d. %s\n   %s of %s failed, %s; elsewhere %s", number, pairs,
		alerting.Count(c.Failed), alerting.Count(c.Total), alerting.Percent(c.Ratio), alerting.Percent(c.Outside))
	if c.Baseline != nil {
		b.WriteString("; before " + alerting.Percent(*c.Baseline))
	}
	fmt.Fprintf(b, "\n   it holds %s of all failures; score %.1f\n\n", alerting.Percent(c.Share), c.Score)
}
