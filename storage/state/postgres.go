package state

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresName is how messages call PostgreSQL.
const postgresName = "PostgreSQL"

// openPostgres connects to PostgreSQL.
func openPostgres(ctx context.Context, o Options) (*Store, error) {
	config, err := parsePostgres(o)
	if err != nil {
		return nil, err
	}
	s := postgresStore(config, o)
	if err := s.reach(ctx, o.Wait); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// reach connects to the database, which has so long to answer.
func (s *Store) reach(ctx context.Context, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := s.writes.PingContext(ctx); err != nil {
		return s.dialect.explain(err)
	}
	return nil
}

// keptConnections is how many connections to PostgreSQL are kept open that nobody uses, and mostConnections how many there
// are: more than may wait for locks at once, so that what waits for none gets one.
const keptConnections, mostConnections = 2, 16

// postgresStore is the store at an address; it connects when it is first asked.
func postgresStore(config *pgx.ConnConfig, o Options) *Store {
	where := fmt.Sprintf("%s, database %s, user %s", address(config), config.Database, config.User)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(mostConnections)
	db.SetMaxIdleConns(keptConnections)
	s := &Store{writes: db, reads: db, dialect: dialect{
		name:     postgresName,
		identity: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		bytes:    "BYTEA",
		audit:    guardPostgres,
		lock:     " FOR UPDATE",
		skip:     " FOR UPDATE SKIP LOCKED",
		explain:  func(err error) error { return explainPostgres(where, err) },
	}}
	if !o.CallersTime {
		s.dialect.now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) * 1000"
	}
	return s
}

// parsePostgres reads the DSN; its errors never show it, as it may hold a password.
func parsePostgres(o Options) (*pgx.ConnConfig, error) {
	const form = "state.dsn is not a PostgreSQL address; write postgres://user@host:5432/database"
	if !strings.HasPrefix(o.DSN, "postgres://") && !strings.HasPrefix(o.DSN, "postgresql://") {
		return nil, errors.New(form + ", or leave it out to keep the state in SQLite")
	}
	config, err := pgx.ParseConfig(o.DSN)
	if err != nil {
		return nil, errors.New(form)
	}
	config.ConnectTimeout = o.Wait
	if config.Database == "" {
		config.Database = config.User
	}
	config.AfterConnect = withSettings(config.RuntimeParams)
	return config, nil
}

// address is where the server is.
func address(c *pgx.ConnConfig) string {
	if strings.HasPrefix(c.Host, "/") {
		return c.Host
	}
	return net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
}

// explained is an error in one line that says what to do, with what it explains.
type explained struct {
	text  string
	cause error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.cause }

// explainPostgres says in one line what to do about an error of PostgreSQL.
func explainPostgres(where string, err error) error {
	say := func(format string, args ...any) error {
		return &explained{"PostgreSQL at " + where + fmt.Sprintf(format, args...), err}
	}
	var already *explained
	var server *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &already):
		return err
	case errors.As(err, &server):
		switch server.Code {
		case "28P01", "28000":
			return say(" refuses the login: %s; check user and password in state.dsn", server.Message)
		case "3D000":
			return say(": %s; create it with createdb or name another in state.dsn", server.Message)
		case "42501":
			return say(": %s; let the user create tables in the database", server.Message)
		case "53100":
			return say(": its disk is full; free space: %s", err)
		}
		return err
	case errors.As(err, &connect) || errors.Is(err, context.DeadlineExceeded) || gone(err):
		return say(" can't be reached: %s; check that it runs and state.dsn", innermost(err))
	}
	return err
}

// gone reports whether an error says that the server is away, or can't keep anything: it
// can't be reached, it stops or starts, its disk is full, it is read-only. A mistake in what
// is written is no such error, nor is a caller that gave up.
func gone(err error) bool {
	var connect *pgconn.ConnectError
	var server *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &connect):
		return true
	case errors.As(err, &server):
		return goneCode(server.Code)
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &network) || pgconn.SafeToRetry(err):
		return true
	}
	for _, lost := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, sql.ErrConnDone, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

// goneCode reports whether a code of the server is one of those that gone means.
func goneCode(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", // it stops, it crashed, it starts
		"57P05",          // it closed an idle connection
		"25006", "3D000": // it became a standby, the database was dropped
		return true
	}
	// No connection, no login, no resources, an error of its system.
	return slices.ContainsFunc([]string{"08", "28", "53", "58"}, func(class string) bool { return strings.HasPrefix(code, class) })
}

// innermost is the cause of an error in one line.
func innermost(err error) string {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return dns.Error()
	case errors.As(err, &op):
		return op.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
