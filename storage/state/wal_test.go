package state

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzWAL gives any bytes for SQLite's log: only whole commits are taken of it, and no more than there is.
func FuzzWAL(f *testing.F) {
	s, err := Open(f.Context(), Options{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	if _, err := s.writes.ExecContext(f.Context(), `PRAGMA wal_autocheckpoint = 0; INSERT INTO taken (id, at) VALUES ('a', 1)`); err != nil {
		f.Fatal(err)
	}
	var path string
	if err := s.writes.QueryRowContext(f.Context(), `SELECT file FROM pragma_database_list`).Scan(&path); err != nil {
		f.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Clean(path) + "-wal")
	if err != nil {
		f.Fatal(err)
	}
	log = log[:min(len(log), 20<<10)]
	f.Add(log)
	f.Add(log[:len(log)-1])
	f.Fuzz(func(t *testing.T, in []byte) {
		tail, err := beginWAL(bytes.NewReader(in))
		if err != nil {
			return
		}
		some, end, err := tail.next(bytes.NewReader(in))
		if err != nil || end.offset > int64(len(in)) || end.offset != walHeaderSize+int64(len(some)) {
			t.Errorf("%d bytes up to %d of %d, %v", len(some), end.offset, len(in), err)
		}
	})
}
