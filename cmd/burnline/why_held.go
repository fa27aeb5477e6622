package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"burnline/slo"
)

// whyStatus is how the server judges one group of an SLO now.
type whyStatus struct {
	Group    map[string]string `json:"group"`
	State    slo.State         `json:"state"`
	Reason   string            `json:"reason"`
	Open     []string          `json:"open_incidents"`
	Policies []whyPolicy       `json:"policies"`
}

// whyPolicy is a rule as it is judged now.
type whyPolicy struct {
	InEffect slo.Severity `json:"severity_in_effect"`
	Firing   bool         `json:"firing"`
}

// fires reports whether a policy fires, of this severity or, where that is "", of any.
func (s *whyStatus) fires(severity slo.Severity) bool {
	for _, p := range s.Policies {
		if p.Firing && (severity == "" || p.InEffect == severity) {
			return true
		}
	}
	return false
}

// escapedID is an SLO's ID as a part of an address.
func escapedID(id string) string {
	parts := strings.Split(id, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// askHeld learns what holds an open incident of an SLO open now. The opening's reason is that of the
// opening: another rule, whose windows are longer, may hold it long after the first one rests. The story
// is told without it where the SLO can't be asked for.
func (c *whyClient) askHeld(cmd *cobra.Command, r *whyRecord) {
	if !r.Closed.IsZero() || r.Cause == slo.CauseAlert || r.Cause == slo.CauseNoData {
		return
	}
	quiet := &cobra.Command{} // it may have been removed in the meantime, which is no fault of the question
	quiet.SetErr(io.Discard)
	quiet.SetContext(cmd.Context())
	var found struct {
		Statuses []whyStatus `json:"statuses"`
	}
	slos := c.serverClient
	slos.tree = "/api/v1/slos/"
	if _, err := slos.ask(quiet, http.MethodGet, escapedID(r.SLO), nil, &found); err != nil {
		r.held = "not known, because the server doesn't tell how the SLO stands"
		return
	}
	r.held = r.holding(found.Statuses)
}

// holding says in a line what holds the incident open by the judgement of its groups: what fires, else
// what the first of them waits for.
func (r *whyRecord) holding(all []whyStatus) string {
	mine := slices.DeleteFunc(slices.Clone(all), func(s whyStatus) bool { return !slices.Contains(s.Open, r.Key) })
	if len(mine) == 0 {
		return "not known, because no group of the SLO names it now"
	}
	first := 0
	for _, severity := range []slo.Severity{r.Severity, ""} {
		if i := slices.IndexFunc(mine, func(s whyStatus) bool { return s.fires(severity) }); i >= 0 {
			first = i
			break
		}
	}
	s := &mine[first]
	text := cell(s.Reason)
	if r.Severity == slo.Page && s.fires("") && !s.fires(slo.Page) {
		text = "No page policy fires any more. " + text
	}
	var pairs []string
	for name, value := range s.Group {
		pairs = append(pairs, name, value)
	}
	if len(pairs) > 0 {
		text = cell(slo.NewLabels(pairs...).String()) + ": " + text
	}
	if more := len(mine) - 1; more > 0 {
		text += fmt.Sprintf(" (the first of %d groups)", more+1)
	}
	return text
}
