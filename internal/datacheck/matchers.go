package datacheck

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
		matched, values, labels, err := among(series, t.Selector.Name, m)
		if err != nil {
			return err
		}
		written := m.Label + string(m.Op) + fmt.Sprintf("%q", m.Value)
		switch {
		case matched:
		case len(values) == 0:
			if bad {
				level = slo.LevelWarning
			}
			c.unlabelled(level, t, m, labels)
			return nil
		default:
			c.add(level, t.path, "the values of "+m.Label+" are "+list(values), "%s matches no series of %s", written, t.Selector.Name)
			return nil
		}
	}
	c.add(level, t.path, "loosen one of the matchers", "no series of %s matches all of %s together", t.Selector.Name, t.Selector)
	return nil
}

// among reports whether any of the series of a metric matches, and gives the values of the matcher's label and the
// names of all labels.
func among(series []slo.SeriesSamples, metric string, m slo.Matcher) (matched bool, values, labels map[string]bool, err error) {
	alone, err := slo.Selector{Name: metric, Matchers: []slo.Matcher{m}}.Compile()
	if err != nil {
		return false, nil, nil, err
	}
	values, labels = map[string]bool{}, map[string]bool{}
	for _, s := range series {
		matched = matched || alone.Match(s.Series.Labels())
		names(s.Series.Labels(), labels)
		if v := s.Series.Labels().Get(m.Label); v != "" {
			values[v] = true
		}
	}
	return matched, values, labels, nil
}

// unlabelled says that a selector names a label that its metric does not have.
func (c *checker) unlabelled(level slo.Level, t term, m slo.Matcher, labels map[string]bool) {
	c.add(level, t.path, "its labels are "+list(labels), "no series of %s has the label %s", t.Selector.Name, m.Label)
}

// errEnough ends a reading that knows enough.
var errEnough = errors.New("enough is known")

// Unlabelled warns, as Check does, of those terms of a definition on labelled counters that name a label which no series of
// their metric has: they will never match, while a value that never occurred may still. It reads little where a
// series has the label. The error is that of the store.
func Unlabelled(ctx context.Context, data Data, at time.Time, d *slo.Definition, terms []slo.Term) (slo.Findings, error) {
	c := &checker{data: data, at: at, d: d}
	for _, one := range terms {
		if err := c.lacking(ctx, term{Term: one, path: "spec.sli.events." + one.Role.String()}); err != nil {
			return nil, fmt.Errorf("compare the SLO %s with data: %w", d.ID, err)
		}
	}
	return c.findings, nil
}

// lacking looks for the labels that a term names.
func (c *checker) lacking(ctx context.Context, t term) error {
	for _, m := range t.Selector.Matchers {
		has := slo.Selector{Name: t.Selector.Name, Matchers: []slo.Matcher{{Label: m.Label, Op: slo.MatchNotEqual}}}
		err := c.data.Select(ctx, has, c.at.Add(-lately).UnixMilli(), c.at.UnixMilli(), func(slo.SeriesSamples) error { return errEnough })
		if errors.Is(err, errEnough) {
			continue
		}
		if err != nil {
			return err
		}
		series, err := c.recent(ctx, slo.Selector{Name: t.Selector.Name})
		if err != nil || len(series) == 0 {
			return err
		}
		matched, values, labels, err := among(series, t.Selector.Name, m)
		if err != nil {
			return err
		}
		if !matched && len(values) == 0 {
			c.unlabelled(slo.LevelWarning, t, m, labels)
		}
	}
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
