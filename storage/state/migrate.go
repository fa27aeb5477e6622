package state

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, after a copy of what there is, and refuses one that is newer
// than this program: it could not know what it would break. There is no way back but that copy.
func (s *Store) migrate(ctx context.Context, o Options) error {
	provider, err := s.provider()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := s.versionsBy(ctx, provider)
	if err != nil {
		return err
	}
	if have > want {
		return s.newer(ctx, o, have, want)
	}
	if have > 0 && have < want {
		if err := s.keepBefore(ctx, o, have, want); err != nil {
			return err
		}
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return s.dialect.explain(fmt.Errorf("bring the state database from schema %d to %d: %w", have, want, err))
	}
	if len(done) == 0 {
		return nil
	}
	o.Logger.Info("state database is up to date", "engine", s.dialect.name, "from", have, "to", want)
	_, err = s.writes.ExecContext(ctx, `INSERT INTO programs (schema_version, program, at) VALUES ($1, $2, $3) ON CONFLICT (schema_version) DO NOTHING`,
		want, o.Program, nanos(time.Now()))
	if err != nil {
		return s.dialect.explain(fmt.Errorf("note which program brought the state database to schema %d: %w", want, err))
	}
	return nil
}

// newer says what to do about a schema that a newer program made.
func (s *Store) newer(ctx context.Context, o Options, have, want int64) error {
	by, program := "", ""
	err := s.reads.QueryRowContext(ctx, `SELECT program FROM programs WHERE schema_version = $1`, have).Scan(&program)
	if err == nil && program != "" { // what can't be read stays unsaid
		by = ", to which burnline " + program + " brought it"
	}
	instead := "run a burnline at least as new as the one that brought it there"
	if back, is := wayBack(copiesBefore(o), want); is {
		instead += ", or go back to " + back.path + ", without what happened since (docs/operations.md)"
	} else {
		instead += ", or restore the backup from before the update"
	}
	return fmt.Errorf("the state database has schema %d%s, and this burnline %sknows schemas up to %d: %s", have, by, spaced(o.Program), want, instead)
}

// spaced ends a word that is there with a space.
func spaced(word string) string {
	if word == "" {
		return ""
	}
	return word + " "
}

// schema returns the version of the schema there is, and of that which this program needs.
func (s *Store) schema(ctx context.Context) (have, want int64, _ error) {
	provider, err := s.provider()
	if err != nil {
		return 0, 0, fmt.Errorf("read migrations: %w", err)
	}
	return s.versionsBy(ctx, provider)
}

func (s *Store) versionsBy(ctx context.Context, provider *goose.Provider) (have, want int64, err error) {
	if have, want, err = provider.GetVersions(ctx); err != nil {
		return 0, 0, s.dialect.explain(fmt.Errorf("read the schema's version: %w", err))
	}
	return have, want, nil
}

// script is the script of a migration, before the engines' words are put in.
type script struct {
	version int64
	text    string
}

// steps are all migrations, in order.
func steps() ([]script, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	all := make([]script, 0, len(entries))
	for _, e := range entries {
		text, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(e.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, script{version, string(text)})
	}
	return all, nil
}

// apply executes a migration in the store's words.
func (s *Store) apply(ctx context.Context, tx *sql.Tx, m script) error {
	if s.dialect.name == postgresName { // it waits for readers of its tables, such as backups
		if _, err := tx.ExecContext(ctx, `SET LOCAL lock_timeout = 0`); err != nil {
			return err
		}
	}
	words := strings.NewReplacer("{{identity}}", s.dialect.identity, "{{bytes}}", s.dialect.bytes, "{{audit}}", s.dialect.audit)
	if _, err := tx.ExecContext(ctx, words.Replace(m.text)); err != nil || m.version != alertsVersion {
		return err
	}
	return s.adoptAlerts(ctx, tx)
}

// provider returns goose with the embedded migrations in the store's dialect.
// Two nodes that start at once take turns.
func (s *Store) provider() (*goose.Provider, error) {
	scripts, err := steps()
	if err != nil {
		return nil, err
	}
	all := make([]*goose.Migration, 0, len(scripts))
	for _, m := range scripts {
		all = append(all, goose.NewGoMigration(m.version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error { return s.apply(ctx, tx, m) },
		}, nil))
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(all...)}
	kind := goose.DialectSQLite3
	if s.dialect.name == postgresName {
		kind = goose.DialectPostgres
		turns, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(turns))
	}
	return goose.NewProvider(kind, s.writes, nil, options...)
}
