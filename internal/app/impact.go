package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/slo"
	"burnline/slo/impact"
	"burnline/storage/traces"
)

// buildImpact makes what counts whom incidents hurt, before anything can page.
func (p *parts) buildImpact(ctx context.Context, _ *teardown) error {
	c := p.set.Load().Config.Impact
	node := "" // a file is this process's alone
	if p.set.Load().Config.State.DSN != "" {
		var err error
		if node, err = nodeName(); err != nil {
			return err
		}
	}
	t, err := impact.New(impact.Options{
		Node: node,
		Now:  time.Now, Customer: c.Customer, Compare: c.compared(), Region: c.Region, Journey: c.Journey, Currency: c.Currency,
		Traces: failures{p.traces}, Elsewhere: p.elsewhere, Store: p.state, Logger: p.log("impact"), Registerer: p.registry,
	})
	if err != nil {
		return err
	}
	p.impact = t
	if err := t.Resume(ctx); err != nil { // nothing that pages waits for it
		p.log("impact").Warn("whom open incidents hurt before the start is not known; it is counted on as \"at least\"", "error", err)
	}
	return nil
}

// evidence says whom the incident of a transition hurts, and what changed before it.
func (p *parts) evidence(ctx context.Context, t slo.Transition, urgent bool) *slo.Evidence {
	counts := t.Since
	e := p.impact.Evidence(ctx, impact.Question{Incident: t.Incident, Definition: t.Definition, Counts: &counts, Urgent: urgent})
	return p.withChanges(e, t)
}

// sight is what the engine sees of an incident; nothing before it is built.
func (p *parts) sight(in slo.Incident) (slo.Transition, bool) {
	if p.engine == nil {
		return slo.Transition{}, false
	}
	return p.engine.Sight(in)
}

// raise says why a ticket is to rise to a page, by the rules in force.
func (p *parts) raise(in slo.Incident, d *slo.Definition) string {
	rules := p.set.Load().raises
	if len(rules) == 0 {
		return ""
	}
	return p.impact.Raises(rules, in, d)
}

// lasting is what holds until the next start.
func (c ImpactConfig) lasting() ImpactConfig {
	c.Severity = nil
	return c
}

// rules are the rules by which tickets rise, and what is wrong with them.
func (c ImpactConfig) rules() ([]impact.Rule, slo.Findings) {
	var rules []impact.Rule
	var findings slo.Findings
	for i, r := range c.Severity {
		path := fmt.Sprintf("impact.severity[%d]", i)
		rule, wrongs := impact.NewRule(r.When)
		for _, name := range slices.Sorted(maps.Keys(wrongs)) {
			message, instead, _ := strings.Cut(wrongs[name].Error(), "; ")
			findings = append(findings, wrong(whenPath(path, name), message, instead))
		}
		if r.Severity != string(slo.Page) {
			findings = append(findings, wrong(path+".severity", fmt.Sprintf("a rule can't make it %q: it only raises tickets", r.Severity), "write page"))
		}
		rules = append(rules, rule)
	}
	return rules, findings
}

// whenPath is where a condition stands; "" is that none does.
func whenPath(rule, name string) string {
	if name == "" {
		return rule
	}
	return rule + ".when." + name
}

// validateImpact checks what says whom an incident hurts.
func (c Config) validateImpact() slo.Findings {
	var findings slo.Findings
	for i, name := range c.Impact.Compare {
		if name == "" {
			findings = append(findings, wrong(fmt.Sprintf("impact.compare[%d]", i), "it is empty", "write an attribute such as cloud.region"))
		}
	}
	if code := c.Impact.Currency; code != "" && !isCurrency(code) {
		findings = append(findings, wrong("impact.currency", fmt.Sprintf("%q is no currency", code), "write its code of three capital letters (ISO 4217), such as EUR"))
	}
	hidden := append(c.hashedAttributes(), c.Traces.Redact...)
	for i, name := range c.Impact.compared() {
		if !slices.Contains(hidden, name) {
			continue
		}
		path := fmt.Sprintf("impact.compare[%d]", i)
		switch name {
		case c.Impact.Region:
			path = "impact.region"
		case c.Impact.Journey:
			path = "impact.journey"
		}
		findings = append(findings, wrong(path, name+" is hashed or removed because it may name a person, and messages would show it",
			"leave it out, or take it from traces.hash and traces.redact"))
	}
	_, more := c.Impact.rules()
	return append(findings, more...)
}

// exposed finds SLOs whose customers messages would name, and warns of SLOs on spans whose groups are the values of an attribute that may name a person: labels
// of groups are stored and told as they are.
func (s *settings) exposed() slo.Findings {
	var findings slo.Findings
	hidden := slices.Concat(s.hashed, s.Config.Traces.Redact)
	compared := s.Config.Impact.compared()
	for _, d := range s.Definitions {
		if name := d.Impact.Customer; slices.Contains(compared, name) {
			findings = append(findings, slo.Finding{
				Source: d.Source, Path: "spec.impact.customer",
				Message: name + " is one of impact.compare, so messages would show its values, which may name a person",
				Instead: "take it from impact.compare, or name another attribute",
			})
		}
		if d.SLI.Spans == nil {
			continue
		}
		for i, name := range d.SLI.Spans.Attributes {
			if slices.Contains(hidden, name) {
				findings = append(findings, slo.Finding{
					Source: d.Source, Path: fmt.Sprintf("spec.group_by[%d]", i), Level: slo.LevelWarning,
					Message: name + " is hashed or removed in traces because it may name a person, but as a label its values are stored, and shown on pages, as they are",
					Instead: "group by something that names no person, or take it from traces.hash and traces.redact",
				})
			}
		}
	}
	return findings
}

// failures says what failed in kept traces.
type failures struct{ store *traces.Store }

var _ impact.Traces = failures{}

// Failure implements impact.Traces. What failed is the failed span that is nested deepest: the
// others fail because of it.
func (f failures) Failure(ctx context.Context, trace [16]byte) (string, bool) {
	td, err := f.store.Trace(ctx, pcommon.TraceID(trace))
	if err != nil {
		return "", false // not kept, or no longer
	}
	return deepestFailure(td), true
}

// spanAt is a span with its service.
type spanAt struct {
	ptrace.Span
	service string
}

// deepestFailure names the failed span farthest from the root: service, operation, message.
func deepestFailure(td ptrace.Traces) string {
	spans := map[pcommon.SpanID]spanAt{}
	for _, rs := range td.ResourceSpans().All() {
		service := ""
		if name, ok := rs.Resource().Attributes().Get("service.name"); ok {
			service = name.AsString()
		}
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				spans[s.SpanID()] = spanAt{s, service}
			}
		}
	}
	best, deepest := "", -1
	for _, s := range spans {
		if s.Status().Code() != ptrace.StatusCodeError {
			continue
		}
		depth := 0
		for at, ok := spans[s.ParentSpanID()]; ok && depth < len(spans); at, ok = spans[at.ParentSpanID()] {
			depth++
		}
		said := s.said()
		if depth > deepest || depth == deepest && said < best {
			best, deepest = said, depth
		}
	}
	return best
}

// said is what a failed span says of itself: its service, its operation, and why it failed.
func (s spanAt) said() string {
	text := strings.TrimSpace(s.service + " " + s.Name())
	if route, ok := s.Attributes().Get("http.route"); ok && !strings.Contains(s.Name(), route.AsString()) {
		text += " " + route.AsString()
	}
	if why := s.Status().Message(); why != "" {
		return text + ": " + why
	}
	for _, name := range []string{"error.type", "http.response.status_code"} {
		if v, ok := s.Attributes().Get(name); ok {
			return text + ": " + v.AsString()
		}
	}
	return text
}

// isCurrency reports whether a code has the form of ISO 4217: three capital letters.
func isCurrency(code string) bool {
	return len(code) == 3 && !strings.ContainsFunc(code, func(r rune) bool { return r < 'A' || r > 'Z' })
}

// correctImpact takes corrected time out of what incidents do to customers, as the engine takes it out of the counts.
func (p *parts) correctImpact(all []slo.Correction) {
	if len(all) == 0 {
		p.impact.Correct(nil)
		return
	}
	known := sync.OnceValue(func() map[string]*slo.Definition {
		of := map[string]*slo.Definition{}
		for _, d := range p.engine.Definitions() {
			of[d.ID] = d
		}
		return of
	})
	p.impact.Correct(func(id string, from, to time.Time) []slo.Interval {
		d := known()[id]
		if d == nil {
			return nil
		}
		return slo.Corrected(all, d, from, to)
	})
}
