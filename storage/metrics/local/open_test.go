package local_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb"

	"burnline/storage/metrics/local"
)

func TestOpenSaysInOneLineWhatIsWrong(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	used := t.TempDir()
	closed(t, open(t, used))
	theirs := t.TempDir()
	db, err := tsdb.Open(theirs, nil, nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, c := range []struct{ name, dir, want string }{
		{"the folder is a file", file, "can't be created"},
		{"the folder can't be made", filepath.Join(file, "data"), "not a directory"},
		{"the folder can't be written", "/proc/self/fdinfo", "not writable"},
		{"another Burnline has it", used, fmt.Sprintf("another Burnline (pid %d) uses %s; stop it", os.Getpid(), used)},
		{"a Prometheus has it", theirs, fmt.Sprintf("another process uses %s; stop it", theirs)},
	} {
		var log bytes.Buffer
		_, err := local.Open(local.Options{Dir: c.dir, Logger: slog.New(slog.NewTextHandler(&log, nil)), Registerer: prometheus.NewRegistry()})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", c.name, err, c.want)
		}
		if log.Len() > 0 {
			t.Errorf("%s: logged beside the error: %s", c.name, log.String())
		}
	}
	if _, err := local.Open(local.Options{}); err == nil {
		t.Error("without options: no error")
	}
}

func TestARepairedLogIsReported(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, fixedClock)
	app := s.AppenderV2(t.Context())
	add(t, app, wantedA, at(0), 1)
	commit(t, app)
	app = s.AppenderV2(t.Context())
	add(t, app, wantedA, at(15), 2)
	commit(t, app)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(dir, "wal", "00000000"))
	var log bytes.Buffer
	s = closed(t, open(t, dir, fixedClock, func(o *local.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
	if !strings.Contains(log.String(), "repair") {
		t.Errorf("the log does not speak of a repair: %s", log.String())
	}
	expect(t, stored(t, s, wantedA), fmt.Sprintf(`wanted{i="a"} %d=1`, at(0)))
}

// damage breaks the last record of a segment, as a lost write does.
func damage(t *testing.T, segment string) {
	t.Helper()
	data, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	end := len(bytes.TrimRight(data, "\x00"))
	data[end-1] ^= 0xff
	if err := os.WriteFile(segment, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
