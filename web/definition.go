package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"burnline/slo"
)

// definitionYAML writes a definition in the native form, every default spelled
// out, so that a reader sees what is in force.
func definitionYAML(d *slo.Definition) string {
	var b strings.Builder
	line := func(indent int, format string, args ...any) {
		b.WriteString(strings.Repeat("  ", indent))
		fmt.Fprintf(&b, format+"\n", args...)
	}
	field := func(indent int, key, value string) {
		if value != "" {
			line(indent, "%s: %s", key, scalar(value))
		}
	}
	line(0, "apiVersion: burnline/v1")
	line(0, "kind: SLO")
	line(0, "metadata:")
	field(1, "name", d.Name)
	mapping(&b, 1, "labels", d.Labels)
	line(0, "spec:")
	field(1, "service", d.Service)
	field(1, "team", d.Team)
	field(1, "journey", d.Journey)
	field(1, "description", d.Description)
	line(1, "objective: %s", strconv.FormatFloat(d.Objective, 'f', -1, 64))
	if c := d.Window.Calendar; c != nil {
		line(1, "window: {calendar: %s, timezone: %s}", c.Unit, c.Zone)
	} else {
		line(1, "window: %s", window(d.Window.Rolling))
	}
	line(1, "sli:")
	sliYAML(d.SLI, line)
	if len(d.GroupBy) > 0 {
		line(1, "group_by: [%s]", strings.Join(d.GroupBy, ", "))
	}
	line(1, "alerting:")
	line(2, "resolve_after: %s", window(d.ResolveAfter))
	line(2, "min_bad: %s", strconv.FormatFloat(d.MinBad, 'f', -1, 64))
	line(2, "policies:")
	for _, p := range d.Policies {
		line(3, "- {severity: %s, long: %s, short: %s, factor: %s}", p.Severity, window(p.Long), window(p.Short), strconv.FormatFloat(p.Factor, 'g', 6, 64))
	}
	mapping(&b, 2, "annotations", d.Annotations)
	return b.String()
}

// sliYAML writes what is counted.
func sliYAML(s slo.SLI, line func(int, string, ...any)) {
	if l := s.Latency; l != nil {
		line(2, "latency:")
		line(3, "histogram: %s", scalar(selectorText(l.Histogram)))
		line(3, "threshold: %s", l.Threshold)
	}
	if e := s.Events; e != nil {
		line(2, "events:")
		for _, part := range []struct {
			name string
			sum  slo.Sum
		}{{"bad", e.Bad}, {"good", e.Good}, {"total", e.Total}} {
			if len(part.sum) > 0 {
				line(3, "%s: %s", part.name, scalar(sumText(part.sum)))
			}
		}
	}
}

func mapping(b *strings.Builder, indent int, key string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	pad := strings.Repeat("  ", indent)
	fmt.Fprintf(b, "%s%s:\n", pad, key)
	for _, l := range pairs(m) {
		fmt.Fprintf(b, "%s  %s: %s\n", pad, scalar(l.Name), scalar(l.Value))
	}
}

// scalar quotes a value as YAML needs it.
func scalar(s string) string {
	plain := s != "" && !strings.ContainsAny(s, "\"'\\{}[]:#&*!|>%@`,\n\t") && s == strings.TrimSpace(s) && !strings.HasPrefix(s, "-")
	if _, err := strconv.ParseFloat(s, 64); err == nil || slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "null", "~"}, strings.ToLower(s)) {
		plain = false
	}
	switch {
	case plain:
		return s
	case !strings.ContainsAny(s, "\n\t\\"):
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return strconv.Quote(s)
}

// sumText writes a sum of selectors as files do.
func sumText(sum slo.Sum) string {
	var b strings.Builder
	for i, t := range sum {
		switch {
		case t.Minus:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		b.WriteString(selectorText(t.Selector))
	}
	return strings.TrimSpace(b.String())
}

// selectorText writes a selector as PromQL does.
func selectorText(s slo.Selector) string {
	if len(s.Matchers) == 0 {
		return s.Name
	}
	parts := make([]string, len(s.Matchers))
	for i, m := range s.Matchers {
		parts[i] = m.Label + string(m.Op) + strconv.Quote(m.Value)
	}
	return s.Name + "{" + strings.Join(parts, ",") + "}"
}
