package promapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	apiv1 "github.com/prometheus/prometheus/web/api/v1"
)

// groups returns all groups of rules: those of the SLOs, and the users' own.
func (o *Options) groups(withAlerts bool) []*apiv1.RuleGroup {
	var all []*apiv1.RuleGroup
	if o.SLORules != nil {
		all = append(all, o.SLORules()...)
		if !withAlerts {
			hideAlerts(all)
		}
	}
	if o.Rules == nil {
		return all
	}
	for _, g := range o.Rules() {
		all = append(all, describeGroup(g, withAlerts))
	}
	return all
}

func hideAlerts(groups []*apiv1.RuleGroup) {
	for _, g := range groups {
		for i, rule := range g.Rules {
			if r, ok := rule.(apiv1.AlertingRule); ok {
				r.Alerts = nil
				g.Rules[i] = r
			}
		}
	}
}

// describeGroup describes a group as Prometheus' API does.
func describeGroup(g *rules.Group, withAlerts bool) *apiv1.RuleGroup {
	out := &apiv1.RuleGroup{
		Name: g.Name(), File: g.File(), Interval: g.Interval().Seconds(), Limit: g.Limit(), Rules: []apiv1.Rule{},
		EvaluationTime: g.GetEvaluationTime().Seconds(), LastEvaluation: g.GetLastEvaluation(),
	}
	for _, rule := range g.Rules() {
		last := ""
		if err := rule.LastError(); err != nil {
			last = err.Error()
		}
		switch r := rule.(type) {
		case *rules.AlertingRule:
			one := apiv1.AlertingRule{
				State: r.State().String(), Name: r.Name(), Query: r.Query().String(), Duration: r.HoldDuration().Seconds(),
				KeepFiringFor: r.KeepFiringFor().Seconds(), Labels: r.Labels(), Annotations: r.Annotations(),
				Health: r.Health(), LastError: last, EvaluationTime: r.GetEvaluationDuration().Seconds(),
				LastEvaluation: r.GetEvaluationTimestamp(), Type: "alerting",
			}
			if withAlerts {
				one.Alerts = describeAlerts(r.ActiveAlerts())
			}
			out.Rules = append(out.Rules, one)
		case *rules.RecordingRule:
			out.Rules = append(out.Rules, apiv1.RecordingRule{
				Name: r.Name(), Query: r.Query().String(), Labels: r.Labels(), Health: r.Health(), LastError: last,
				EvaluationTime: r.GetEvaluationDuration().Seconds(), LastEvaluation: r.GetEvaluationTimestamp(), Type: "recording",
			})
		}
	}
	return out
}

func describeAlerts(active []*rules.Alert) []*apiv1.Alert {
	out := make([]*apiv1.Alert, len(active))
	for i, a := range active {
		out[i] = &apiv1.Alert{
			Labels: a.Labels, Annotations: a.Annotations, State: a.State.String(), ActiveAt: &a.ActiveAt,
			Value: strconv.FormatFloat(a.Value, 'e', -1, 64),
		}
		if !a.KeepFiringSince.IsZero() {
			out[i].KeepFiringSince = &a.KeepFiringSince
		}
	}
	return out
}

// alerts answers /alerts: everything that waits to fire or fires.
func (h *handler) alerts(w http.ResponseWriter) {
	found := apiv1.AlertDiscovery{Alerts: []*apiv1.Alert{}}
	for _, g := range h.o.groups(true) {
		for _, rule := range g.Rules {
			if r, ok := rule.(apiv1.AlertingRule); ok {
				found.Alerts = append(found.Alerts, r.Alerts...)
			}
		}
	}
	reply(w, http.StatusOK, answer{Status: "success", Data: found})
}

// rules answers /rules with the filters that Prometheus has.
func (h *handler) rules(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxQueryForm)
	if err := r.ParseForm(); err != nil {
		fail(w, http.StatusBadRequest, "bad_data", "read the question: "+err.Error())
		return
	}
	f, err := readRuleFilter(r.Form)
	if err != nil {
		fail(w, http.StatusBadRequest, "bad_data", err.Error())
		return
	}
	found, err := f.page(h.o.groups(!f.withoutAlerts))
	if err != nil {
		fail(w, http.StatusBadRequest, "bad_data", err.Error())
		return
	}
	reply(w, http.StatusOK, answer{Status: "success", Data: found})
}

// ruleFilter is what a client wants to see of the rules.
type ruleFilter struct {
	kind                string // alert or record; "" for both
	names, groups, file []string
	matchers            [][]*labels.Matcher
	withoutAlerts       bool
	limit               int // of groups; 0 is none
	next                string
}

func readRuleFilter(form url.Values) (ruleFilter, error) {
	f := ruleFilter{
		kind: strings.ToLower(form.Get("type")), names: form["rule_name[]"], groups: form["rule_group[]"], file: form["file[]"],
		next: form.Get("group_next_token"),
	}
	var err error
	if f.kind != "" && f.kind != "alert" && f.kind != "record" {
		return f, fmt.Errorf("type %q is not known: write alert or record", f.kind)
	}
	if text := form.Get("exclude_alerts"); text != "" {
		if f.withoutAlerts, err = strconv.ParseBool(text); err != nil {
			return f, fmt.Errorf("exclude_alerts: %q is neither true nor false", text)
		}
	}
	if text := form.Get("group_limit"); text != "" {
		if f.limit, err = strconv.Atoi(text); err != nil || f.limit <= 0 {
			return f, fmt.Errorf("group_limit: %q is no number above 0", text)
		}
	}
	if f.next != "" && f.limit == 0 {
		return f, errors.New("group_next_token needs group_limit as well")
	}
	if f.matchers, err = parser.NewParser(parser.Options{}).ParseMetricSelectors(form["match[]"]); err != nil {
		return f, fmt.Errorf("match[]: %w", err)
	}
	for _, set := range f.matchers {
		if !slices.ContainsFunc(set, func(m *labels.Matcher) bool { return !m.Matches("") }) {
			return f, errors.New("match[] needs a matcher that an empty value does not match")
		}
	}
	return f, nil
}

// page returns the groups that the filter lets through, without those that it
// leaves empty, from its token on and up to its limit.
func (f *ruleFilter) page(all []*apiv1.RuleGroup) (*apiv1.RuleDiscovery, error) {
	out := &apiv1.RuleDiscovery{RuleGroups: []*apiv1.RuleGroup{}}
	begun := f.next == ""
	for _, g := range all {
		begun = begun || f.next == groupToken(g)
		if !begun || !among(f.groups, g.Name) || !among(f.file, g.File) {
			continue
		}
		kept := *g
		kept.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r apiv1.Rule) bool { return !f.keeps(r) })
		if len(kept.Rules) == 0 {
			continue
		}
		if f.limit > 0 && len(out.RuleGroups) == f.limit {
			out.GroupNextToken = groupToken(g)
			break
		}
		out.RuleGroups = append(out.RuleGroups, &kept)
	}
	if !begun {
		return nil, errors.New("group_next_token names no group; the rules may have changed, so begin anew")
	}
	return out, nil
}

// keeps reports whether one rule is asked for.
func (f *ruleFilter) keeps(rule apiv1.Rule) bool {
	switch r := rule.(type) {
	case apiv1.AlertingRule:
		return f.kind != "record" && among(f.names, r.Name) && f.matches(r.Labels)
	case apiv1.RecordingRule:
		return f.kind != "alert" && among(f.names, r.Name) && f.matches(r.Labels)
	}
	return false
}

func (f *ruleFilter) matches(ls labels.Labels) bool {
	return len(f.matchers) == 0 || slices.ContainsFunc(f.matchers, func(set []*labels.Matcher) bool {
		return !slices.ContainsFunc(set, func(m *labels.Matcher) bool { return !m.Matches(ls.Get(m.Name)) })
	})
}

// among reports whether the name is one of those asked for; none asks for all.
func among(names []string, name string) bool { return len(names) == 0 || slices.Contains(names, name) }

// groupToken stands for a group in a paged answer.
func groupToken(g *apiv1.RuleGroup) string {
	sum := sha256.Sum256([]byte(g.File + ";" + g.Name))
	return hex.EncodeToString(sum[:])
}
