package foreign

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"burnline/slo"
)

// Differences says in words what of a definition became something else when it was written in
// another form and read again; Source and Dialect don't count. It is how a writer
// knows what its form can't say.
func Differences(was, is *slo.Definition) []string {
	var all []string
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if was.ID != is.ID {
		say("its ID becomes %s, so its history begins anew", is.ID)
	}
	texts := []struct{ name, was, is string }{
		{"service", was.Service, is.Service}, {"team", was.Team, is.Team}, {"journey", was.Journey, is.Journey},
		{"description", was.Description, is.Description}, {"no_data", string(was.NoData), string(is.NoData)},
		{"window", was.Window.String(), is.Window.String()},
		{"group_by", strings.Join(was.GroupBy, ", "), strings.Join(is.GroupBy, ", ")},
		{"depends_on", strings.Join(was.DependsOn, ", "), strings.Join(is.DependsOn, ", ")},
		{"resolve_after", slo.FormatDuration(was.ResolveAfter), slo.FormatDuration(is.ResolveAfter)},
		{"budgeting", budgeting(was), budgeting(is)},
	}
	for _, t := range texts {
		if t.was != t.is {
			say("%s: %s", t.name, became(t.was, t.is))
		}
	}
	if was.Objective != is.Objective {
		say("objective: %g becomes %g", was.Objective, is.Objective)
	}
	if was.MinBad != is.MinBad {
		say("min_bad: %g becomes %g", was.MinBad, is.MinBad)
	}
	for _, m := range []struct {
		name    string
		was, is map[string]string
	}{{"labels", was.Labels, is.Labels}, {"alerting.labels", was.AlertLabels, is.AlertLabels}, {"annotations", was.Annotations, is.Annotations}} {
		if len(m.was)+len(m.is) > 0 && !reflect.DeepEqual(m.was, m.is) {
			say("%s: %s", m.name, became(pairs(m.was), pairs(m.is)))
		}
	}
	if !reflect.DeepEqual(was.SLI, is.SLI) {
		say("sli: %s", became(measured(&was.SLI), measured(&is.SLI)))
	}
	if !slices.EqualFunc(was.Policies, is.Policies, alike) {
		say("policies: %s", became(policies(was.Policies), policies(is.Policies)))
	}
	return all
}

func became(was, is string) string {
	switch {
	case is == "":
		return was + " is left out"
	case was == "":
		return "it becomes " + is
	}
	return was + " becomes " + is
}

func pairs(m map[string]string) string {
	if len(m) == 0 {
		return ""
	}
	return strings.TrimPrefix(fmt.Sprint(m), "map")
}

func budgeting(d *slo.Definition) string {
	if b := d.Budgeting; b.Sliced() {
		return fmt.Sprintf("%s of %s, target %.6g%%", b.Method, slo.FormatDuration(b.Slice), 100*b.Target)
	}
	return string(slo.Occurrences)
}

// measured names the kind of an SLI and what it asks for.
func measured(s *slo.SLI) string {
	switch {
	case s.Events != nil:
		part, name := s.Events.Bad, "bad"
		if part == nil {
			part, name = s.Events.Good, "good"
		}
		return fmt.Sprintf("events (%s %s of %s)", name, part, s.Events.Total)
	case s.Spans != nil:
		return fmt.Sprintf("spans of %s (bad where %s)", s.Spans.Service, s.Spans.Bad)
	case s.Latency != nil:
		return fmt.Sprintf("a latency (%s within %s)", s.Latency.Histogram, slo.FormatDuration(s.Latency.Threshold))
	case s.Samples != nil:
		query := s.Samples.Query
		if s.Samples.Selector != nil {
			query = s.Samples.Selector.String()
		}
		return fmt.Sprintf("samples (%s %s %g every %s)", query, s.Samples.Op, s.Samples.Value, slo.FormatDuration(s.Samples.Every))
	case s.Ratio != nil:
		return fmt.Sprintf("a ratio (%s every %s)", s.Ratio.Query, slo.FormatDuration(s.Ratio.Slice))
	case s.Composite != nil:
		return fmt.Sprintf("a composite (%s of %v)", s.Composite.Method, s.Composite.Parts)
	}
	return ""
}

// alike compares policies but for the last digits of what follows from the rest.
func alike(a, b slo.Policy) bool {
	return a.Severity == b.Severity && a.Long == b.Long && a.Short == b.Short &&
		math.Abs(a.Factor-b.Factor) <= 1e-9*a.Factor && math.Abs(a.Share-b.Share) <= 1e-9*a.Share
}

func policies(all []slo.Policy) string {
	var texts []string
	for _, p := range all {
		texts = append(texts, fmt.Sprintf("%s %s/%s above %.4g", p.Severity, slo.FormatDuration(p.Long), slo.FormatDuration(p.Short), p.Factor))
	}
	return strings.Join(texts, ", ")
}
