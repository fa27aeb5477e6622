package local_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/storage/metrics/local"
)

// olderBlock puts a block whose index has the first form, as Prometheus before 2.0 wrote them, into a folder.
func olderBlock(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/prometheus").Output()
	if err != nil {
		t.Fatal(err)
	}
	from := filepath.Join(strings.TrimSpace(string(out)), "tsdb", "testdata", "index_format_v1")
	var meta struct{ ULID string }
	text, err := os.ReadFile(filepath.Join(from, "meta.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		t.Fatal(err)
	}
	block := filepath.Join(dir, meta.ULID)
	for _, name := range []string{"meta.json", "index", "tombstones", filepath.Join("chunks", "000001")} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		rewrite(t, filepath.Join(block, name), text)
	}
	return block
}

// rewrite writes a file, in a folder that may not be there.
func rewrite(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// contents are the files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// keptForGood is longer than the block of the first form is old.
func keptForGood(o *local.Options) { o.Retention = 100 * 365 * 24 * time.Hour }

func TestABlockOfTheFirstFormIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	olderBlock(t, dir)
	s := closed(t, open(t, dir, keptForGood))
	blocks := s.DB().Blocks()
	if len(blocks) != 1 || blocks[0].Meta().Stats.NumSeries == 0 {
		t.Fatalf("opened are %v", blocks)
	}
	names, err := blocks[0].LabelNames(t.Context())
	if err != nil || len(names) == 0 {
		t.Errorf("its labels are %v, %v", names, err)
	}
}

func TestABlockOfANewerFormIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, block string)
		want  string
	}{
		"its description": {func(t *testing.T, block string) {
			path := filepath.Join(block, "meta.json")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			newer := strings.Replace(string(text), `"version": 1`, `"version": 2`, 1)
			if newer == string(text) {
				t.Fatalf("no version in %s", text)
			}
			rewrite(t, path, []byte(newer))
		}, "the meta.json of the block BLOCK has form 2, and this burnline reads forms up to 1; nothing was changed: run a burnline at least as new"},
		"its index": {func(t *testing.T, block string) {
			path := filepath.Join(block, "index")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text[4] = 9
			rewrite(t, path, text)
		}, "the index of the block BLOCK has form 9, and this burnline reads forms up to 3; nothing was changed: run a burnline at least as new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			block := olderBlock(t, dir)
			c.spoil(t, block)
			before := contents(t, block)
			want := strings.ReplaceAll(c.want, "BLOCK", block)
			_, err := local.Open(local.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()})
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %s", err, want)
			}
			rewrite(t, filepath.Join(dir, "wal", "00000000"), nil)
			if _, err := local.OpenReader(dir, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("reading it got %v, want %s", err, want)
			}
			if !maps.Equal(before, contents(t, block)) {
				t.Error("the block was changed")
			}
		})
	}
}
