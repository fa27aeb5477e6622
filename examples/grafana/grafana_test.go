// Package grafana tests that the example's dashboards are those that are generated now.
package grafana

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"burnline/dashboards"
	"burnline/slo/spec"
)

func TestTheExampleIsWhatIsGeneratedNow(t *testing.T) {
	set, findings, err := spec.Load([]string{"../shop/slos"})
	if err != nil || len(findings.Errors()) > 0 {
		t.Fatal(err, findings)
	}
	text, err := os.ReadFile("panels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	additions, findings := dashboards.ReadAdditions("panels.yaml", text, set.Definitions)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	files, err := dashboards.Generate(set.Definitions, dashboards.Options{Additions: additions})
	if err != nil {
		t.Fatal(err)
	}
	const again = "write it again with burnline dashboards write --out examples/grafana --add examples/grafana/panels.yaml examples/shop/slos"
	want := map[string]bool{}
	for _, f := range files {
		path := filepath.FromSlash(f.Path)
		want[path] = true
		data, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; %s", err, again)
		} else if !bytes.Equal(data, f.Data) {
			t.Errorf("%s is not what is generated now; %s", path, again)
		}
	}
	for _, folder := range []string{"dashboards", "provisioning"} {
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !want[path] {
				t.Errorf("%s is no longer generated; %s", path, again)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
