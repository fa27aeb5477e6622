// Package dialecttest tests readers and writers of SLO dialects: what a file reads as, in
// golden files that people can read, and that what is written reads as the same.
package dialecttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
	inputs, err := filepath.Glob(pattern)
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
			test(t, input, name, data)
		})
	}
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
	inputs, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for _, input := range inputs {
		data, err := os.ReadFile(input)
		if err != nil {
			t.Fatal(err)
		}
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

// Text describes definitions and findings, one thing a line.
func Text(defs []slo.Definition, findings slo.Findings) string {
	var b strings.Builder
	for _, d := range defs {
		describe(&b, d)
	}
	for _, f := range findings {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func describe(b *strings.Builder, d slo.Definition) {
	fmt.Fprintf(b, "%s %g%% in %s\n  line %d\n", d.ID, d.Objective, slo.FormatDuration(d.Window.Rolling), d.Source.Line)
	for _, field := range []struct{ name, text string }{{"team", d.Team}, {"journey", d.Journey}, {"description", d.Description}} {
		if field.text != "" {
			fmt.Fprintf(b, "  %s: %s\n", field.name, field.text)
		}
	}
	sli(b, d.SLI)
	if len(d.GroupBy) > 0 {
		fmt.Fprintf(b, "  group by %s\n", strings.Join(d.GroupBy, ", "))
	}
	for _, p := range d.Policies {
		fmt.Fprintf(b, "  %s over %s and %s above %.4g (%.3g%% of the budget)\n", p.Severity, slo.FormatDuration(p.Long), slo.FormatDuration(p.Short), p.Factor, 100*p.Share)
	}
	fmt.Fprintf(b, "  no data: %s; resolve after %s; at least %g bad; %s\n", d.NoData, slo.FormatDuration(d.ResolveAfter), d.MinBad, d.Dialect)
	for _, set := range []struct {
		name string
		of   map[string]string
	}{{"labels", d.Labels}, {"alert labels", d.AlertLabels}, {"annotations", d.Annotations}} {
		for _, name := range slices.Sorted(maps.Keys(set.of)) {
			fmt.Fprintf(b, "  %s: %s=%s\n", set.name, name, set.of[name])
		}
	}
}

func sli(b *strings.Builder, s slo.SLI) {
	switch {
	case s.Events != nil:
		for _, part := range []struct {
			name string
			sum  slo.Sum
		}{{"bad", s.Events.Bad}, {"good", s.Events.Good}, {"total", s.Events.Total}} {
			for _, term := range part.sum {
				sign := "+"
				if term.Minus {
					sign = "-"
				}
				fmt.Fprintf(b, "  %s %s %s\n", part.name, sign, term.Selector)
			}
		}
	case s.Latency != nil:
		fmt.Fprintf(b, "  latency of %s up to %s\n", s.Latency.Histogram, slo.FormatDuration(s.Latency.Threshold))
	case s.Samples != nil:
		fmt.Fprintf(b, "  samples of %s %s %g\n", s.Samples.Selector, s.Samples.Op, s.Samples.Value)
	case s.Ratio != nil:
		fmt.Fprintf(b, "  ratio every %s: %q\n", slo.FormatDuration(s.Ratio.Slice), s.Ratio.Query)
	}
}
