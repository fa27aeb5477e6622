package programs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"burnline/internal/harness/postgres"
)

// PostgreSQL runs one with a standby; its load is transactions, some of which are rolled back.
func PostgreSQL(t testing.TB) *Program {
	t.Helper()
	server := postgres.Run(t)
	standby, err := server.Standby(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Stop(); err != nil {
			t.Error(err)
		}
	})
	dsn := server.DSN("postgres")
	stop := func() {
		if err := server.Halt(); err != nil {
			t.Error(err)
		}
	}
	metrics, replica := postgresExporter(t, dsn), postgresExporter(t, standby.DSN("postgres"))
	return &Program{Metrics: metrics, Replica: replica, Stop: stop, Load: func(ctx context.Context) error { return transact(ctx, dsn) }}
}

// postgresExporter runs the exporter of a PostgreSQL and returns its address.
func postgresExporter(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	source := fmt.Sprintf("host=%s user=%s dbname=postgres sslmode=disable", q.Get("host"), q.Get("user"))
	metrics, _ := run(t, "prometheus-postgres-exporter", "/metrics", []string{"DATA_SOURCE_NAME=" + source}, func(exporter string) []string {
		return []string{"--web.listen-address=" + exporter}
	})
	return metrics
}

// transact makes three transactions on a connection of its own, one of which is rolled back.
func transact(ctx context.Context, dsn string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	for _, statement := range []string{"SELECT 1", "SELECT count(*) FROM pg_class"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return errors.Join(err, conn.Close(ctx))
		}
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	_, err = tx.Exec(ctx, "SELECT 2")
	return errors.Join(err, tx.Rollback(ctx), conn.Close(ctx))
}
