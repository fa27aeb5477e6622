package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const yearLong = `
apiVersion: burnline/v1
kind: SLO
metadata: {name: exports}
spec:
  service: exports
  team: data
  objective: 99
  window: 365d
  sli: {events: {bad: 'jobs_total{result="failed"}', total: jobs_total}}
  alerting: {annotations: {runbook: "https://runbooks.example.com/exports"}}
`

func TestAWindowLongerThanRetentionIsAWarning(t *testing.T) {
	for _, c := range []struct {
		name, config string
		warned       bool
	}{
		{"100 days are kept by default", "{}", true},
		{"400 days are kept", "metrics: {retention: 400d}", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			config := filepath.Join(dir, "burnline.yaml")
			for path, text := range map[string]string{config: c.config, filepath.Join(dir, "slos", "exports.yaml"): yearLong} {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			set, err := load(Options{ConfigPath: config})
			if err != nil {
				t.Fatal(err)
			}
			if warned := strings.Contains(set.Findings.Error(), "metrics.retention"); warned != c.warned {
				t.Errorf("warned: %v, want %v; findings: %v", warned, c.warned, set.Findings)
			}
		})
	}
}
