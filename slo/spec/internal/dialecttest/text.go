package dialecttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"burnline/slo"
)

// Text describes definitions and findings, one thing a line.
func Text(defs []slo.Definition, findings slo.Findings) string {
	var b strings.Builder
	for _, d := range defs {
		describe(&b, d)
	}
	for _, f := range findings {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func describe(b *strings.Builder, d slo.Definition) {
	fmt.Fprintf(b, "%s %g%% in %s\n  line %d\n", d.ID, d.Objective, slo.FormatDuration(d.Window.Rolling), d.Source.Line)
	for _, field := range []struct{ name, text string }{{"team", d.Team}, {"journey", d.Journey}, {"description", d.Description}} {
		if field.text != "" {
			fmt.Fprintf(b, "  %s: %s\n", field.name, field.text)
		}
	}
	sli(b, d.SLI)
	if len(d.GroupBy) > 0 {
		fmt.Fprintf(b, "  group by %s\n", strings.Join(d.GroupBy, ", "))
	}
	for _, p := range d.Policies {
		fmt.Fprintf(b, "  %s over %s and %s above %.4g (%.3g%% of the budget)\n", p.Severity, slo.FormatDuration(p.Long), slo.FormatDuration(p.Short), p.Factor, 100*p.Share)
	}
	fmt.Fprintf(b, "  no data: %s; resolve after %s; at least %g bad; %s\n", d.NoData, slo.FormatDuration(d.ResolveAfter), d.MinBad, d.Dialect)
	for _, set := range []struct {
		name string
		of   map[string]string
	}{{"labels", d.Labels}, {"alert labels", d.AlertLabels}, {"annotations", d.Annotations}} {
		for _, name := range slices.Sorted(maps.Keys(set.of)) {
			fmt.Fprintf(b, "  %s: %s=%s\n", set.name, name, set.of[name])
		}
	}
}

func sli(b *strings.Builder, s slo.SLI) {
	switch {
	case s.Events != nil:
		for _, part := range []struct {
			name string
			sum  slo.Sum
		}{{"bad", s.Events.Bad}, {"good", s.Events.Good}, {"total", s.Events.Total}} {
			for _, term := range part.sum {
				sign := "+"
				if term.Minus {
					sign = "-"
				}
				fmt.Fprintf(b, "  %s %s %s\n", part.name, sign, term.Selector)
			}
		}
	case s.Latency != nil:
		fmt.Fprintf(b, "  latency of %s up to %s\n", s.Latency.Histogram, slo.FormatDuration(s.Latency.Threshold))
	case s.Samples != nil:
		fmt.Fprintf(b, "  samples of %s %s %g\n", s.Samples.Selector, s.Samples.Op, s.Samples.Value)
	case s.Ratio != nil:
		fmt.Fprintf(b, "  ratio every %s: %q\n", slo.FormatDuration(s.Ratio.Slice), s.Ratio.Query)
	}
}
