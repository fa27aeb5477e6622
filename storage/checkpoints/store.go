// Package checkpoints keeps what the engine counted in a SQLite file of its own,
// so that writing it never delays a page. Nothing in it is worth a repair: a file
// that is damaged or of another version is replaced by an empty one, and the engine reads
// the metric store instead.
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

// schemaVersion is that of the tables below; a file of another one is replaced.
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

// Open opens the file in the data folder, or makes it. A file that can't be used is
// removed with a line in the log, unless only the disk is full; an error means that no file can be made.
func Open(ctx context.Context, dir string, logger *slog.Logger) (*Store, error) {
	path := filepath.Join(dir, FileName)
	s, err := open(ctx, path)
	if err == nil || ctx.Err() != nil || datadir.IsFull(err) {
		return s, err
	}
	logger.Warn("the checkpoints are of no use; the engine begins new ones", "file", path, "reason", err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("remove unusable checkpoints: %w", err)
		}
	}
	return open(ctx, path)
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
		return nil, errors.Join(explain(fmt.Errorf("open %s: %w", path, err)), db.Close())
	}
	return s, nil
}

// explain marks what comes of a full disk.
func explain(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC) {
		return datadir.Full(err)
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
		return fmt.Errorf("it has version %d, not %d", version, schemaVersion)
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
		return explain(fmt.Errorf("copy the checkpoints to %s: %w", path, err))
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
