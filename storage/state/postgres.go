package state

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

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
	where := fmt.Sprintf("%s, database %s, user %s", address(config), config.Database, config.User)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(8)
	s := &Store{writes: db, reads: db, dialect: dialect{
		name:     postgresName,
		identity: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		bytes:    "BYTEA",
		lock:     " FOR UPDATE",
		skip:     " FOR UPDATE SKIP LOCKED",
		explain:  func(err error) error { return explainPostgres(where, err) },
	}}
	if !o.CallersTime {
		s.dialect.now = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) * 1000"
	}
	ping, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	if err := db.PingContext(ping); err != nil {
		return nil, errors.Join(s.dialect.explain(err), db.Close())
	}
	return s, nil
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
	// A commit is on disk when it returns, whatever the server's default says.
	if config.RuntimeParams["synchronous_commit"] == "" {
		config.RuntimeParams["synchronous_commit"] = "on"
	}
	return config, nil
}

// address is where the server is.
func address(c *pgx.ConnConfig) string {
	if strings.HasPrefix(c.Host, "/") {
		return c.Host
	}
	return net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
}

// explainPostgres says in one line what to do about an error of PostgreSQL.
func explainPostgres(where string, err error) error {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		switch server.Code {
		case "28P01", "28000":
			return fmt.Errorf("PostgreSQL at %s refuses the login: %s; check user and password in state.dsn", where, server.Message)
		case "3D000":
			return fmt.Errorf("PostgreSQL at %s: %s; create it with createdb or name another in state.dsn", where, server.Message)
		case "42501":
			return fmt.Errorf("PostgreSQL at %s: %s; let the user create tables in the database", where, server.Message)
		case "53100":
			return fmt.Errorf("PostgreSQL at %s: its disk is full; free space: %w", where, err)
		}
		return err
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("PostgreSQL at %s can't be reached: %s; check that it runs and state.dsn", where, innermost(err))
	}
	return err
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
