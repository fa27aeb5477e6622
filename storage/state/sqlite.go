package state

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"burnline/internal/datadir"
)

// FileName is the name of the SQLite file in the data folder.
const FileName = "state.db"

// openSQLite opens the file for one writer and several readers.
func openSQLite(ctx context.Context, o Options) (*Store, error) {
	if o.Dir == "" {
		return nil, errors.New("no data folder is given; write data: ./data")
	}
	if err := datadir.Prepare(o.Dir); err != nil {
		return nil, err
	}
	path := filepath.Join(o.Dir, cmp.Or(o.file, FileName))
	if err := datadir.Private(path, path+"-wal", path+"-shm"); err != nil { // it holds hashes of passwords
		return nil, err
	}
	s := &Store{turns: &turns{}, dialect: dialect{
		name:     "SQLite",
		identity: "INTEGER PRIMARY KEY AUTOINCREMENT",
		bytes:    "BLOB",
		audit:    guardSQLite,
		explain:  func(err error) error { return explainSQLite(path, err) },
	}}
	var err error
	if s.writes, err = sql.Open("sqlite3", sqliteDSN(path, o, "immediate")); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s.writes.SetMaxOpenConns(1)
	if s.reads, err = sql.Open("sqlite3", sqliteDSN(path, o, "deferred")); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), s.writes.Close())
	}
	s.reads.SetMaxOpenConns(4)
	// An empty transaction takes the write lock, so that another process that
	// holds it is found now and not at the first page.
	if err := s.inTx(ctx, false, func(*sql.Tx) error { return nil }); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// keptStatements is how many prepared statements a connection keeps: all texts that a storm needs.
const keptStatements = 128

// sqliteDSN is the address of the file with the settings that pages need: every
// commit is on disk before it returns.
func sqliteDSN(path string, o Options, lock string) string {
	q := url.Values{
		"_journal_mode":    {"WAL"},
		"_synchronous":     {"FULL"},
		"_foreign_keys":    {"on"},
		"_stmt_cache_size": {strconv.Itoa(keptStatements)},
		"_busy_timeout":    {strconv.FormatInt(o.Wait.Milliseconds(), 10)},
		"_txlock":          {lock},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// explainSQLite says what to do about an error of SQLite.
func explainSQLite(path string, err error) error {
	var e sqlite3.Error
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC):
		return datadir.Full(fmt.Errorf("the disk of %s is full; free space: %w", path, err))
	case e.Code == 0:
		return err
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("%s is locked by another process; stop the other burnline or give this one a data folder of its own: %w", path, err)
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen:
		return fmt.Errorf("%s can't be written; give the file and its folder to this user: %w", path, err)
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return fmt.Errorf("%s is damaged or no SQLite database; move it away or restore a backup: %w", path, err)
	case sqlite3.ErrIoErr:
		return fmt.Errorf("%s can't be read or written; check the disk: %w", path, err)
	}
	return err
}
