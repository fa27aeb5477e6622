package state

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"burnline/alerting"
)

// Options say where the state is kept.
type Options struct {
	// DSN is a PostgreSQL address, postgres://user@host/database; "" keeps the
	// state in a SQLite file in Dir.
	DSN string
	// Dir is the data folder; it is created when it is missing.
	Dir string
	// Wait is how long to wait for a lock that another process holds, or for
	// PostgreSQL to answer at the start. Default 5s.
	Wait time.Duration
	// CallersTime makes PostgreSQL take the times that callers give for the outbox, as
	// SQLite does, so that a story may play on another day. Without it the
	// database's clock alone rules there, so that nodes whose clocks differ agree.
	CallersTime bool
	// Logger may be nil.
	Logger *slog.Logger
	// Program is the version of this program, which a database that it brings up to date remembers.
	// Default unknown.
	Program string

	// file is the name of the SQLite file where it is not FileName.
	file string
}

// withDefaults fills in what may be left out.
func (o Options) withDefaults() Options {
	if o.Wait <= 0 {
		o.Wait = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Program = cmp.Or(o.Program, "unknown")
	return o
}

// Store is the state in one database. It is safe for concurrent use.
type Store struct {
	// writes takes one transaction at a time on SQLite; reads go beside it.
	writes, reads *sql.DB
	dialect       dialect
	turns         *turns
	trouble       trouble
	settling      settling
}

var (
	_ alerting.Store  = (*Store)(nil)
	_ alerting.Ledger = (*Store)(nil)
	_ alerting.Queue  = (*Store)(nil)
)

// dialect is the little in which the engines differ.
type dialect struct {
	name string
	// identity declares a key that the database counts up.
	identity string
	// bytes is the type of a column of bytes.
	bytes string
	// audit keeps the audit log from being changed.
	audit string
	// lock ends a SELECT whose rows the transaction goes on to change, skip one
	// that takes only rows that nobody else holds. SQLite has one writer at a
	// time and needs neither.
	lock, skip string
	// now is the expression of the database's clock, in nanoseconds since the Unix
	// epoch; "" takes the caller's.
	now string
	// explain turns an error of the engine into one line that says what to do.
	explain func(error) error
}

// Open opens the state and brings its schema up to date. Errors are one line
// that says what to do. On SQLite it also ends the claims of the process before
// it: only one process may open the file at a time (internal/datadir sees to
// it), so whoever held them is gone.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	open := openSQLite
	if o.DSN != "" {
		open = openPostgres
	}
	s, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if o.DSN != "" {
		return s, nil // other nodes may be sending
	}
	if err := s.releaseClaims(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Engine is the database that it is in: SQLite or PostgreSQL.
func (s *Store) Engine() string { return s.dialect.name }

// Close releases the database. What was committed is safe before it.
func (s *Store) Close() error {
	if s.reads == s.writes {
		return s.writes.Close()
	}
	return errors.Join(s.reads.Close(), s.writes.Close())
}

// inTx runs do in one transaction; one that delivers goes before others that wait.
func (s *Store) inTx(ctx context.Context, delivers bool, do func(*sql.Tx) error) (err error) {
	if err := s.turns.take(ctx, delivers); err != nil {
		return s.dialect.explain(err)
	}
	defer s.turns.pass()
	ctx = s.dialect.begun(ctx)
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return s.failed(err)
	}
	defer func() {
		if err == nil {
			return
		}
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	if err := do(tx); err != nil {
		return s.failed(err)
	}
	if err := tx.Commit(); err != nil {
		return s.failed(err)
	}
	return nil
}

// begun is the context of a transaction that begins. The driver of SQLite starts a goroutine for each
// statement that may be cancelled, and in a storm they wait for each other for longer than for the disk; a
// transaction takes some milliseconds, so it goes to its end.
func (d dialect) begun(ctx context.Context) context.Context {
	if d.name == postgresName {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// clock is the time by which rows of the outbox are due and held: the database's own
// where several nodes share it, else the caller's.
func (s *Store) clock(ctx context.Context, tx *sql.Tx, now time.Time) (time.Time, error) {
	if s.dialect.now == "" {
		return now, nil
	}
	var n int64
	if err := tx.QueryRowContext(ctx, `SELECT `+s.dialect.now).Scan(&n); err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return fromNanos(n), nil
}

// nanos writes a time for the database; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// fromNanos reads a time of the database.
func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// list writes n placeholders, the first of them $from.
func list(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}
