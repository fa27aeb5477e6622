package app

import (
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

func TestGroupsThatMayNameAPersonAreAWarning(t *testing.T) {
	for attribute, warned := range map[string]bool{"enduser.id": true, "user.email": true, "cloud.region": false} {
		set := loadFiles(t, "impact: {customer: enduser.id}\ntraces: {redact: [user.email]}", strings.ReplaceAll(byCustomer, "%ATTRIBUTE%", attribute))
		if got := strings.Contains(set.Findings.Error(), "may name a person"); got != warned {
			t.Errorf("by %s: warned %v, want %v; findings: %v", attribute, got, warned, set.Findings)
		}
	}
}
