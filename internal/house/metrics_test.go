package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ownMetric is a string that is the name of one of Burnline's own metrics, or
// looks like it.
var ownMetric = regexp.MustCompile(`^burnline_[a-z0-9_]+$`)

// otherNames look like metrics and are not: the components of the pipeline, and
// the name of an HTTP client.
var otherNames = map[string]bool{
	"burnline_ceiling": true, "burnline_until_resolved": true, // annotations of silences
	"burnline_metrics": true, "burnline_slo": true, "burnline_sampling": true, "burnline_traces": true, "burnline_otlp": true, "burnline_remote": true,
}

// TestNoCodeReadsAMetricThatDoesNotExist goes through every string of the tree:
// a misspelt name would silently read as 0. That the documented names are those
// of the running program is tested in internal/app.
func TestNoCodeReadsAMetricThatDoesNotExist(t *testing.T) {
	documented := firstColumn(t, "burnline_")
	seen := map[string]bool{}
	for _, file := range sources(t) {
		for text, at := range stringsOf(t, file) {
			if !ownMetric.MatchString(text) || otherNames[text] {
				continue
			}
			seen[text] = true
			if !documented[text] {
				t.Errorf("%s names %s: docs/metrics.md does not know it", at, text)
			}
		}
	}
	for name := range documented {
		if !seen[name] {
			t.Errorf("docs/metrics.md has %s: no code names it", name)
		}
	}
}

func TestTheRecordedSeriesAreDocumented(t *testing.T) {
	documented := firstColumn(t, "slo_")
	recorded := map[string]bool{}
	for _, file := range []string{"../../slo/engine/record.go", "../../slo/changes/record.go"} {
		before := len(recorded)
		for text := range stringsOf(t, file) {
			if strings.HasPrefix(text, "slo_") {
				recorded[text] = true
			}
		}
		if len(recorded) == before {
			t.Fatalf("%s names no recorded series any more; name the file that does", file)
		}
	}
	for name := range recorded {
		if !documented[name] {
			t.Errorf("slo/engine records %s: docs/metrics.md does not have it", name)
		}
	}
	for name := range documented {
		if !recorded[name] {
			t.Errorf("docs/metrics.md has %s: slo/engine does not record it", name)
		}
	}
}

// firstColumn returns the names with the prefix that stand first in a row of a
// table of docs/metrics.md.
func firstColumn(t *testing.T, prefix string) map[string]bool {
	t.Helper()
	doc, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `("+prefix+"[a-z0-9_]+)` \\|").FindAllStringSubmatch(string(doc), -1) {
		if names[m[1]] {
			t.Errorf("docs/metrics.md has %s twice", m[1])
		}
		names[m[1]] = true
	}
	return names
}

// sources lists the Go files of the product, without tests.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != "../.." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// stringsOf returns the string literals of a file, each with a place where it stands.
func stringsOf(t *testing.T, file string) map[string]token.Position {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]token.Position{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				all[text] = set.Position(literal.Pos())
			}
		}
		return true
	})
	return all
}
