package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// tested is what route test found, as -o json prints it.
type tested struct {
	Labels map[string]string `json:"labels"`
	At     time.Time         `json:"at"`
	Ways   []testedWay       `json:"ways"`
	// Inhibition are the rules that could keep it quiet.
	Inhibition []testedRule `json:"inhibition"`
}

// testedWay is one receiver with the route that leads there.
type testedWay struct {
	Receiver     string   `json:"receiver"`
	Integrations []string `json:"integrations"`
	Fallback     string   `json:"fallback,omitempty"`
	// Team is the team whose own receiver it is, instead of the root's.
	Team  string            `json:"team,omitempty"`
	Route shownNode         `json:"route"`
	Group map[string]string `json:"group"`
	// Muted is what mutes the way at the moment, with its reason; both are "" when
	// nothing does.
	Muted  string `json:"muted,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// testedRule is an inhibition rule, with the values that the other alert must share.
type testedRule struct {
	slo.Source
	Sources []string          `json:"source_matchers"`
	Equal   map[string]string `json:"equal"`
}

// testedRoute asks the configuration for an alert.
func testedRoute(c *alerting.Config, ls slo.Labels, at time.Time) tested {
	t := tested{Labels: ls.Map(), At: at, Ways: []testedWay{}, Inhibition: []testedRule{}}
	for _, w := range c.Ways(ls, at) {
		way := testedWay{Receiver: w.Receiver, Integrations: []string{}, Route: shownNodeOf(w.Route), Group: w.Group.Map(), Muted: w.Muted.By, Reason: w.Muted.Reason}
		if w.Receiver != w.Route.Receiver && c.Teams[ls.Get("team")] == w.Receiver {
			way.Team = ls.Get("team")
		}
		for _, r := range c.Receivers {
			if r.Name != w.Receiver {
				continue
			}
			way.Fallback = r.Fallback
			for _, in := range r.Integrations {
				way.Integrations = append(way.Integrations, in.Name)
			}
		}
		t.Ways = append(t.Ways, way)
	}
	for _, rule := range c.CouldInhibit(ls) {
		tr := testedRule{Source: rule.From, Sources: []string{}, Equal: map[string]string{}}
		for _, m := range rule.Source {
			tr.Sources = append(tr.Sources, m.String())
		}
		for _, name := range rule.Equal {
			tr.Equal[name] = ls.Get(name)
		}
		t.Inhibition = append(t.Inhibition, tr)
	}
	return t
}

// told returns the receivers that have somebody to tell, sorted.
func (t tested) told() []string {
	var names []string
	for _, w := range t.Ways {
		if len(w.Integrations) > 0 && w.Muted == "" && !slices.Contains(names, w.Receiver) {
			names = append(names, w.Receiver)
		}
	}
	slices.Sort(names)
	return names
}

// print writes it for people.
func (t tested) print(out io.Writer) error {
	var b strings.Builder
	for _, w := range t.Ways {
		w.print(&b)
	}
	if len(t.Inhibition) > 0 {
		b.WriteString("kept quiet while another alert fires that matches\n")
	}
	for _, r := range t.Inhibition {
		fmt.Fprintf(&b, "  {%s}", strings.Join(r.Sources, ", "))
		if len(r.Equal) > 0 {
			fmt.Fprintf(&b, " with %s", labelText(r.Equal))
		}
		fmt.Fprintf(&b, ", by %s\n", r.Source)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (w testedWay) print(b *strings.Builder) {
	switch {
	case w.Receiver == "":
		b.WriteString("nobody: there is no receiver\n")
	case len(w.Integrations) == 0:
		fmt.Fprintf(b, "%s: has no integrations, so nobody is told\n", w.Receiver)
	default:
		fmt.Fprintf(b, "%s: %s\n", w.Receiver, strings.Join(w.Integrations, ", "))
	}
	fmt.Fprintf(b, "  route: %s\n", w.Route.where())
	if w.Team != "" {
		fmt.Fprintf(b, "  team: the receiver of %s, since no route was written for it\n", w.Team)
	}
	fmt.Fprintf(b, "  incident: %s\n", w.incident())
	if w.Muted != "" {
		fmt.Fprintf(b, "  muted: %s\n", w.Reason)
	}
	if w.Fallback != "" {
		fmt.Fprintf(b, "  fallback: %s\n", w.Fallback)
	}
}

// incident says which alerts share the incident, and when news of it are told.
func (w testedWay) incident() string {
	what := "one with all alerts of " + labelText(w.Group)
	switch {
	case w.Route.Each:
		what = "its own"
	case len(w.Group) == 0:
		what = "one with all alerts here"
	}
	return fmt.Sprintf("%s; news after %s, told again after %s", what, w.Route.GroupInterval, w.Route.RepeatInterval)
}

// labelText writes labels in order of their names, those without a value too.
func labelText(m map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s=%q", name, m[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
