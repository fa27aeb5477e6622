package state

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"log/slog"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date, and refuses one that is newer than
// this program: it could not know what it would break.
func (s *Store) migrate(ctx context.Context, logger *slog.Logger) error {
	provider, err := s.provider()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := s.versionsBy(ctx, provider)
	if err != nil {
		return err
	}
	if have > want {
		return fmt.Errorf("the state database has schema %d, and this burnline knows schemas up to %d: run the newer burnline, or restore the backup from before the update", have, want)
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return s.dialect.explain(fmt.Errorf("bring the state database from schema %d to %d: %w", have, want, err))
	}
	if len(done) > 0 {
		logger.Info("state database is up to date", "engine", s.dialect.name, "from", have, "to", want)
	}
	return nil
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

// provider returns goose with the embedded migrations in the store's dialect.
// Two nodes that start at once take turns.
func (s *Store) provider() (*goose.Provider, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	steps := make([]*goose.Migration, 0, len(entries))
	for _, e := range entries {
		script, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(e.Name())
		if err != nil {
			return nil, err
		}
		statements := strings.NewReplacer("{{identity}}", s.dialect.identity, "{{bytes}}", s.dialect.bytes, "{{audit}}", s.dialect.audit).Replace(string(script))
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				if _, err := tx.ExecContext(ctx, statements); err != nil || version != alertsVersion {
					return err
				}
				return s.adoptAlerts(ctx, tx)
			},
		}, nil))
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...)}
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
