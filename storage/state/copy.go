package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"burnline/internal/datadir"
)

// CopyTo writes the state as of one moment to a new SQLite file of the same schema, from whichever
// database. Writers don't wait for it. The file is there whole, or not at all.
func (s *Store) CopyTo(ctx context.Context, path string) error {
	have, _, err := s.schema(ctx)
	if err != nil {
		return err
	}
	if err := s.copyTo(ctx, path, have); err != nil {
		return fmt.Errorf("copy the state to %s: %w", path, err)
	}
	return nil
}

// CopyTo writes the state to a new SQLite file, see Store; it fails with ErrAway while PostgreSQL is away.
func (s *Spooled) CopyTo(ctx context.Context, path string) error {
	return s.there(ctx, func(ctx context.Context, at *Store) error { return at.CopyTo(ctx, path) })
}

// copyTo is CopyTo of a state whose schema is known.
func (s *Store) copyTo(ctx context.Context, path string, schema int64) error {
	return writeWhole(path, func(temporary string) error {
		if s.dialect.name != postgresName {
			if err := datadir.Private(temporary); err != nil {
				return err
			}
			// On a connection of its own, so that reads go on beside it.
			_, err := s.reads.ExecContext(ctx, `VACUUM INTO $1`, temporary)
			return explainSQLite(temporary, err)
		}
		return s.copyOut(ctx, temporary, schema)
	})
}

// copyOut copies all tables of PostgreSQL to a SQLite file, as of one moment.
func (s *Store) copyOut(ctx context.Context, path string, schema int64) (err error) {
	file, err := openFile(ctx, path, schema)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err == nil {
			err = replayLog(ctx, path, intoOneFile)
		}
	}()
	from, err := s.asOf(ctx)
	if err != nil {
		return s.dialect.explain(err)
	}
	defer func() {
		if e := from.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	tables, err := tablesOf(ctx, file.reads)
	if err != nil {
		return err
	}
	err = file.inTx(ctx, false, func(to *sql.Tx) error { return copyTables(ctx, from, to, tables, insertInto) })
	return s.dialect.explain(err)
}

// openFile makes an empty SQLite file of a schema.
func openFile(ctx context.Context, path string, schema int64) (*Store, error) {
	o := Options{Dir: filepath.Dir(path), file: filepath.Base(path), Logger: slog.New(slog.DiscardHandler)}.withDefaults()
	file, err := openSQLite(ctx, o)
	if err != nil {
		return nil, err
	}
	provider, err := file.provider()
	if err == nil {
		_, err = provider.UpTo(ctx, schema)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the tables of schema %d: %w", schema, explainSQLite(path, err)), file.Close())
	}
	return file, nil
}

// intoOneFile leaves nothing in a file's log, so that it can be moved alone.
const intoOneFile = `PRAGMA journal_mode = DELETE`

// tablesOf lists the tables of a SQLite database with their columns, each after those that it refers to.
func tablesOf(ctx context.Context, q queryer) (all []table, _ error) {
	columns := map[string][]string{}
	var names []string
	err := eachRow(ctx, q, `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version' AND m.name NOT LIKE 'spool%' ORDER BY m.rowid, c.cid`, nil, func(rows *sql.Rows) error {
		var name, column string
		err := rows.Scan(&name, &column)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		columns[name] = append(columns[name], column)
		return err
	})
	for _, name := range names {
		all = append(all, table(name+" "+strings.Join(columns[name], " ")))
	}
	return all, err
}

// insertInto begins a statement that writes rows of a table with the numbers that they have.
const insertInto = `INSERT INTO %s (%s) `

// copyTables writes the rows of one database to another one.
func copyTables(ctx context.Context, from queryer, to *sql.Tx, tables []table, insert string) error {
	for _, t := range tables {
		if err := copyTable(ctx, from, to, t, insert); err != nil {
			return fmt.Errorf("copy the table %s: %w", t.name(), err)
		}
	}
	return nil
}

func copyTable(ctx context.Context, from queryer, to *sql.Tx, t table, insert string) (err error) {
	columns, width := strings.Join(t.columns(), ", "), len(t.columns())
	statement, err := to.PrepareContext(ctx, fmt.Sprintf(insert, t.name(), columns)+`VALUES (`+list(1, width)+`)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	return eachRow(ctx, from, `SELECT `+columns+` FROM `+t.name(), nil, func(rows *sql.Rows) error {
		values, targets := make([]any, width), make([]any, width)
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		_, err := statement.ExecContext(ctx, values...)
		return err
	})
}
