package alerting

import (
	"strings"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/slo"
)

// inhibitor is one rule of inhibition with the alerts that fire and match its
// source, by the values of the labels that both sides must share: a judgement looks
// one entry up and never walks over what fires.
type inhibitor struct {
	rule    InhibitRule
	sources map[string]*inhibiting
}

// inhibiting are the sources of one rule that share their labels' values. Those
// that match the rule's target too keep nothing quiet that matches both sides, so
// that no alert is kept quiet by itself or by its like.
type inhibiting struct{ plain, both sourceSet }

// sourceSet is a set of IDs, of which one is named for as long as it fires.
type sourceSet struct {
	named string
	ids   map[string]bool
}

func newInhibitors(rules []InhibitRule) []inhibitor {
	all := make([]inhibitor, len(rules))
	for i, rule := range rules {
		all[i] = inhibitor{rule: rule, sources: map[string]*inhibiting{}}
	}
	return all
}

// fires takes note that an alert began or ceased to fire, and reports whether it is
// a source of the rule.
func (h *inhibitor) fires(id string, ls slo.Labels, on bool) bool {
	if !matches(h.rule.Source, ls) {
		return false
	}
	key := h.shared(ls)
	of := h.sources[key]
	if of == nil {
		of = &inhibiting{}
		h.sources[key] = of
	}
	set := &of.plain
	if matches(h.rule.Target, ls) {
		set = &of.both
	}
	if on {
		set.add(id)
	} else {
		set.remove(id)
	}
	if len(of.plain.ids)+len(of.both.ids) == 0 {
		delete(h.sources, key)
	}
	return true
}

// by returns the ID of an alert that keeps one of these labels quiet; "" when
// none does.
func (h *inhibitor) by(ls slo.Labels) string {
	if !matches(h.rule.Target, ls) {
		return ""
	}
	of := h.sources[h.shared(ls)]
	if of == nil {
		return ""
	}
	if of.plain.named == "" && !matches(h.rule.Source, ls) {
		return of.both.named
	}
	return of.plain.named
}

// shared is the values of the labels that source and target must share.
func (h *inhibitor) shared(ls slo.Labels) string {
	var b strings.Builder
	for _, name := range h.rule.Equal {
		b.WriteString(ls.Get(name))
		b.WriteByte(0)
	}
	return b.String()
}

func (s *sourceSet) add(id string) {
	if s.ids == nil {
		s.ids = map[string]bool{}
	}
	s.ids[id] = true
	if s.named == "" {
		s.named = id
	}
}

func (s *sourceSet) remove(id string) {
	delete(s.ids, id)
	if s.named != id {
		return
	}
	s.named = ""
	for other := range s.ids {
		s.named = other
		return
	}
}

// matches reports whether all matchers hold; a label that is missing is empty.
func matches(all labels.Matchers, ls slo.Labels) bool {
	for _, m := range all {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}
