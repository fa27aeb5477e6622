package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// Loadable says why a PostgreSQL database can't be filled by Load; nil where it can. It changes nothing.
func Loadable(ctx context.Context, o Options) (err error) {
	to, err := openPostgres(ctx, o.withDefaults())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return to.inTx(ctx, false, func(tx *sql.Tx) error {
		_, err := emptyOf(ctx, tx)
		return err
	})
}

// Load fills an empty PostgreSQL database with a copy of a state, all of it or nothing. The numbers of rows stay as they were. Where
// last is given it is called once all rows are written, and its error keeps the database as it was.
func Load(ctx context.Context, o Options, path string, last func() error) (err error) {
	o = o.withDefaults()
	held, err := Inspect(ctx, path)
	if err != nil {
		return err
	}
	newest, err := Newest()
	if err != nil {
		return err
	}
	if held.Schema > newest {
		return fmt.Errorf("the backup has schema %d, and this burnline knows schemas up to %d: restore it by the burnline that made it, or a newer one", held.Schema, newest)
	}
	to, err := openPostgres(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	from, err := sql.Open("sqlite3", unchangingDSN(path))
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return to.inTx(ctx, false, func(tx *sql.Tx) error {
		if err := to.makeTables(ctx, tx, held.Schema); err != nil {
			return to.dialect.explain(fmt.Errorf("make the tables of schema %d: %w", held.Schema, err))
		}
		if err := takeIn(ctx, from, tx); err != nil || last == nil {
			return err
		}
		return last()
	})
}

// emptyOf says why a PostgreSQL database is not empty, and whether it has the table of versions without any.
func emptyOf(ctx context.Context, tx *sql.Tx) (versions bool, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, goose.DefaultTablename).Scan(&versions); err != nil || !versions {
		return versions, err
	}
	var have int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM `+goose.DefaultTablename).Scan(&have); err != nil {
		return versions, err
	}
	if have > 0 {
		return versions, errors.New("the PostgreSQL database holds a state already; name an empty one")
	}
	return versions, nil
}

// makeTables makes the tables of a schema, as the migrations do, in one transaction with what fills them.
func (s *Store) makeTables(ctx context.Context, tx *sql.Tx, schema int64) error {
	var alone bool
	if err := tx.QueryRowContext(ctx, `SELECT pg_try_advisory_xact_lock($1)`, lock.DefaultLockID).Scan(&alone); err != nil {
		return err
	}
	if !alone {
		return errors.New("another burnline makes the tables of this database; name an empty one")
	}
	versions, err := emptyOf(ctx, tx)
	if err != nil {
		return err
	}
	if versions {
		if _, err := tx.ExecContext(ctx, `DROP TABLE `+goose.DefaultTablename); err != nil {
			return err
		}
	}
	of, err := database.NewStore(database.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return err
	}
	if err := errors.Join(of.CreateVersionTable(ctx, tx), of.Insert(ctx, tx, database.InsertRequest{Version: 0})); err != nil {
		return err
	}
	all, err := steps()
	for _, m := range all {
		if err != nil || m.version > schema {
			break
		}
		if err = s.apply(ctx, tx, m); err == nil {
			err = of.Insert(ctx, tx, database.InsertRequest{Version: m.version})
		}
	}
	return err
}

// takeIn copies all rows of a SQLite database.
func takeIn(ctx context.Context, from *sql.DB, to *sql.Tx) error {
	tables, err := tablesOf(ctx, from)
	if err != nil {
		return err
	}
	if err := copyTables(ctx, from, to, tables, insertInto+`OVERRIDING SYSTEM VALUE `); err != nil {
		return err
	}
	for _, t := range tables {
		if !slices.Contains(t.columns(), "id") {
			continue
		}
		// NULL where the database does not count the column up.
		_, err := to.ExecContext(ctx, fmt.Sprintf(`SELECT setval(s.name, (SELECT COALESCE(MAX(CAST(CAST(id AS TEXT) AS NUMERIC)), 0)::BIGINT + 1 FROM %s), false)
			FROM (SELECT pg_get_serial_sequence('%[1]s', 'id') AS name) s WHERE s.name IS NOT NULL`, t.name()))
		if err != nil {
			return fmt.Errorf("count on in the table %s: %w", t.name(), err)
		}
	}
	return nil
}
