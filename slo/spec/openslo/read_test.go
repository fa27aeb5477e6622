package openslo_test

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/openslo"
)

var update = flag.Bool("update", false, "write the golden files")

// read reads one file as a load does.
func read(name string, data []byte) ([]slo.Definition, slo.Findings) {
	docs, findings := yamlconf.Parse(data, yamlconf.Options{File: name})
	var all []*yamlconf.Document
	for _, doc := range docs {
		all = append(all, doc.Items()...)
	}
	defs, more := openslo.Read(all)
	return defs, append(findings, more...)
}

func TestGoldenFiles(t *testing.T) {
	dialecttest.GoldenJSON(t, func(name string, data []byte) (dialecttest.Outcome, slo.Findings) {
		defs, findings := read(name, data)
		return dialecttest.Outcome{Definitions: defs}, findings
	}, " ", *update)
}

func FuzzRead(f *testing.F) {
	dialecttest.Seed(f, "testdata/in-*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		defs, _ := read("fuzz.yaml", data)
		for _, d := range defs {
			if d.Objective <= 0 || d.Objective >= 100 || len(d.Policies) == 0 || d.Window.Nominal() <= 0 {
				t.Errorf("%s has the objective %g, %d policies and the window %s", d.ID, d.Objective, len(d.Policies), d.Window)
			}
		}
	})
}

// References lead from file to file, in whatever order they are read.
func TestReferencesLeadAcrossFiles(t *testing.T) {
	data, err := os.ReadFile("testdata/in-references.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitAfter(string(data), "\n---\n")
	if len(parts) != 2 {
		t.Fatalf("%d parts", len(parts))
	}
	want, _ := read("one.yaml", data)
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		var docs []*yamlconf.Document
		for _, i := range order {
			parsed, findings := yamlconf.Parse([]byte(parts[i]), yamlconf.Options{File: []string{"slo.yaml", "objects.yaml"}[i]})
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			for _, doc := range parsed {
				docs = append(docs, doc.Items()...)
			}
		}
		defs, findings := openslo.Read(docs)
		if len(findings.Errors()) > 0 || !reflect.DeepEqual(withoutSource(defs), withoutSource(want)) {
			t.Errorf("order %v: %v\n%+v", order, findings, defs)
		}
		for _, f := range findings {
			if f.Path == "spec.severity" && f.File != "objects.yaml" {
				t.Errorf("the condition's finding stands in %s", f.File)
			}
		}
	}
}
