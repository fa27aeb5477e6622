package slo

import (
	"fmt"
	"strings"
)

// spanMetrics are how the names of metrics begin that are made of spans, by the
// OpenTelemetry Collector and by Grafana Tempo.
func spanMetrics() []string { return []string{"traces_span_metrics_", "traces_spanmetrics_"} }

// gauges are endings of names that counters don't have. (Prometheus' and
// OpenTelemetry's naming rules)
func gauges() []string {
	return []string{
		"_seconds", "_milliseconds", "_bytes", "_ratio", "_percent", "_percentage", "_celsius", "_info", "_created",
		"_current", "_in_flight", "_inflight", "_in_progress", "_active", "_utilization", "_gauge", "_max", "_min", "_avg",
	}
}

// counters looks at the names of what is counted.
func (l *linter) counters() {
	seen := map[string]bool{}
	for _, t := range l.d.Terms() {
		name := t.Selector.Name
		if seen[name] {
			continue
		}
		seen[name] = true
		for _, prefix := range spanMetrics() {
			if strings.HasPrefix(name, prefix) && t.Role != RoleNative {
				l.add(LevelWarning, "spec.sli", "count a metric of the service itself, or the spans: {where: …, bad: …}",
					"%s is made of spans, which may be sampled or lost under load, so events are missing when it matters most", name)
			}
		}
		if l.d.SLI.Events != nil {
			l.counter(t.Role, name)
		}
	}
}

// counter warns of a name that is hardly one of a counter of events.
func (l *linter) counter(role Role, name string) {
	path := "spec.sli.events." + role.String()
	if strings.HasSuffix(name, "_sum") {
		l.add(LevelWarning, path, "write "+strings.TrimSuffix(name, "_sum")+"_count", "%s adds up what was measured, not how often", name)
		return
	}
	if strings.Contains(name, ":") {
		l.add(LevelWarning, path, "write the counters that the rule is made of", "%s looks like the result of a recording rule, not like a counter", name)
		return
	}
	if name == "up" {
		l.add(LevelWarning, path, "write slices: {query: up{…}, op: gte, value: 1}", "up is 1 or 0, not a counter")
		return
	}
	for _, ending := range gauges() {
		if strings.HasSuffix(name, ending) {
			l.add(LevelWarning, path, "write a counter, whose name usually ends in _total", "%s does not look like a counter of events: its name ends in %s", name, ending)
			return
		}
	}
}

// betterLow are words by which a gauge is better when it is low.
func betterLow() []string {
	return []string{"latency", "duration", "error", "fail", "queue", "lag", "delay", "seconds", "saturation", "utilization", "quantile"}
}

// betterHigh are words by which a gauge is better when it is high.
func betterHigh() []string {
	return []string{"success", "up", "ready", "healthy", "available", "availability", "uptime"}
}

// comparison warns of samples that are good where one would expect them bad:
// op is what good samples fulfil, and is often written as what alerts do.
func (l *linter) comparison() {
	s := l.d.SLI.Samples
	if s == nil {
		return
	}
	text, what := strings.ToLower(s.Query), s.Query
	if s.Selector != nil {
		text, what = strings.ToLower(s.Selector.Name), s.Selector.String()
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r < 'a' || r > 'z' })
	above, below := s.Op == GT || s.Op == GTE, s.Op == LT || s.Op == LTE
	switch {
	case above && mention(words, betterLow()) && !mention(words, betterHigh()):
		l.add(LevelWarning, "spec.sli.slices.op", "write lte if that is the wrong way round", "a sample is good when %s is %s", what, said(s))
	case below && mention(words, betterHigh()) && !mention(words, betterLow()):
		l.add(LevelWarning, "spec.sli.slices.op", "write gte if that is the wrong way round", "a sample is good when %s is %s", what, said(s))
	}
}

func said(s *SamplesSLI) string {
	return fmt.Sprintf("%s %g", map[CompareOp]string{GT: "above", GTE: "at least", LT: "below", LTE: "at most"}[s.Op], s.Value)
}

// mention reports whether one of the words begins like one of the hints.
func mention(words, hints []string) bool {
	for _, w := range words {
		for _, h := range hints {
			if w == h || len(h) > 3 && strings.HasPrefix(w, h) {
				return true
			}
		}
	}
	return false
}
