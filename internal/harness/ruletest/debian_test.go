package ruletest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"burnline/internal/harness/backends"
	"burnline/internal/harness/patience"
)

// The Prometheus that Debian packages takes the rules of every kind of SLO: its
// promtool finds nothing wrong, and its server loads them all.
func TestDebiansPrometheusTakesTheRules(t *testing.T) {
	t.Parallel()
	golden, err := filepath.Abs("../../../rules/testdata/prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("promtool is not installed; on Debian: apt-get install prometheus")
	}
	out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", golden).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool: %v\n%s", err, out)
	}
	server := backends.Run(t, backends.PrometheusWith(fmt.Sprintf("rule_files: [%q]\n", golden)))
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Health, LastError string }
			}
		}
	}
	patience.Until(t, "the rules are loaded", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/v1/rules", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return len(answer.Data.Groups) > 0
	})
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Health == "err" {
				t.Errorf("a rule fails: %s", r.LastError)
			}
		}
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Count(text, []byte("\n  - name: ")); len(answer.Data.Groups) != want {
		t.Errorf("%d groups were loaded, the file has %d", len(answer.Data.Groups), want)
	}
}
