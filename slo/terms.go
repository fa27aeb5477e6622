package slo

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Role says what the events of a term are to the SLO.
type Role int

// The roles of a term.
const (
	// RoleTotal: all events.
	RoleTotal Role = iota
	// RoleGood: events that kept the promise.
	RoleGood
	// RoleBad: events that broke it.
	RoleBad
	// RoleNative: one native histogram sample gives both: total is
	// H.Count() and good is H.CountBelow(Threshold).
	RoleNative
	// RoleSample: each sample of a gauge is one event, good when it compares.
	RoleSample
	// RoleRatio: each sample is one event, bad by its value, 0–1. No selector has
	// it: the samples are what a query answers.
	RoleRatio
)

// String returns the role's word.
func (r Role) String() string {
	switch r {
	case RoleTotal:
		return "total"
	case RoleGood:
		return "good"
	case RoleBad:
		return "bad"
	case RoleNative:
		return "native"
	case RoleSample:
		return "sample"
	case RoleRatio:
		return "ratio"
	}
	return "role " + strconv.Itoa(int(r))
}

// Term is one selector whose events an SLO counts, and what they are to it.
type Term struct {
	Selector Selector
	Role     Role
	// Minus takes the events away instead of adding them.
	Minus bool
	// LE, where above 0, narrows the selector to series whose "le" label is this
	// number, however it is written: "1" and "1.0" are the same bucket.
	LE float64
	// Threshold is the longest good duration in the histogram's own unit; it is
	// used by RoleNative only.
	Threshold float64
}

// Terms returns everything the SLO counts. Events, and spans that are counted as such, give a total and one of bad
// and good. A latency gives three terms: the classic histogram's count, its
// bucket at the threshold, and the native histogram of the same name;
// whichever of them has series counts. What is asked by a query, and an SLO of
// SLOs, has none.
func (d *Definition) Terms() []Term {
	var terms []Term
	if e := d.Counters(); e != nil {
		terms = appendSum(terms, e.Total, RoleTotal)
		terms = appendSum(terms, e.Good, RoleGood)
		terms = appendSum(terms, e.Bad, RoleBad)
	}
	if l := d.SLI.Latency; l != nil {
		threshold := l.Bound()
		terms = append(terms,
			Term{Selector: l.Histogram.suffixed("_count"), Role: RoleTotal},
			Term{Selector: l.Histogram.suffixed("_bucket"), Role: RoleGood, LE: threshold},
			Term{Selector: l.Histogram, Role: RoleNative, Threshold: threshold})
	}
	if s := d.SLI.Samples; s != nil && s.Selector != nil {
		terms = append(terms, Term{Selector: *s.Selector, Role: RoleSample})
	}
	return terms
}

func appendSum(terms []Term, sum Sum, role Role) []Term {
	for _, s := range sum {
		terms = append(terms, Term{Selector: s.Selector, Role: role, Minus: s.Minus})
	}
	return terms
}

// Bound returns the threshold in the histogram's own unit.
func (l *LatencySLI) Bound() float64 {
	// One division, so that the result is the float64 nearest to the written
	// number and equals what parsing an "le" label gives.
	return float64(l.Threshold) / float64(HistogramUnit(l.Histogram.Name))
}

// HistogramUnit returns how long 1 is in a histogram of durations, by its base name:
// a millisecond where the name ends in _milliseconds or _ms, or is one of those that
// OpenTelemetry's older conventions count in milliseconds, stored without their unit;
// else a second.
func HistogramUnit(name string) time.Duration {
	if strings.HasSuffix(name, "_milliseconds") || strings.HasSuffix(name, "_ms") || oldConvention.MatchString(name) {
		return time.Millisecond
	}
	return time.Second
}

// oldConvention matches names of durations that the conventions counted in milliseconds; those that followed have other names.
var oldConvention = regexp.MustCompile(`^(?:http|rpc)(?:\.(?:server|client)\.|_(?:server|client)_)duration$`)

func (s Selector) suffixed(suffix string) Selector {
	return Selector{Name: s.Name + suffix, Matchers: s.Matchers}
}

// String writes the selector as PromQL: name{a="b",c=~"d"}. Names that are no plain words are
// quoted, as Prometheus 3 does.
func (s Selector) String() string {
	var b strings.Builder
	var parts []string
	if plainMetric.MatchString(s.Name) {
		b.WriteString(s.Name)
	} else {
		parts = append(parts, strconv.Quote(s.Name))
	}
	for _, m := range s.Matchers {
		label := m.Label
		if !plainLabel.MatchString(label) {
			label = strconv.Quote(label)
		}
		parts = append(parts, label+string(m.Op)+strconv.Quote(m.Value))
	}
	if len(parts) > 0 {
		b.WriteString("{" + strings.Join(parts, ",") + "}")
	}
	return b.String()
}

// Names that PromQL takes without quotes.
var (
	plainMetric = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	plainLabel  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// String writes the sum as PromQL: a + b - c.
func (s Sum) String() string { return s.Each(Selector.String) }

// Each writes the sum as PromQL with something made of each selector, such as its rate.
func (s Sum) Each(text func(Selector) string) string {
	var b strings.Builder
	for i, one := range s {
		switch {
		case one.Minus && i == 0:
			b.WriteString("-")
		case one.Minus:
			b.WriteString(" - ")
		case i > 0:
			b.WriteString(" + ")
		}
		b.WriteString(text(one.Selector))
	}
	return b.String()
}

// Matching is a compiled selector or term.
type Matching struct {
	name     string
	matchers []compiled
	le       float64
}

type compiled struct {
	Matcher
	pattern *regexp.Regexp // nil for = and !=
}

// Compile prepares the term for matching. It fails on a bad regular
// expression or comparison.
func (t Term) Compile() (*Matching, error) {
	m, err := t.Selector.Compile()
	if err != nil {
		return nil, err
	}
	m.le = t.LE
	return m, nil
}

// Compile prepares the selector for matching. It fails on a bad regular
// expression or comparison.
func (s Selector) Compile() (*Matching, error) {
	m := &Matching{name: s.Name}
	for _, one := range s.Matchers {
		c := compiled{Matcher: one}
		switch one.Op {
		case MatchEqual, MatchNotEqual:
		case MatchRegexp, MatchNotRegexp:
			// Anchored, and dot matches newlines, as in Prometheus.
			pattern, err := regexp.Compile("^(?s:" + one.Value + ")$")
			if err != nil {
				return nil, fmt.Errorf("compile the matcher of label %s: %w", one.Label, err)
			}
			c.pattern = pattern
		default:
			return nil, fmt.Errorf("compile the matcher of label %s: unknown comparison %q", one.Label, one.Op)
		}
		m.matchers = append(m.matchers, c)
	}
	return m, nil
}

// Match reports whether the series is selected. A label that the series lacks
// has the value "".
func (m *Matching) Match(series Labels) bool {
	if series.Get(MetricName) != m.name {
		return false
	}
	for i := range m.matchers {
		if !m.matchers[i].match(series.Get(m.matchers[i].Label)) {
			return false
		}
	}
	return m.le <= 0 || m.matchBound(series.Get("le"))
}

func (c *compiled) match(value string) bool {
	switch c.Op {
	case MatchEqual:
		return value == c.Value
	case MatchNotEqual:
		return value != c.Value
	case MatchRegexp:
		return c.pattern.MatchString(value)
	default:
		return !c.pattern.MatchString(value)
	}
}

// matchBound compares with a little room for clients that compute their
// bounds, such as 0.1 × 3.
func (m *Matching) matchBound(le string) bool {
	v, err := strconv.ParseFloat(le, 64)
	return err == nil && math.Abs(v-m.le) <= 1e-9*m.le
}
