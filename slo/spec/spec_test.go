package spec_test

import (
	"flag"
	"testing"

	"burnline/slo"
	"burnline/slo/spec"
	"burnline/slo/spec/internal/dialecttest"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGoldenFiles(t *testing.T) {
	dialecttest.GoldenJSON(t, func(name string, data []byte) (dialecttest.Outcome, slo.Findings) {
		set, findings := spec.Parse(name, data)
		return dialecttest.Outcome{Definitions: set.Definitions, Corrections: set.Corrections, Teams: set.Teams}, findings
	}, "  ", *update)
}
