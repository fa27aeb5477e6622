package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/internal/backup"
)

var began = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// block is a metric block that never changes, and the file of a block that may.
const block = "01HB0000000000000000000000"

// write puts files into a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns all files of a folder by their paths.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		all[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// made makes the n-th backup of a folder, of a state and a metric store.
func made(t *testing.T, to string, n int, state string) string {
	t.Helper()
	metrics := t.TempDir()
	write(t, metrics, map[string]string{block + "/chunks/000001": "many samples", block + "/index": "series", block + "/meta.json": "{}"})
	m := &backup.Manifest{Program: "v1", Began: began.Add(time.Duration(n) * time.Hour), Config: []backup.ConfigFile{{Path: "/etc/burnline.yaml", File: "config/burnline.yaml"}}}
	dir, err := backup.Write(t.Context(), to, m, []backup.Part{
		{Name: "metrics", Write: func(ctx context.Context, dir string, m *backup.Manifest) error {
			return m.Take(ctx, metrics, dir, backup.MetricsDir)
		}},
		{Name: "configuration", Write: func(_ context.Context, dir string, _ *backup.Manifest) error {
			write(t, dir, map[string]string{"config/burnline.yaml": "slos: []"})
			return nil
		}},
		{Name: "state", Write: func(_ context.Context, dir string, m *backup.Manifest) error {
			m.State.Schema = 22
			write(t, dir, map[string]string{backup.StateName: state})
			return nil
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestABackupIsRestoredAsItWas(t *testing.T) {
	t.Parallel()
	to, data := t.TempDir(), filepath.Join(t.TempDir(), "new", "data")
	dir := made(t, to, 0, "incidents")
	m, err := backup.Verify(t.Context(), dir)
	if err != nil || m.State.Schema != 22 || m.Bytes() == 0 || len(m.Files) != 5 {
		t.Fatalf("it holds %+v: %v", m, err)
	}
	if err := backup.Restore(t.Context(), dir, data, nil); err != nil {
		t.Fatal(err)
	}
	got := read(t, data)
	if got["state.db"] != "incidents" || got["metrics/"+block+"/chunks/000001"] != "many samples" || len(got) != 4 {
		t.Errorf("restored are %v", got)
	}
	if err := backup.Restore(t.Context(), dir, data, nil); err == nil || !strings.Contains(err.Error(), "is not empty (metrics): nothing is restored over what is there") {
		t.Errorf("a second time: %v", err)
	}
	files, err := backup.RestoreConfig(m, dir, filepath.Join(t.TempDir(), "etc"))
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != "burnline.yaml" {
		t.Errorf("the configuration is %v, %v", files, err)
	}
}

func TestABackupThatIsDamagedIsNamedFileByFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(dir string) error
		want   string
	}{
		"a file that was cut": {func(dir string) error { return os.Truncate(filepath.Join(dir, "state.db"), 3) }, "state.db has 3 bytes, not 9"},
		"a file that was changed": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "state.db"), []byte("INCIDENTS"), 0o600)
		}, "state.db is not as it was written"},
		"a file that is gone":       {func(dir string) error { return os.Remove(filepath.Join(dir, "metrics", block, "index")) }, "index is missing"},
		"a file that was put there": {func(dir string) error { return os.WriteFile(filepath.Join(dir, "more"), nil, 0o600) }, "more does not belong to it"},
		"no manifest":               {func(dir string) error { return os.Remove(filepath.Join(dir, backup.ManifestName)) }, "is no backup: it has no manifest.json"},
		"a manifest of a newer form": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, backup.ManifestName), []byte(`{"format": 2, "program": "v9"}`), 0o600)
		}, "has the form 2 and was made by burnline v9; this burnline reads forms up to 1"},
		"a manifest that leads outside": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, backup.ManifestName), []byte(`{"format": 1, "files": [{"path": "../../etc/passwd"}]}`), 0o600)
		}, "which is no path within a backup"},
		"half a manifest": {func(dir string) error { return os.Truncate(filepath.Join(dir, backup.ManifestName), 20) }, "the backup is damaged, take another one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := made(t, t.TempDir(), 0, "incidents")
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Verify(t.Context(), dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestABackupThatFailsLeavesTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	to := t.TempDir()
	dir := made(t, to, 0, "incidents")
	full := errors.New("no space left on device")
	m := &backup.Manifest{Began: began.Add(time.Hour)}
	_, err := backup.Write(t.Context(), to, m, []backup.Part{{Name: "metrics", Write: func(_ context.Context, dir string, _ *backup.Manifest) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "half"), nil, 0o600), full)
	}}})
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "back up the metrics") {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
	if _, err := backup.Verify(t.Context(), dir); err != nil {
		t.Error(err)
	}
}

func TestBlocksThatStayAreKeptOnceAndOldBackupsGo(t *testing.T) {
	t.Parallel()
	to := t.TempDir()
	var all []string
	for n := range 4 {
		all = append(all, made(t, to, n, strings.Repeat("x", n+1)))
	}
	write(t, to, map[string]string{"notes.txt": "not ours", ".unfinished-burnline-x/half": "of a process that ended"})
	same := func(name string) bool {
		a, errA := os.Stat(filepath.Join(all[2], name))
		b, errB := os.Stat(filepath.Join(all[3], name))
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		return os.SameFile(a, b)
	}
	if !same("metrics/"+block+"/chunks/000001") || same("metrics/"+block+"/meta.json") || same("state.db") {
		t.Error("the chunks are not one file, or what changes is")
	}
	gone, err := backup.Prune(to, 2)
	if err != nil || len(gone) != 2 {
		t.Fatalf("gone are %v, %v", gone, err)
	}
	left, err := backup.List(to)
	if err != nil || len(left) != 2 || left[0] != all[2] {
		t.Errorf("left are %v, %v", left, err)
	}
	made(t, to, 9, "more")
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 4 { // three backups and the notes
		t.Errorf("there are %v, %v", entries, err)
	}
	for _, dir := range left {
		if _, err := backup.Verify(t.Context(), dir); err != nil {
			t.Error(err)
		}
	}
}

// What rots in a file that backups share is found by the next one, which takes it anew from the store.
func TestAFileThatRotsIsCopiedAnew(t *testing.T) {
	t.Parallel()
	to := t.TempDir()
	made(t, to, 0, "a")
	first := made(t, to, 1, "b")
	rotten := filepath.Join(first, "metrics", block, "chunks", "000001")
	if err := os.WriteFile(rotten, []byte("many s4mples"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := made(t, to, 2, "c")
	m, err := backup.Verify(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		if f.Read.IsZero() || f.Read.Before(m.Began) {
			t.Errorf("%s was read last at %s", f.Path, f.Read)
		}
	}
	if got := read(t, second)["metrics/"+block+"/chunks/000001"]; got != "many samples" {
		t.Errorf("it holds %q", got)
	}
	a, errA := os.Stat(filepath.Join(first, "metrics", block, "index"))
	b, errB := os.Stat(filepath.Join(second, "metrics", block, "index"))
	if err := errors.Join(errA, errB); err != nil || !os.SameFile(a, b) {
		t.Errorf("what is sound is not shared any more: %v", err)
	}
	// The one that was found is named to whoever makes the backup.
	m = &backup.Manifest{Began: began.Add(3 * time.Hour)}
	if err := os.WriteFile(filepath.Join(second, "metrics", block, "index"), []byte("s3ries"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Take(t.Context(), t.TempDir(), filepath.Join(to, "next"), backup.MetricsDir); err != nil || len(m.Rotten) != 1 || !strings.HasSuffix(m.Rotten[0], "index") {
		t.Errorf("rotten are %v: %v", m.Rotten, err)
	}
}

// A backup in a file may be larger than the disk of whoever looks at it: of all that is read only the state is kept.
func TestABackupInAFileIsVerifiedWithoutUnpackingIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(dir string) error
		want   string
	}{
		"sound":                     {func(string) error { return nil }, ""},
		"a file that was cut":       {func(dir string) error { return os.Truncate(filepath.Join(dir, "state.db"), 3) }, "state.db has 3 bytes, not 9"},
		"a file that is gone":       {func(dir string) error { return os.Remove(filepath.Join(dir, "metrics", block, "index")) }, "index is missing"},
		"a file that was put there": {func(dir string) error { return os.WriteFile(filepath.Join(dir, "more"), nil, 0o600) }, "more does not belong to it"},
		"a file of the same length": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "metrics", block, "index"), []byte("s3ries"), 0o600)
		}, "index is not as it was written"},
		"no manifest": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, backup.ManifestName), []byte("{}"), 0o600)
		}, "has no form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, aside := made(t, t.TempDir(), 0, "incidents"), filepath.Join(t.TempDir(), "aside")
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			var stream bytes.Buffer
			if err := backup.Pack(t.Context(), dir, &stream); err != nil {
				t.Fatal(err)
			}
			all, state, err := backup.SizesOf(t.Context(), bytes.NewReader(stream.Bytes()))
			if err != nil || state == 0 || all <= state {
				t.Errorf("it has %d bytes, %d of the state: %v", all, state, err)
			}
			m, err := backup.VerifyTar(t.Context(), bytes.NewReader(stream.Bytes()), "monday.tar", aside)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			if err != nil || len(m.Files) != 5 {
				t.Fatalf("it holds %+v: %v", m, err)
			}
			if got := read(t, aside); len(got) != 2 || got["state.db"] != "incidents" {
				t.Errorf("unpacked are %d files", len(got))
			}
		})
	}
}

func TestABackupGoesThroughAStream(t *testing.T) {
	t.Parallel()
	dir := made(t, t.TempDir(), 0, "incidents")
	var stream bytes.Buffer
	if err := backup.Pack(t.Context(), dir, &stream); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := backup.Unpack(t.Context(), bytes.NewReader(stream.Bytes()), out); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Verify(t.Context(), out); err != nil {
		t.Error(err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	if err := backup.Unpack(t.Context(), io.LimitReader(bytes.NewReader(stream.Bytes()), int64(stream.Len()/2)), cut); err == nil {
		if _, err := backup.Verify(t.Context(), cut); err == nil {
			t.Error("half a stream is taken for a backup")
		}
	}
}

// FuzzUnpack gives any bytes for a stream: nothing is ever written outside of the folder.
func FuzzUnpack(f *testing.F) {
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, backup.ManifestName), []byte(`{"format": 1, "files": []}`), 0o600); err != nil {
		f.Fatal(err)
	}
	var stream bytes.Buffer
	if err := backup.Pack(f.Context(), dir, &stream); err != nil {
		f.Fatal(err)
	}
	f.Add(stream.Bytes())
	f.Add(bytes.Replace(stream.Bytes(), []byte("manifest.json"), []byte("../../pwn.txt"), 1))
	f.Fuzz(func(t *testing.T, in []byte) {
		around := t.TempDir()
		_ = backup.Unpack(t.Context(), bytes.NewReader(in), filepath.Join(around, "in"))
		entries, err := os.ReadDir(around)
		if err != nil || len(entries) > 1 {
			t.Errorf("there are %v, %v", entries, err)
		}
		_, _ = backup.Verify(t.Context(), filepath.Join(around, "in"))
	})
}

// A backup that was made while the clock was ahead is not the newest for ever, nor kept in the place of those that are.
func TestTheLastBackupIsTheNewestWhateverTheClockWas(t *testing.T) {
	t.Parallel()
	to := t.TempDir()
	ahead := made(t, to, 24*365*10, "of 2036")
	next, last := made(t, to, 0, "next"), made(t, to, 0, "last") // both at one moment
	if all, err := backup.List(to); err != nil || !slices.Equal(all, []string{ahead, next, last}) {
		t.Errorf("there are %v, %v", all, err)
	}
	if gone, err := backup.Prune(to, 2); err != nil || !slices.Equal(gone, []string{ahead}) {
		t.Errorf("gone are %v, %v", gone, err)
	}
	if m, err := backup.ReadManifest(last); err != nil || !m.Began.Equal(began) {
		t.Errorf("it says %+v, %v", m, err)
	}
}
