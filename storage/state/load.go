package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// Load fills an empty PostgreSQL database with a copy of a state. The numbers of rows stay as they were.
func Load(ctx context.Context, o Options, path string) (err error) {
	o = o.withDefaults()
	held, err := Inspect(ctx, path)
	if err != nil {
		return err
	}
	to, err := openPostgres(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	provider, err := to.provider()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := to.versionsBy(ctx, provider)
	switch {
	case err != nil:
		return err
	case have > 0:
		return errors.New("the PostgreSQL database holds a state already; name an empty one")
	case held.Schema > want:
		return fmt.Errorf("the backup has schema %d, and this burnline knows schemas up to %d: restore it by the burnline that made it, or a newer one", held.Schema, want)
	}
	if _, err := provider.UpTo(ctx, held.Schema); err != nil {
		return to.dialect.explain(fmt.Errorf("make the tables of schema %d: %w", held.Schema, err))
	}
	from, err := sql.Open("sqlite3", sqliteDSN(path, o, "deferred"))
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return to.takeIn(ctx, from)
}

// takeIn copies all rows of a SQLite database.
func (s *Store) takeIn(ctx context.Context, from *sql.DB) error {
	tables, err := tablesOf(ctx, from)
	if err != nil {
		return err
	}
	return s.inTx(ctx, false, func(to *sql.Tx) error {
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
	})
}
