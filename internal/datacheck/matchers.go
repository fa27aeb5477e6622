package datacheck

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"burnline/slo"
)

// listed is how many names or values a finding lists.
const listed = 8

// unmatched says why a selector matches nothing. No series of failures may be good
// news; without series of the total nothing is watched.
func (c *checker) unmatched(ctx context.Context, t term) error {
	level, bad := slo.LevelError, t.Role == slo.RoleBad || t.Minus
	if t.Role == slo.RoleGood {
		level = slo.LevelWarning
	}
	if bad {
		level = slo.LevelNote
	}
	series, err := c.recent(ctx, slo.Selector{Name: t.Selector.Name})
	if err != nil {
		return err
	}
	if len(series) == 0 {
		if bad {
			level = slo.LevelWarning
		}
		c.add(level, t.path, "check the name, and that it is scraped", "there is no metric %s in the last day", t.Selector.Name)
		return nil
	}
	for _, m := range t.Selector.Matchers {
		alone, err := slo.Selector{Name: t.Selector.Name, Matchers: []slo.Matcher{m}}.Compile()
		if err != nil {
			return err
		}
		values, labels, matched := map[string]bool{}, map[string]bool{}, false
		for _, s := range series {
			matched = matched || alone.Match(s.Series.Labels())
			names(s.Series.Labels(), labels)
			if v := s.Series.Labels().Get(m.Label); v != "" {
				values[v] = true
			}
		}
		written := m.Label + string(m.Op) + fmt.Sprintf("%q", m.Value)
		switch {
		case matched:
		case len(values) == 0:
			if bad {
				level = slo.LevelWarning
			}
			c.add(level, t.path, "its labels are "+list(labels), "no series of %s has the label %s", t.Selector.Name, m.Label)
			return nil
		default:
			c.add(level, t.path, "the values of "+m.Label+" are "+list(values), "%s matches no series of %s", written, t.Selector.Name)
			return nil
		}
	}
	c.add(level, t.path, "loosen one of the matchers", "no series of %s matches all of %s together", t.Selector.Name, t.Selector)
	return nil
}

// names adds the labels of a series that people write.
func names(ls slo.Labels, to map[string]bool) {
	for _, l := range ls {
		if l.Name != slo.MetricName && l.Name != "le" {
			to[l.Name] = true
		}
	}
}

func list(set map[string]bool) string {
	all := slices.Sorted(maps.Keys(set))
	if len(all) > listed {
		return strings.Join(all[:listed], ", ") + fmt.Sprintf(" and %d more", len(all)-listed)
	}
	return strings.Join(all, ", ")
}

// subset warns of bad or good events that the total does not hold.
func (c *checker) subset(terms []term) {
	total := compiled(terms, func(t term) bool { return t.Role == slo.RoleTotal && !t.Minus })
	taken := compiled(terms, func(t term) bool { return t.Role == slo.RoleTotal && t.Minus })
	back := compiled(terms, func(t term) bool { return t.Role != slo.RoleTotal && t.Minus })
	for _, t := range terms {
		if t.Role == slo.RoleTotal || t.Minus {
			continue
		}
		for _, s := range t.series {
			ls := s.Series.Labels()
			switch {
			case !matches(total, ls):
				c.add(slo.LevelWarning, t.path, "make total match whatever "+t.Role.String()+" matches",
					"%s is counted as %s but is not in total", shown(ls), t.Role)
			case matches(taken, ls) && !matches(back, ls):
				c.add(slo.LevelWarning, t.path, "take it away here as well", "%s is taken out of total but still counted as %s", shown(ls), t.Role)
			default:
				continue
			}
			return // one example says it all
		}
	}
}

// compiled returns the selectors of some terms.
func compiled(terms []term, which func(term) bool) []*side {
	var all []*side
	for _, t := range terms {
		if !which(t) {
			continue
		}
		if m, err := t.Selector.Compile(); err == nil {
			all = append(all, &side{name: t.Selector.Name, matching: m})
		}
	}
	return all
}

// side is a selector, matched whatever the metric is called: bad and total may be
// two metrics with the same labels.
type side struct {
	name     string
	matching *slo.Matching
}

func matches(all []*side, ls slo.Labels) bool {
	return slices.ContainsFunc(all, func(s *side) bool {
		renamed := slices.Clone(ls)
		for i := range renamed {
			if renamed[i].Name == slo.MetricName {
				renamed[i].Value = s.name
			}
		}
		return s.matching.Match(renamed)
	})
}

// shown writes a series without what a selector does not need.
func shown(ls slo.Labels) string {
	text := ls.String()
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return text
}
