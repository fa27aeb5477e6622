package collector

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The example is the built-in pipeline with lines added, so that whoever copies it loses nothing.
func TestTheForwardingExampleIsTheBuiltInPipelineWithMore(t *testing.T) {
	example, err := os.ReadFile("../examples/forward/collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := func(text []byte) []string {
		var all []string
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "#")
			if line = strings.TrimRight(line, " "); line != "" {
				all = append(all, strings.Replace(line, "[burnline_traces, otlp/forward]", "[burnline_traces]", 1))
			}
		}
		return all
	}
	rest := lines(example)
	for _, line := range lines(DefaultConfig()) {
		at := slices.Index(rest, line)
		if at < 0 {
			t.Fatalf("the example lacks, or has elsewhere, the line\n%s", line)
		}
		rest = rest[at+1:]
	}
}
