package dashboards

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"burnline/slo"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// plainSLO has one group and the four default policies.
func plainSLO() slo.Definition {
	return slo.Definition{
		ID: "checkout/availability", Name: "availability", Service: "checkout", Team: "payments", Journey: "buy",
		Description: "Customers can pay for their basket.", Objective: 99.9, Window: slo.Window{Rolling: 30 * 24 * time.Hour},
		Policies:    slo.DefaultPolicies(30 * 24 * time.Hour),
		Annotations: map[string]string{"runbook": "https://runbooks.example.com/checkout"},
	}
}

// groupedSLO has a budget per region and zone, and one policy.
func groupedSLO() slo.Definition {
	return slo.Definition{
		ID: `search/"fast" answers`, Name: `"fast" answers`, Service: "search", Objective: 95, Window: slo.Window{Rolling: 6 * time.Hour},
		SLI:      slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "search_seconds"}, Threshold: 300 * time.Millisecond}},
		GroupBy:  []string{"zone", "region"},
		Policies: []slo.Policy{{Severity: slo.Page, Long: time.Minute, Short: 10 * time.Second, Share: 0.04, Factor: 14.4}},
	}
}

func generate(t *testing.T, o Options, defs ...slo.Definition) []File {
	t.Helper()
	files, err := Generate(defs, o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTheGeneratedFilesAreTheGoldenOnes(t *testing.T) {
	files := generate(t, Options{ExternalURL: "https://burnline.example.com/"}, plainSLO(), groupedSLO())
	golden := filepath.Join("testdata", "golden")
	if *update {
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]bool{}
	for _, f := range files {
		path := filepath.Join(golden, filepath.FromSlash(f.Path))
		want[path] = true
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v (write it with go test ./dashboards -update)", err)
		}
		if !bytes.Equal(data, f.Data) {
			t.Errorf("%s differs from the golden file; look at the difference, then run go test ./dashboards -update", f.Path)
		}
	}
	if err := filepath.WalkDir(golden, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !want[path] {
			t.Errorf("%s is golden and no longer generated", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
