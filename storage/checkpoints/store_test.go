package checkpoints_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/storage/checkpoints"
)

func open(t *testing.T, dir string, log *strings.Builder) *checkpoints.Store {
	t.Helper()
	s, err := checkpoints.Open(t.Context(), dir, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// contents writes what a store holds, one thing a line.
func contents(t *testing.T, s *checkpoints.Store) string {
	t.Helper()
	var out strings.Builder
	err := s.Load(t.Context(), func(c slo.Checkpoint) error {
		fmt.Fprintf(&out, "%s %s\n", c.SLO, c.Data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	notes, err := s.Notes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		fmt.Fprintf(&out, "note %s %s %d %s\n", n.SLO, n.Series, n.T, n.Written.Format(time.TimeOnly))
	}
	return out.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheNewestCheckpointStaysWithTheNotesThatItDoesNotCover(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var log strings.Builder
	s := open(t, dir, &log)
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	a, b := slo.NewLabels(slo.MetricName, "req", "i", `a"b`), slo.NewLabels(slo.MetricName, "req")
	must(t, s.Note(t.Context(), []slo.Note{
		{SLO: "shop/buy", Series: a, T: 500, Written: noon}, {SLO: "shop/buy", Series: b, T: 400, Written: noon},
		{SLO: "shop/pay", Series: a, T: 300, Written: noon}, {SLO: "shop/pay", T: 100, Written: noon}, {SLO: "shop/ask", T: 900, Written: noon},
	}))
	must(t, s.Note(t.Context(), []slo.Note{
		{SLO: "shop/buy", Series: a, T: 600, Written: noon.Add(time.Hour)}, {SLO: "shop/pay", Series: a, T: 200, Written: noon},
		{SLO: "shop/ask", T: 800, Written: noon.Add(time.Hour)},
	}))
	must(t, s.Save(t.Context(), []slo.Checkpoint{{SLO: "shop/buy", Data: []byte("one")}, {SLO: "shop/pay", Data: []byte("old")}}))
	must(t, s.Save(t.Context(), []slo.Checkpoint{{SLO: "shop/buy", Data: []byte("two"), Notes: noon.Add(time.Minute)}}))
	must(t, s.Save(t.Context(), []slo.Checkpoint{{SLO: "shop/pay"}}))
	want := `shop/buy two
note shop/ask  800 13:00:00
note shop/buy req{i="a\"b"} 500 13:00:00
note shop/pay req{i="a\"b"} 200 12:00:00
note shop/pay  100 12:00:00
`
	if got := contents(t, s); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if again := contents(t, open(t, dir, &log)); again != want {
		t.Errorf("after opening again got\n%s", again)
	}
	if log.Len() > 0 {
		t.Errorf("logged %s", log.String())
	}
}

func TestAFileOfNoUseIsPutAside(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"no database": func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte(strings.Repeat("no database\n", 1000)), 0o600))
		},
		"another version": func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			must(t, err)
			data[63] = 99 // user_version
			must(t, os.WriteFile(path, data, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var log strings.Builder
			s, err := checkpoints.Open(t.Context(), dir, slog.New(slog.NewTextHandler(&log, nil)))
			must(t, err)
			must(t, s.Save(t.Context(), []slo.Checkpoint{{SLO: "shop/buy", Data: []byte("one")}}))
			must(t, s.Close())
			path := filepath.Join(dir, checkpoints.FileName)
			spoil(t, path)
			spoilt, err := os.ReadFile(path)
			must(t, err)
			must(t, os.WriteFile(path+".unusable", []byte("of before"), 0o600))
			s = open(t, dir, &log)
			if aside, err := os.ReadFile(path + ".unusable"); err != nil || string(aside) != string(spoilt) {
				t.Errorf("put aside are %d bytes, want %d: %v", len(aside), len(spoilt), err)
			}
			if got := contents(t, s); got != "" {
				t.Errorf("got %s", got)
			}
			must(t, s.Save(t.Context(), []slo.Checkpoint{{SLO: "shop/buy", Data: []byte("two")}}))
			if !strings.Contains(log.String(), "of no use") {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

// A file that can't be opened now may be the only memory of the beginning of long windows: it stays, and who starts the server is told.
func TestAFileThatCantBeOpenedStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var log strings.Builder
	s, err := checkpoints.Open(t.Context(), dir, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	must(t, s.Save(t.Context(), []slo.Checkpoint{{SLO: "shop/buy", Data: []byte("one")}}))
	must(t, s.Close())
	log1 := filepath.Join(dir, checkpoints.FileName+"-wal")
	must(t, os.Mkdir(log1, 0o700)) // which nobody opens as a file, not even root
	if s, err := checkpoints.Open(t.Context(), dir, slog.New(slog.NewTextHandler(&log, nil))); err == nil || !strings.Contains(err.Error(), "can't be opened; give it") {
		t.Errorf("got %v, %v", s, err)
	}
	must(t, os.Remove(log1))
	if got := contents(t, open(t, dir, &log)); got != "shop/buy one\n" || log.Len() > 0 {
		t.Errorf("got %q, logged %s", got, log.String())
	}
}
