// Package rules holds rule files of users, as an example.
package rules

import (
	"testing"

	"burnline/rules/runner"
)

// The example can be run as it is.
func TestTheExampleIsGood(t *testing.T) {
	set, findings, err := runner.Read([]string{"host.yaml"})
	if err != nil || len(findings) > 0 || set.Len() != 1 {
		t.Errorf("%d groups, findings %v, error %v", set.Len(), findings, err)
	}
}
