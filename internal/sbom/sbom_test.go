package sbom_test

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"testing"

	"burnline/internal/sbom"
)

// Whoever scans the list has to find each module under the name by which weaknesses are published.
func TestEveryModuleIsListedAsItIsPublished(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Path: "burnline"}, Deps: []*debug.Module{
		{Path: "example.com/a", Version: "v1.2.3", Sum: "h1:abc="},
		{Path: "example.com/gone", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.0.1"}},
	}}
	var first, second bytes.Buffer
	for _, to := range []*bytes.Buffer{&first, &second} {
		if err := sbom.Write(to, "v2.0.0", info, sbom.Part{Name: "sqlite", Version: "3.53.3", URL: "pkg:generic/sqlite@3.53.3"}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same binary gives two lists")
	}
	var got struct {
		BOMFormat    string
		Metadata     struct{ Component struct{ PURL string } }
		Components   []struct{ PURL string }
		Dependencies []struct{ DependsOn []string }
	}
	if err := json.Unmarshal(first.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.BOMFormat != "CycloneDX" || got.Metadata.Component.PURL != "pkg:golang/burnline@v2.0.0" {
		t.Errorf("the list is a %s of %s", got.BOMFormat, got.Metadata.Component.PURL)
	}
	want := []string{"pkg:golang/std@1.26.8", "pkg:golang/example.com/a@v1.2.3", "pkg:golang/example.com/fork@v1.0.1", "pkg:generic/sqlite@3.53.3"}
	if len(got.Components) != len(want) || len(got.Dependencies) != 1 || len(got.Dependencies[0].DependsOn) != len(want) {
		t.Fatalf("the list is %+v", got)
	}
	for i, c := range got.Components {
		if c.PURL != want[i] {
			t.Errorf("component %d is %s, want %s", i, c.PURL, want[i])
		}
	}
}
