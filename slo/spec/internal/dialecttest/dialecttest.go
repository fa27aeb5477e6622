// Package dialecttest tests readers and writers of SLO dialects: what a file reads as, in
// golden files that people can read, and that what is written reads as the same.
package dialecttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

type (
	// Read is a dialect's reader.
	Read func(docs []*yamlconf.Document) ([]slo.Definition, slo.Findings)
	// Write is a dialect's writer.
	Write func(w io.Writer, defs []slo.Definition) (slo.Findings, error)
)

// Parse reads a file's documents, and fails the test where it is no YAML.
func Parse(t testing.TB, file string, data []byte) []*yamlconf.Document {
	t.Helper()
	docs, findings := yamlconf.Parse(data, yamlconf.Options{File: file})
	if len(findings) > 0 {
		t.Fatalf("%s: %v", file, findings)
	}
	return docs
}

// Golden requires that every testdata/*.yaml reads as the text beside it says, and writes that text where update is set.
func Golden(t *testing.T, read Read, update bool) {
	each(t, "testdata/*.yaml", func(t *testing.T, input, name string, data []byte) {
		defs, findings := read(Parse(t, name, data))
		Same(t, strings.TrimSuffix(input, ".yaml")+".txt", Text(defs, findings), update)
	})
}

// Outcome is all that a file reads as.
type Outcome struct {
	Findings    []string
	Definitions []slo.Definition
	Corrections []slo.Correction `json:",omitempty"`
	Teams       []slo.Team       `json:",omitempty"`
}

// GoldenJSON requires that every testdata/in-*.yaml reads as its out-*.json says, field by field, and
// writes that file, with the indent, where update is set.
func GoldenJSON(t *testing.T, read func(name string, data []byte) (Outcome, slo.Findings), indent string, update bool) {
	each(t, "testdata/in-*.yaml", func(t *testing.T, input, name string, data []byte) {
		out, findings := read(name, data)
		for _, f := range findings {
			out.Findings = append(out.Findings, f.String())
		}
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", indent)
		if err := encoder.Encode(out); err != nil {
			t.Fatal(err)
		}
		Same(t, strings.Replace(strings.TrimSuffix(input, ".yaml"), "in-", "out-", 1)+".json", got.String(), update)
	})
}

// each runs a test for every file that the pattern names, of which there is at least one.
func each(t *testing.T, pattern string, test func(t *testing.T, input, name string, data []byte)) {
	for _, input := range files(t, pattern) {
		name := filepath.Base(input)
		t.Run(name, func(t *testing.T) { test(t, input, name, content(t, input)) })
	}
}

// Seed gives a fuzz test every file that the pattern names.
func Seed(f *testing.F, pattern string) {
	f.Helper()
	for _, input := range files(f, pattern) {
		f.Add(content(f, input))
	}
}

// Whole requires that definitions have what every SLO needs, whatever they were read from.
func Whole(t *testing.T, defs []slo.Definition) {
	t.Helper()
	for _, d := range defs {
		if d.SLI == (slo.SLI{}) || !(d.Budget() > 0) || d.Name == "" || d.Window.Rolling <= 0 {
			t.Errorf("half an SLO: %+v", d)
		}
	}
}

func files(t testing.TB, pattern string) []string {
	t.Helper()
	inputs, err := filepath.Glob(pattern)
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no inputs: %v", err)
	}
	return inputs
}

func content(t testing.TB, input string) []byte {
	t.Helper()
	data, err := os.ReadFile(input)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Again writes definitions and reads them again. It returns the text and what was lost with it, and requires
// that the text has no errors.
func Again(t *testing.T, write Write, read func(name string, data []byte) ([]slo.Definition, slo.Findings),

	defs []slo.Definition) (text string, again []slo.Definition, lost slo.Findings) {
	t.Helper()
	var out bytes.Buffer
	lost, err := write(&out, defs)
	if err != nil {
		t.Fatal(err)
	}
	again, findings := read("written.yaml", out.Bytes())
	if errs := findings.Errors(); len(errs) > 0 && out.Len() > 0 {
		t.Errorf("what was written has errors: %v\n%s", errs, &out)
	}
	return out.String(), again, lost
}

// Same requires that a golden file holds the text, and writes it where update is set.
func Same(t *testing.T, file, text string, update bool) {
	t.Helper()
	if update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n(run with -update if that is right)", file, text, want)
	}
}

// RoundTrip requires that every definition of testdata/*.yaml that is written without a finding
// reads as the same again, and that at least one is.
func RoundTrip(t *testing.T, read Read, write Write) {
	whole := 0
	for _, input := range files(t, "testdata/*.yaml") {
		data := content(t, input)
		defs, _ := read(Parse(t, input, data))
		for _, d := range defs {
			var out bytes.Buffer
			findings, err := write(&out, []slo.Definition{d})
			if err != nil {
				t.Fatal(err)
			}
			if len(findings) > 0 {
				continue
			}
			whole++
			again, _ := read(Parse(t, input, out.Bytes()))
			if got, want := Text(again, nil), Text([]slo.Definition{d}, nil); unplaced(got) != unplaced(want) {
				t.Errorf("%s: %s was written as\n%s\nwhich reads as\n%s\nwant\n%s", input, d.ID, out.String(), got, want)
			}
		}
	}
	if whole == 0 {
		t.Error("nothing was written as a whole")
	}
}

// Reported requires that testdata/written.golden holds what the Definitions are written as, and the findings.
func Reported(t *testing.T, write Write, update bool) {
	t.Helper()
	var out bytes.Buffer
	findings, err := write(&out, Definitions())
	if err != nil {
		t.Fatal(err)
	}
	Same(t, "testdata/written.golden", out.String()+"\n"+Text(nil, findings), update)
}

// FailedWrite requires that a write that fails is an error, and that nothing to write is none.
func FailedWrite(t *testing.T, write Write) {
	t.Helper()
	if _, err := write(full{}, Definitions()); err == nil {
		t.Error("no error")
	}
	if findings, err := write(full{}, nil); err != nil || findings != nil {
		t.Errorf("nothing to write: %v, %v", findings, err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// unplaced takes the lines away on which definitions stand.
func unplaced(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "  line ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
