package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Versions are the schemas that there were, in order.
func Versions() ([]int64, error) {
	all, err := steps()
	var versions []int64
	for _, m := range all {
		versions = append(versions, m.version)
	}
	return versions, err
}

// MigrateTo brings a state to a schema by the real migrations, without a copy, and executes a script of rows.
func MigrateTo(ctx context.Context, o Options, version int64, rows string) (err error) {
	o = o.withDefaults()
	open, hex := openSQLite, "X'"
	if o.DSN != "" {
		open, hex = openPostgres, `'\x`
	}
	s, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	provider, err := s.provider()
	if err != nil {
		return err
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return err
	}
	_, err = s.writes.ExecContext(ctx, strings.ReplaceAll(rows, "{{hex}}", hex))
	return err
}

// Rows are the rows of every table of a database, each as a text of its columns. Those of another
// database are read by its columns, so that the two can be compared.
func Rows(ctx context.Context, o Options, columns map[string][]string) (_, by map[string][]string, err error) {
	o = o.withDefaults()
	open, list := openSQLite, `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	if o.DSN != "" {
		open, list = openPostgres, `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`
	}
	s, err := open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if columns == nil {
		columns = map[string][]string{}
		err := eachRow(ctx, s.reads, list, nil, func(rows *sql.Rows) error {
			var name, column string
			err := rows.Scan(&name, &column)
			if name != "goose_db_version" {
				columns[name] = append(columns[name], column)
			}
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	all := map[string][]string{}
	for name, of := range columns {
		err := eachRow(ctx, s.reads, `SELECT `+strings.Join(of, ", ")+` FROM `+name, nil, func(rows *sql.Rows) error {
			values, targets := make([]any, len(of)), make([]any, len(of))
			for i := range values {
				targets[i] = &values[i]
			}
			err := rows.Scan(targets...)
			text := ""
			for i, v := range values {
				if b, raw := v.([]byte); raw {
					v = string(b)
				}
				text += fmt.Sprintf("%s=%v ", of[i], v)
			}
			all[name] = append(all[name], text)
			return err
		})
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, columns, nil
}

// HoldAtMost has a shipper give its copy up at less.
func (h *Shipper) HoldAtMost(bytes int64) { h.held = bytes }

// OpenThrough is a state in PostgreSQL over connections that are wrapped.
func OpenThrough(o Options, wrap func(net.Conn) net.Conn) (*Store, error) {
	o = o.withDefaults()
	config, err := parsePostgres(o)
	if err != nil {
		return nil, err
	}
	config.AfterNetConnect = func(_ context.Context, _ *pgconn.Config, conn net.Conn) (net.Conn, error) { return wrap(conn), nil }
	return postgresStore(config, o), nil
}

// Setting reads a setting that is in force.
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.reads.QueryRowContext(ctx, "SHOW "+name).Scan(&value)
	return value, err
}
