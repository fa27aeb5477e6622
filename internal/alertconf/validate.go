package alertconf

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// validate checks everything that needs no senders. whole is true for a file of
// Alertmanager's own, which must have a route.
func (f *File) validate(c *check, whole bool) {
	f.Global.validate(c)
	receivers := f.receivers(c)
	intervals := f.intervals(c)
	f.root(c, whole)
	tree{c: c, receivers: receivers, intervals: intervals}.route(&f.Route, "route")
	for i, rule := range f.InhibitRules {
		rule.validate(c, fmt.Sprintf("inhibit_rules[%d]", i))
	}
	for i, pattern := range f.Templates {
		at := fmt.Sprintf("templates[%d]", i)
		switch found, err := filepath.Glob(pattern); {
		case err != nil: // is said where they are read
		case len(found) == 0:
			c.warn(at, pattern+" names no file", "correct the path, or create it")
		}
	}
	f.notes(c, whole)
}

// receivers checks them and returns their names.
func (f *File) receivers(c *check) []string {
	var names []string
	telling := false
	for _, r := range f.Receivers {
		telling = telling || r.tells()
	}
	for i := range f.Receivers {
		r := &f.Receivers[i]
		at := fmt.Sprintf("receivers[%d]", i)
		switch {
		case r.Name == "":
			c.wrong(at+".name", "the receiver has no name", "write a name such as oncall")
		case slices.Contains(names, r.Name):
			c.wrong(at+".name", fmt.Sprintf("there is a receiver %q already", r.Name), "give it another name, or join the two")
		}
		names = append(names, r.Name)
		switch {
		case !r.tells() && telling:
			c.note(at, "the receiver tells nobody: what is routed to it is only recorded", "")
		case !r.tells():
			c.warn(at, "the receiver tells nobody", "write pagerduty_configs, or another kind")
		}
	}
	for i := range f.Receivers {
		f.fallback(c, i, names)
	}
	return names
}

// tells reports whether the receiver has integrations.
func (r *Receiver) tells() bool {
	return slices.ContainsFunc(kinds(), func(k kind) bool { return k.count(r) > 0 })
}

// fallback checks that the fallback of a receiver is there and ends somewhere.
func (f *File) fallback(c *check, i int, names []string) {
	at := fmt.Sprintf("receivers[%d].fallback", i)
	seen := []string{f.Receivers[i].Name}
	for next := f.Receivers[i].Fallback; next != ""; {
		at2 := slices.Index(names, next)
		switch {
		case at2 < 0 && len(seen) == 1:
			c.wrong(at, fmt.Sprintf("there is no receiver %q", next), "write the name of one under receivers")
			return
		case at2 < 0:
			return // said of the receiver that names it
		case slices.Contains(seen, next):
			c.wrong(at, "fallbacks lead in a circle: "+strings.Join(append(seen, next), ", "), "let the last of them have none")
			return
		}
		seen = append(seen, next)
		next = f.Receivers[at2].Fallback
	}
}

// intervals checks the named times and returns their names.
func (f *File) intervals(c *check) []string {
	var names []string
	for _, l := range []struct {
		key  string
		list []Interval
	}{{"mute_time_intervals", f.MuteTimeIntervals}, {"time_intervals", f.TimeIntervals}} {
		for i, interval := range l.list {
			at := fmt.Sprintf("%s[%d]", l.key, i)
			switch {
			case interval.Name == "":
				c.wrong(at, "the interval has no name", "write a name such as weekends")
			case slices.Contains(names, interval.Name):
				c.wrong(at+".name", fmt.Sprintf("there is an interval %q already", interval.Name), "give it another name")
			case len(interval.Times) == 0:
				c.warn(at, "the interval holds no time", "write time_intervals")
			}
			names = append(names, interval.Name)
		}
	}
	return names
}

// validate checks an inhibition rule.
func (r *InhibitRule) validate(c *check, at string) {
	source, target := r.source(), r.target()
	source.read(c, at)
	target.read(c, at)
	for i, name := range r.Equal {
		if !validLabel(name) {
			c.wrong(fmt.Sprintf("%s.equal[%d]", at, i), fmt.Sprintf("%q is no name of a label", name), "write the name of a label")
		}
	}
	switch {
	case source.empty() && target.empty():
		c.warn(at, "the rule lets every alert inhibit every other one", "write source_matchers and target_matchers")
	case source.empty():
		c.warn(at, "any alert inhibits those of the target", "write source_matchers")
	case target.empty():
		c.warn(at, "the source inhibits every alert", "write target_matchers")
	}
}

func (r *InhibitRule) source() matching {
	return matching{prefix: "source_", equal: r.SourceMatch, regexp: r.SourceMatchRE, matchers: r.SourceMatchers}
}

func (r *InhibitRule) target() matching {
	return matching{prefix: "target_", equal: r.TargetMatch, regexp: r.TargetMatchRE, matchers: r.TargetMatchers}
}
