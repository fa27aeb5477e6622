package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const byCustomer = `
apiVersion: burnline/v1
kind: SLO
metadata: {name: availability}
spec:
  service: checkout
  team: payments
  objective: 99
  window: 30d
  sli: {spans: {service: checkout, where: 'kind == SPAN_KIND_SERVER', bad: 'status.code == STATUS_CODE_ERROR'}}
  group_by: [%ATTRIBUTE%]
  alerting: {annotations: {runbook: "https://runbooks.example.com/checkout"}}
`

func TestCustomersOfAnSLOAreHashedAndNeverCompared(t *testing.T) {
	text := strings.ReplaceAll(byCustomer, "  group_by: [%ATTRIBUTE%]", "  impact: {customer: %ATTRIBUTE%}")
	set := loadFiles(t, "impact: {customer: enduser.id}", strings.ReplaceAll(text, "%ATTRIBUTE%", "merchant.id"))
	if !slices.Contains(set.hashed, "merchant.id") || !slices.Contains(set.hashed, "enduser.id") {
		t.Errorf("hashed are %v", set.hashed)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("slo.yaml", strings.ReplaceAll(text, "%ATTRIBUTE%", "merchant.id"))
	write("burnline.yaml", "data: data\nslos: [slo.yaml]\nimpact: {compare: [merchant.id]}\n")
	if _, err := load(Options{ConfigPath: filepath.Join(dir, "burnline.yaml")}); err == nil || !strings.Contains(err.Error(), "spec.impact.customer: merchant.id is one of impact.compare") {
		t.Errorf("what is compared is shown: %v", err)
	}
}

func TestGroupsThatMayNameAPersonAreAWarning(t *testing.T) {
	for attribute, warned := range map[string]bool{"enduser.id": true, "user.email": true, "cloud.region": false} {
		set := loadFiles(t, "impact: {customer: enduser.id}\ntraces: {redact: [user.email]}", strings.ReplaceAll(byCustomer, "%ATTRIBUTE%", attribute))
		if got := strings.Contains(set.Findings.Error(), "may name a person"); got != warned {
			t.Errorf("by %s: warned %v, want %v; findings: %v", attribute, got, warned, set.Findings)
		}
	}
}
