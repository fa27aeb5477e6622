// Package checkpoints keeps what the engine counted in a SQLite file of its own,
// so that writing it never delays a page. Nothing in it is worth a repair: a file
// that is damaged or of another version is put aside, and the engine reads the metric
// store instead, as far as that reaches.
package checkpoints

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"burnline/internal/datadir"
	"burnline/slo"
)

// FileName is the name of the file in the data folder.
const FileName = "checkpoints.db"

// schemaVersion is that of the tables below; a file of another one is put aside.
const schemaVersion = 1

const schema = `
CREATE TABLE IF NOT EXISTS checkpoint (slo TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (
	slo TEXT NOT NULL, series TEXT NOT NULL, t INTEGER NOT NULL, written INTEGER NOT NULL,
	PRIMARY KEY (slo, series)
) WITHOUT ROWID;`

// Store is the open file. All methods are safe for concurrent use.
type Store struct {
	path string
	db   *sql.DB
}

// asideName is what a file is called that can't be used; there is one at most.
const asideName = FileName + ".unusable"

// errVersion means that a file is of another version.
var errVersion = errors.New("it is of another version")

// Open opens the file in the data folder, or makes it. One that is damaged or of another version is put aside as asideName, with a line in the
// log. Any other error says nothing about what is in it, which of windows longer than samples are kept is the only memory: it stays, and
// the error says what to do.
func Open(ctx context.Context, dir string, logger *slog.Logger) (*Store, error) {
	path := filepath.Join(dir, FileName)
	s, err := open(ctx, path)
	if err == nil || ctx.Err() != nil || !useless(err) {
		return s, err
	}
	aside := filepath.Join(dir, asideName)
	logger.Warn("the checkpoints are of no use and put aside; the engine begins new ones", "file", path, "aside", aside, "reason", err)
	if err := putAside(path, aside); err != nil {
		return nil, fmt.Errorf("put unusable checkpoints aside: %w", err)
	}
	return open(ctx, path)
}

// useless reports whether an error is about what a file holds.
func useless(err error) bool {
	var e sqlite3.Error
	return errors.Is(err, errVersion) || errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}

// putAside renames a file with its log, in the place of one that was put there before.
func putAside(path, aside string) error {
	for _, suffix := range []string{"-wal", "-shm", ""} { // the file last, so that what is broken off is gone on with
		err := os.Remove(aside + suffix)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			err = os.Rename(path+suffix, aside+suffix)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func open(ctx context.Context, path string) (*Store, error) {
	if err := datadir.Private(path, path+"-wal", path+"-shm"); err != nil {
		return nil, err
	}
	// What a power failure takes from the end is read from the metric store, whose own
	// end it takes as well; so no write waits for the disk.
	q := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"10000"}, "_txlock": {"immediate"},
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{path: path, db: db}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(explain(path, fmt.Errorf("open %s: %w", path, err)), db.Close())
	}
	return s, nil
}

// explain says what to do about an error of SQLite with a file, and marks what comes of a full disk.
func explain(path string, err error) error {
	var e sqlite3.Error
	switch {
	case !errors.As(err, &e):
		return err
	case e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC:
		return datadir.Full(err)
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("%s is locked by another process; stop it: %w", path, err)
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		return fmt.Errorf("%s can't be opened; give it, with -wal and -shm, and its folder to this user, and see whether the process may open more files (ulimit -n): %w", path, err)
	case sqlite3.ErrIoErr:
		return fmt.Errorf("%s can't be read or written; check the disk, and where the file is lost move it away: %w", path, err)
	}
	return err
}

// prepare makes the tables in a new file, and refuses one of another version.
func (s *Store) prepare(ctx context.Context) error {
	var version, tables int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 && version != schemaVersion {
		return fmt.Errorf("%w: %d, not %d", errVersion, version, schemaVersion)
	}
	if tables > 0 {
		return nil
	}
	_, err := s.db.ExecContext(ctx, schema+fmt.Sprintf("\nPRAGMA user_version = %d;", schemaVersion))
	return err
}

// Close closes the file.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close %s: %w", s.path, err)
	}
	return nil
}

// Load yields every checkpoint that is stored.
func (s *Store) Load(ctx context.Context, yield func(slo.Checkpoint) error) (err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT slo, data FROM checkpoint")
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c slo.Checkpoint
		if err := rows.Scan(&c.SLO, &c.Data); err != nil {
			return fmt.Errorf("read a checkpoint: %w", err)
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	return nil
}

// Save stores checkpoints in place of older ones in one transaction, and drops the
// notes that they cover. One without data is removed.
func (s *Store) Save(ctx context.Context, some []slo.Checkpoint) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, c := range some {
			query, args := "INSERT OR REPLACE INTO checkpoint (slo, data) VALUES (?, ?)", []any{c.SLO, c.Data}
			if c.Data == nil {
				query, args = "DELETE FROM checkpoint WHERE slo = ?", args[:1]
			}
			if _, err := tx.ExecContext(ctx, query, args...); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM note WHERE slo = ? AND written < ?", c.SLO, c.Notes.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write checkpoints: %w", err)
	}
	return nil
}

// Note stores notes; of one series the oldest T and the newest Written stay. What it
// stored survives the end of the process.
func (s *Store) Note(ctx context.Context, some []slo.Note) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for _, n := range some {
			series, err := json.Marshal(n.Series)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO note (slo, series, t, written) VALUES (?, ?, ?, ?)
				ON CONFLICT (slo, series) DO UPDATE SET t = min(t, excluded.t), written = max(written, excluded.written)`,
				n.SLO, string(series), n.T, n.Written.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write notes: %w", err)
	}
	return nil
}

// Notes returns all notes.
func (s *Store) Notes(ctx context.Context) (all []slo.Note, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT slo, series, t, written FROM note")
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n slo.Note
		var series string
		var written int64
		if err := rows.Scan(&n.SLO, &series, &n.T, &written); err != nil {
			return nil, fmt.Errorf("read a note: %w", err)
		}
		if err := json.Unmarshal([]byte(series), &n.Series); err != nil {
			return nil, fmt.Errorf("read the note of %s: %w", n.SLO, err)
		}
		n.Written = time.UnixMilli(written).UTC()
		all = append(all, n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return all, nil
}

func (s *Store) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// CopyTo writes all checkpoints to a new file. Nobody who writes waits for it.
func (s *Store) CopyTo(ctx context.Context, path string) (err error) {
	// Not by the one connection that writes.
	q := url.Values{"mode": {"ro"}, "_busy_timeout": {"10000"}}
	db, err := sql.Open("sqlite3", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: s.path}).EscapedPath(), RawQuery: q.Encode()}).String())
	if err != nil {
		return fmt.Errorf("open %s: %w", s.path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := datadir.Private(path); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return explain(path, fmt.Errorf("copy the checkpoints to %s: %w", path, err))
	}
	return nil
}

// CopyNotes writes the notes that there are now to a copy of before: the samples that they are about were committed
// since. A note too many is harmless.
func (s *Store) CopyNotes(ctx context.Context, path string) error {
	notes, err := s.Notes(ctx)
	if err != nil {
		return err
	}
	to, err := open(ctx, path)
	if err != nil {
		return err
	}
	err = to.Note(ctx, notes)
	if err == nil { // one file, that can be moved alone
		_, err = to.db.ExecContext(ctx, "PRAGMA journal_mode = DELETE")
	}
	return errors.Join(err, to.Close())
}
