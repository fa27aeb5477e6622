package spec_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/spec"
)

func TestExamplesAreWithoutFindings(t *testing.T) {
	for _, folder := range []string{"../../examples/slos", "../../examples/shop/slos"} {
		set, findings, err := spec.Load([]string{folder})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range slo.Lint(set.Definitions, set.Teams) {
			// The shop's short windows suit a demo; a note is no advice.
			if f.Level == slo.LevelError || f.Level == slo.LevelWarning && folder != "../../examples/shop/slos" {
				findings = append(findings, f)
			}
		}
		if len(set.Definitions) == 0 || len(findings) > 0 {
			t.Errorf("%s: %d SLOs and findings\n%v", folder, len(set.Definitions), findings)
		}
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(apiVersion:.*?)```")

func TestFilesInTheDocsCanBeLoaded(t *testing.T) {
	text, err := os.ReadFile("../../docs/slos.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := yamlBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) == 0 {
		t.Fatal("docs/slos.md shows no SLO file")
	}
	for _, block := range blocks {
		set, findings := spec.Parse("docs/slos.md", []byte(block[1]))
		for _, f := range slo.Lint(set.Definitions, set.Teams) {
			if f.Level != slo.LevelNote {
				findings = append(findings, f)
			}
		}
		if len(set.Definitions)+len(set.Corrections)+len(set.Teams) == 0 || len(findings) > 0 {
			t.Errorf("%s\nfindings:\n%v", block[1], findings)
		}
	}
}

// TestTheDocsNameEveryField keeps docs/slos.md complete.
func TestTheDocsNameEveryField(t *testing.T) {
	text, err := os.ReadFile("../../docs/slos.md")
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{
		"metadata.name", "metadata.labels", "spec.service", "spec.team", "spec.journey", "spec.description",
		"spec.objective", "spec.objectives", "spec.window", "spec.sli.events", "spec.sli.latency", "spec.group_by",
		"spec.sli.slices", "spec.sli.ratio", "spec.sli.composite", "spec.budgeting", "spec.no_data",
		"alerting.policies", "alerting.resolve_after", "alerting.min_bad", "alerting.labels", "alerting.annotations",
		"calendar", "count", "timezone", "start", "query", "op", "value", "slice", "of", "weight", "method", "target",
		"spec.kind", "spec.slos", "spec.services", "spec.teams", "spec.from", "spec.to", "spec.timezone", "spec.rrule",
		"spec.reason", "spec.author", "owners", "pagerduty_key_file", "slack_channel", "parent",
		"severity", "long", "short", "budget", "factor", "bad", "good", "total", "histogram", "threshold",
	}
	for _, field := range fields {
		if !strings.Contains(string(text), "`"+field+"`") {
			t.Errorf("docs/slos.md says nothing of %s", field)
		}
	}
}
