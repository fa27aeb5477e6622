package traces

import (
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWhatANewerProgramWroteIsKeptAndNotRead opens a file to whose end a program with records of another form wrote.
func TestWhatANewerProgramWroteIsKeptAndNotRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "a"}), batch(span{trace: 2, service: "shop", name: "b"}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "0000000000000001"+suffixOthers)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var first prefix
	if err := first.unmarshal(data); err != nil {
		t.Fatal(err)
	}
	second := data[first.length():]
	head := second[prefixLen : prefixLen+int64(binary.LittleEndian.Uint32(second))]
	head[0] = version + 1
	binary.LittleEndian.PutUint32(second[8:], checksum(head))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, noon, noon); err != nil {
		t.Fatal(err)
	}

	var log strings.Builder
	s = open(t, Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if _, err := s.Trace(t.Context(), id(1)); err != nil {
		t.Errorf("the trace before it: %v", err)
	}
	if !strings.Contains(log.String(), "what a newer program wrote to a trace file is kept and not read") {
		t.Errorf("logged is %s", &log)
	}
	if got := s.bytes(); got != int64(len(data)) {
		t.Errorf("%d bytes count, want %d", got, len(data))
	}
	keep(t, s, batch(span{trace: 3, service: "shop", name: "c"}))
	if _, err := s.Forget(t.Context(), []string{"service.name"}, "shop"); err == nil || !strings.Contains(err.Error(), filepath.Base(path)+" holds traces that a newer burnline wrote") {
		t.Errorf("forgetting says %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(data) {
		t.Errorf("the file was changed: %v", err)
	}

	later := noon.Add(DefaultRetention + time.Hour)
	s = open(t, Options{Dir: copied(t, dir), Now: func() time.Time { return later }})
	if len(s.others.segments)+len(s.bad.segments) != 0 {
		t.Error("a file that is past the retention stays")
	}
}

// copied copies the files of a folder, with their times.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(to, e.Name())
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, noon, noon); err != nil {
			t.Fatal(err)
		}
	}
	return to
}
