package main

import (
	"fmt"
	"io"
	"strings"

	"burnline/alerting"
	"burnline/slo"
)

// shownNode is a route without those below it.
type shownNode struct {
	slo.Source
	Receiver       string   `json:"receiver"`
	Matchers       []string `json:"matchers"`
	Continue       bool     `json:"continue"`
	GroupBy        []string `json:"group_by"`
	Each           bool     `json:"each_alert"`
	GroupInterval  string   `json:"group_interval"`
	RepeatInterval string   `json:"repeat_interval"`
	Mute           []string `json:"mute_time_intervals"`
	Active         []string `json:"active_time_intervals"`
	// Escalate are further receivers, and after what time.
	Escalate []shownEscalation `json:"escalate"`
}

// shownEscalation is a further receiver of what stays open.
type shownEscalation struct {
	After    string `json:"after"`
	Receiver string `json:"receiver"`
}

// shownTree is a route with those below it.
type shownTree struct {
	shownNode
	Routes []shownTree `json:"routes"`
}

func shownNodeOf(r *alerting.Route) shownNode {
	n := shownNode{
		Source: r.Source, Receiver: r.Receiver, Matchers: []string{}, Continue: r.Continue,
		GroupBy: append([]string{}, r.GroupBy.Labels...), Each: r.GroupBy.Alone(),
		GroupInterval: slo.FormatDuration(r.GroupInterval), RepeatInterval: slo.FormatDuration(r.RepeatInterval),
		Mute: append([]string{}, r.Mute...), Active: append([]string{}, r.Active...),
	}
	for _, m := range r.Matchers {
		n.Matchers = append(n.Matchers, m.String())
	}
	n.Escalate = []shownEscalation{}
	for _, e := range r.Escalate {
		n.Escalate = append(n.Escalate, shownEscalation{slo.FormatDuration(e.After), e.Receiver})
	}
	return n
}

func shownRoute(r *alerting.Route) shownTree {
	t := shownTree{shownNode: shownNodeOf(r), Routes: []shownTree{}}
	for i := range r.Routes {
		t.Routes = append(t.Routes, shownRoute(&r.Routes[i]))
	}
	return t
}

// where names the route by what it matches and its place.
func (n shownNode) where() string {
	where := "everything"
	if len(n.Matchers) > 0 {
		where = "{" + strings.Join(n.Matchers, ", ") + "}"
	}
	if n.Line == 0 {
		return where
	}
	return where + ", " + n.String()
}

// showRoute prints the tree, one route a line.
func showRoute(out io.Writer, r *alerting.Route, indent string) error {
	n := shownNodeOf(r)
	who := n.Receiver
	if who == "" {
		who = "nobody"
	}
	parts := []string{fmt.Sprintf("%s%s -> %s", indent, n.where(), who)}
	switch {
	case n.Each:
		parts = append(parts, "each alert")
	case len(n.GroupBy) == 0:
		parts = append(parts, "all in one")
	default:
		parts = append(parts, "by "+strings.Join(n.GroupBy, ", "))
	}
	parts = append(parts, "news "+n.GroupInterval, "again "+n.RepeatInterval)
	for _, e := range n.Escalate {
		parts = append(parts, "after "+e.After+" "+e.Receiver+" too")
	}
	if len(n.Mute) > 0 {
		parts = append(parts, "muted in "+strings.Join(n.Mute, ", "))
	}
	if len(n.Active) > 0 {
		parts = append(parts, "only in "+strings.Join(n.Active, ", "))
	}
	if n.Continue {
		parts = append(parts, "and on to the next")
	}
	if _, err := fmt.Fprintln(out, strings.Join(parts, "; ")); err != nil {
		return err
	}
	for i := range r.Routes {
		if err := showRoute(out, &r.Routes[i], indent+"  "); err != nil {
			return err
		}
	}
	return nil
}
