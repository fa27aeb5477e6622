package spec_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/spec"
)

var update = flag.Bool("update", false, "write the golden files")

// golden is what a file of testdata reads as.
type golden struct {
	Findings    []string
	Definitions []slo.Definition
	Corrections []slo.Correction `json:",omitempty"`
	Teams       []slo.Team       `json:",omitempty"`
}

func TestGoldenFiles(t *testing.T) {
	inputs, err := filepath.Glob("testdata/in-*.yaml")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	for _, input := range inputs {
		name := filepath.Base(input)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			set, findings := spec.Parse(name, data)
			out := golden{Definitions: set.Definitions, Corrections: set.Corrections, Teams: set.Teams}
			for _, f := range findings {
				out.Findings = append(out.Findings, f.String())
			}
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(out); err != nil {
				t.Fatal(err)
			}
			file := "testdata/" + strings.Replace(strings.TrimSuffix(name, ".yaml"), "in-", "out-", 1) + ".json"
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s reads as\n%s\nwant\n%s\n(run with -update if that is right)", name, got.Bytes(), want)
			}
		})
	}
}
