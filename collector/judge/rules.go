package judge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/prometheus/model/labels"

	"burnline/internal/spancond"
	"burnline/slo"
)

// rules are the definitions in force. They don't change once made.
type rules struct {
	services map[string]*service
	byKey    map[string]*rule
	// instance is a label of all counters.
	instance string
}

// service is what counts of one service's spans.
type service struct {
	rules []*rule
	// beat is when all counters of the service last had a sample; see ledger.beat.
	beat beat
}

// rule judges the spans of one SLO. All objectives of the SLO share it.
type rule struct {
	// ids are those of the definitions, and mark what bad spans are marked with.
	ids  []string
	mark string
	// where and bad are nil for an SLO of another kind, whose spans are not counted.
	where, bad *spancond.Condition
	watch      watch
	// customer is the attribute that names the customers of the SLO; "" is that of all SLOs.
	customer string
	// base are the labels of all counters.
	base labels.Labels
	// attributes split the budget into groups, whose labels are by.
	attributes, by []string

	tally *tally
}

// tally is what was counted by a rule; it outlives reloads that leave the conditions as they are.
type tally struct {
	mu     sync.RWMutex
	groups map[string]*group
	// overflow takes the events of groups beyond the limit; nil while there are none.
	overflow *group
}

// newRules compiles the definitions. What was counted by the old rules goes on where
// nothing changed in how spans are judged. shown says that SLOs of other kinds have spans to show too, and
// instance is a label of all counters, "" for none.
func newRules(defs []slo.Definition, old *rules, shown bool, instance string) (*rules, error) {
	r := &rules{services: map[string]*service{}, byKey: map[string]*rule{}, instance: instance}
	var wrong []error
	for i := range defs {
		if defs[i].SLI.Spans == nil && (!shown || defs[i].SLI.Composite != nil) {
			continue
		}
		if err := r.add(&defs[i], old); err != nil {
			wrong = append(wrong, fmt.Errorf("compile the conditions of %s: %w", defs[i].ID, err))
		}
	}
	for _, one := range r.byKey {
		one.mark = strings.Join(one.ids, ",")
	}
	return r, errors.Join(wrong...)
}

func (r *rules) add(d *slo.Definition, old *rules) error {
	name := d.Service
	key := "watch\xff" + d.ID
	if s := d.SLI.Spans; s != nil {
		name, key = s.Service, d.Service+"/"+d.Name+"\xff"+s.Conditions()
	}
	if same := r.byKey[key]; same != nil {
		same.ids = append(same.ids, d.ID)
		return nil
	}
	one := &rule{ids: []string{d.ID}, watch: watchOf(d), by: d.GroupBy, attributes: d.GroupBy, customer: d.Impact.Customer}
	if s := d.SLI.Spans; s != nil {
		if err := one.compile(d, s, r.instance); err != nil {
			return err
		}
	}
	if old != nil && old.byKey[key] != nil {
		one.tally = old.byKey[key].tally
	} else {
		one.tally = &tally{groups: map[string]*group{}}
	}
	r.byKey[key] = one
	if r.services[name] == nil {
		r.services[name] = &service{}
	}
	r.services[name].rules = append(r.services[name].rules, one)
	return nil
}

func (one *rule) compile(d *slo.Definition, s *slo.SpansSLI, instance string) error {
	var err error
	if s.Where != "" {
		if one.where, err = spancond.Parse(s.Where); err != nil {
			return err
		}
	}
	if one.bad, err = spancond.Parse(s.Bad); err != nil {
		return err
	}
	one.attributes = s.Attributes
	var pairs []string
	for _, l := range d.SpanSeries() {
		pairs = append(pairs, l.Name, l.Value)
	}
	if instance != "" {
		pairs = append(pairs, slo.SpanLabelInstance, instance)
	}
	one.base = labels.FromStrings(append(pairs, slo.SpanLabelJob, s.Service)...)
	return nil
}

// counts reports whether the rule counts; others only show spans to the sink.
func (one *rule) counts() bool { return one.bad != nil }

// find returns the group of these values; nil where there is none yet.
func (t *tally) find(key []byte) *group {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.groups[string(key)]
}

// all returns the groups, the overflow among them.
func (t *tally) all() []*group {
	t.mu.RLock()
	defer t.mu.RUnlock()
	all := make([]*group, 0, len(t.groups)+1)
	for _, g := range t.groups {
		all = append(all, g)
	}
	if t.overflow != nil {
		all = append(all, t.overflow)
	}
	return all
}

// labelled returns the labels of a rule's counters with those of a group.
func (one *rule) labelled(values []string, more ...string) labels.Labels {
	b := labels.NewBuilder(one.base)
	for i, name := range one.by {
		if i < len(values) {
			b.Set(name, values[i])
		}
	}
	for i := 0; i+1 < len(more); i += 2 {
		b.Set(more[i], more[i+1])
	}
	return b.Labels()
}

// groupOf returns the labels of a group as the engine knows it.
func (one *rule) groupOf(values []string) slo.Labels {
	if len(one.by) == 0 {
		return nil
	}
	group := make(slo.Labels, 0, len(one.by))
	for i, name := range one.by {
		if values[i] != "" {
			group = append(group, slo.Label{Name: name, Value: values[i]})
		}
	}
	slices.SortFunc(group, func(a, b slo.Label) int { return strings.Compare(a.Name, b.Name) })
	return group
}
