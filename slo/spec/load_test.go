package spec_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"burnline/slo"
	"burnline/slo/spec"
	"burnline/slo/spec/internal/dialecttest"
)

const good = `apiVersion: burnline/v1
kind: SLO
metadata: {name: NAME}
spec:
  service: s
  team: t
  objective: 99
  sli: {events: {bad: b_total, total: t_total}}
  alerting: {annotations: {runbook: https://example.com}}
`

// tree writes files, each with its text, below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func named(name string) string { return strings.Replace(good, "NAME", name, 1) }

func ids(set spec.Set) []string {
	var all []string
	for _, d := range set.Definitions {
		all = append(all, d.ID)
	}
	return all
}

func TestLoadReadsFoldersInOrder(t *testing.T) {
	dir := tree(t, map[string]string{
		"b.yaml": named("b"), "a.yml": named("a"), "deep/er/c.yaml": named("c"), "UPPER.YAML": named("upper"),
		"notes.txt": "no", "x.json": "{}", ".hidden.yaml": "no", "..data/d.yaml": named("d"),
	})
	set, findings, err := spec.Load([]string{dir})
	if err != nil || len(findings) > 0 {
		t.Fatalf("findings %v, error %v", findings, err)
	}
	if want := []string{"s/upper", "s/a", "s/b", "s/c"}; !slices.Equal(ids(set), want) {
		t.Errorf("loaded %q, want %q", ids(set), want)
	}
	if want := filepath.Join(dir, "a.yml"); set.Definitions[1].Source != (slo.Source{File: want, Line: 1}) {
		t.Errorf("source = %v, want %s:1", set.Definitions[1].Source, want)
	}
}

func TestLoadReadsAnAskedFileOfAnyName(t *testing.T) {
	dir := tree(t, map[string]string{"slo.txt": named("a")})
	set, _, err := spec.Load([]string{filepath.Join(dir, "slo.txt")})
	if err != nil || len(set.Definitions) != 1 {
		t.Errorf("loaded %q, error %v", ids(set), err)
	}
}

func TestLoadReadsEachFileOnce(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": named("a"), "sub/b.yaml": named("b")})
	// As Kubernetes mounts a ConfigMap, and as nobody should: a link in a circle.
	for link, target := range map[string]string{"again.yaml": "a.yaml", "sub/circle": "..", "linked": "sub"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	set, findings, err := spec.Load([]string{dir, filepath.Join(dir, "sub"), filepath.Join(dir, "a.yaml")})
	if err != nil || len(findings) > 0 || !slices.Equal(ids(set), []string{"s/a", "s/b"}) {
		t.Errorf("loaded %q, findings %v, error %v", ids(set), findings, err)
	}
}

func TestLoadFindsIDsThatFilesShare(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": named("same"), "b.yaml": "# moved down\n" + named("same")})
	set, findings, err := spec.Load([]string{dir})
	if err != nil || len(set.Definitions) != 1 || len(findings) != 1 {
		t.Fatalf("loaded %q, findings %v, error %v", ids(set), findings, err)
	}
	f := findings[0]
	if f.File != filepath.Join(dir, "b.yaml") || f.Line != 2 || !strings.Contains(f.Message, filepath.Join(dir, "a.yaml")+":1") {
		t.Errorf("finding = %s", f)
	}
}

func TestLoadKeepsWhatIsGoodBesideWhatIsNot(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": named("a") + "---\nkind: nothing\n", "b.yaml": "{", "c.yaml": named("c")})
	set, findings, err := spec.Load([]string{dir})
	if err != nil || !slices.Equal(ids(set), []string{"s/a", "s/c"}) || len(findings.Errors()) != 2 {
		t.Errorf("loaded %q, findings %v, error %v", ids(set), findings, err)
	}
}

func TestLoadRefusesHugeFilesWithoutReadingThem(t *testing.T) {
	dir := tree(t, map[string]string{"huge.yaml": ""})
	if err := os.Truncate(filepath.Join(dir, "huge.yaml"), 1<<40); err != nil {
		t.Fatal(err)
	}
	_, findings, err := spec.Load([]string{dir})
	if err != nil || len(findings) != 1 || !strings.Contains(findings[0].Message, "larger than the 1048576 bytes that are read") {
		t.Errorf("findings %v, error %v", findings, err)
	}
}

func TestLoadFailsOnWhatIsNotThere(t *testing.T) {
	_, _, err := spec.Load([]string{filepath.Join(t.TempDir(), "nowhere")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error = %v", err)
	}
}

// FuzzParse requires that whatever is read as an SLO is complete, and that
// nothing is dropped without a finding.
func FuzzParse(f *testing.F) {
	dialecttest.Seed(f, "testdata/in-*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		set, findings := spec.Parse("f.yaml", data)
		defs := set.Definitions
		if len(defs)+len(set.Corrections)+len(set.Teams) == 0 && len(findings) == 0 {
			t.Error("neither an SLO nor a finding")
		}
		for _, d := range defs {
			if d.ID == "" || d.Window.Nominal() <= 0 || len(d.Policies) == 0 || d.ResolveAfter <= 0 || !(d.Budget() > 0) {
				t.Errorf("incomplete: %+v", d)
			}
			for _, term := range d.Terms() {
				if _, err := term.Compile(); err != nil {
					t.Error(err)
				}
			}
		}
		for _, finding := range findings {
			if finding.Message == "" || finding.Level == "" {
				t.Errorf("empty finding %+v", finding)
			}
		}
	})
}

// A pipe among the files would be waited for, and a reload with it.
func TestLoadPassesOverPipes(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want slo.Level
	}{{dir, slo.LevelWarning}, {pipe, slo.LevelError}} {
		_, findings, err := spec.Load([]string{c.path})
		if err != nil || len(findings) != 1 || findings[0].Level != c.want || !strings.Contains(findings[0].String(), "pipe.yaml: ") {
			t.Errorf("findings of %s: %v, error %v", c.path, findings, err)
		}
	}
}

func TestLoadSaysThatALinkLeadsNowhereBesideTheRest(t *testing.T) {
	dir := tree(t, map[string]string{"a.yaml": named("a"), "z.yaml": "{"})
	for _, name := range []string{"dangling.yaml", "folder"} {
		if err := os.Symlink("nowhere", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	set, findings, err := spec.Load([]string{dir, filepath.Join(dir, "dangling.yaml")})
	if err != nil || !slices.Equal(ids(set), []string{"s/a"}) || len(findings.Errors()) < 3 {
		t.Errorf("loaded %q, findings %v, error %v", ids(set), findings, err)
	}
}
