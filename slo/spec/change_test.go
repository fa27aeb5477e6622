package spec_test

import (
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/spec"
)

func TestAChangedDefinitionIsReadAsItsFileWouldBe(t *testing.T) {
	t.Parallel()
	const text = `apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: shop
  objectives: [99.9, 99]
  window: 30d
  sli: {events: {bad: 'requests_total{code="500"}', total: requests_total}}
  group_by: [region]
`
	set, findings := spec.Parse("slos/shop.yaml", []byte(text))
	if len(findings.Errors()) > 0 {
		t.Fatal(findings)
	}
	d := set.Definitions[0]
	page := func(factor float64) slo.Policy {
		return slo.Policy{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Factor: factor, Share: factor / 720}
	}
	for _, c := range []struct {
		name, objective, policies string
		want                      []slo.Policy
		objectiveWanted           float64
		wrong                     string // the path of the finding and a word of it
	}{
		{"nothing changes", "", "", d.Policies, d.Objective, ""},
		{"what was written reads the same", "", spec.Policies(&d), d.Policies, d.Objective, ""},
		{"an objective with the default policies", "99.5", "", d.Policies, 99.5, ""},
		{"policies by factor", "", "- {severity: page, long: 1h, short: 5m, factor: 7.2}", []slo.Policy{page(7.2)}, d.Objective, ""},
		{"policies by share", "", "- {severity: page, long: 1h, short: 5m, budget: 1%}", []slo.Policy{page(7.2)}, d.Objective, ""},
		{"policies as JSON", "", `[{"severity":"page","long":"1h","short":"5m","budget":"1%"}]`, []slo.Policy{page(7.2)}, d.Objective, ""},
		{"an objective that is none", "100", "", nil, 0, "spec.objective"},
		{"words for an objective", "most", "", nil, 0, "spec.objective"},
		{"no list", "", "severity: page", nil, 0, "spec.alerting.policies: it is no list"},
		{"no YAML", "", "- {severity: page", nil, 0, "spec.alerting.policies: it can't be read"},
		{"a severity that is none", "", "- {severity: shout, long: 1h, short: 5m, budget: 2%}", nil, 0, "spec.alerting.policies[0].severity"},
		{"a window that is longer than the SLO's", "", "- {severity: page, long: 1000h, short: 5m, budget: 2%}", nil, 0, "spec.alerting.policies[0].long"},
		{"a key that there is not", "", "- {severity: page, long: 1h, short: 5m, budget: 2%, wait: 3m}", nil, 0, "spec.alerting.policies[0].wait"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, findings := spec.Change(d, c.objective, c.policies)
			if c.wrong != "" {
				if !strings.Contains(findings.Errors().Error(), c.wrong) || got.Objective != d.Objective {
					t.Errorf("objective %g; findings: %v; want %s", got.Objective, findings, c.wrong)
				}
				return
			}
			if len(findings.Errors()) > 0 || got.Objective != c.objectiveWanted || len(got.Policies) != len(c.want) {
				t.Fatalf("%g, %+v, %v", got.Objective, got.Policies, findings)
			}
			for i, p := range got.Policies {
				if w := c.want[i]; p.Severity != w.Severity || p.Long != w.Long || p.Short != w.Short || p.Factor-w.Factor > 1e-9 || w.Factor-p.Factor > 1e-9 {
					t.Errorf("policy %d is %+v, want %+v", i, p, w)
				}
			}
			if got.ID != d.ID || got.Source != d.Source || len(got.GroupBy) != 1 {
				t.Errorf("more was changed: %+v", got)
			}
		})
	}
}

func FuzzChange(f *testing.F) {
	set, _ := spec.Parse("a.yaml", []byte("apiVersion: burnline/v1\nkind: SLO\nmetadata: {name: a}\nspec: {service: a, objective: 99, window: 30d, sli: {events: {bad: a_total, total: b_total}}}\n"))
	f.Add("99.9", "- {severity: page, long: 1h, short: 5m, budget: 2%}")
	f.Add("", "[{severity: ticket, long: 1d, short: 2h, factor: 3}]")
	f.Add("&a", "- *a")
	f.Fuzz(func(t *testing.T, objective, policies string) {
		d := set.Definitions[0]
		got, findings := spec.Change(d, objective, policies)
		if len(findings.Errors()) > 0 {
			return
		}
		if got.Objective <= 0 || got.Objective >= 100 {
			t.Errorf("objective %g was taken", got.Objective)
		}
		for _, p := range got.Policies {
			if p.Factor <= 0 || p.Short >= p.Long {
				t.Errorf("policy %+v was taken", p)
			}
		}
	})
}
