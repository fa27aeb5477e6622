package datadir

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileWithSecretsIsReadByItsUserAlone(t *testing.T) {
	dir := t.TempDir()
	path, log, other := filepath.Join(dir, "state.db"), filepath.Join(dir, "state.db-wal"), filepath.Join(dir, "state.db-shm")
	modes := func(want map[string]fs.FileMode) {
		t.Helper()
		for name, mode := range want {
			info, err := os.Stat(name)
			if err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v; want %v", name, info, err, mode)
			}
		}
	}
	private := func() {
		t.Helper()
		if err := Private(path, log, other); err != nil {
			t.Fatal(err)
		}
	}
	private()
	modes(map[string]fs.FileMode{path: 0o600})
	if err := os.WriteFile(log, []byte("what was there"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]fs.FileMode{path: 0o664, log: 0o644} {
		if err := os.Chmod(name, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
	}
	private()
	modes(map[string]fs.FileMode{path: 0o600, log: 0o600})
	if text, err := os.ReadFile(log); err != nil || string(text) != "what was there" {
		t.Errorf("it holds %q: %v", text, err)
	}
	if _, err := os.Stat(other); !os.IsNotExist(err) {
		t.Errorf("a file beside it is made: %v", err)
	}
}
