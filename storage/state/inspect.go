package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
)

// Summary is what a copy of the state holds.
type Summary struct {
	// Schema is the version of its tables.
	Schema int64 `json:"schema"`
	// Rows are how many there are of each table.
	Rows map[string]int64 `json:"rows"`
	// Open are the keys of open incidents, in order.
	Open []string `json:"open"`
	// Identity is what tells the state from others; "" where it was never asked for.
	Identity string `json:"identity,omitempty"`
}

// Newest returns the newest schema that this program knows.
func Newest() (int64, error) {
	all, err := steps()
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	return all[len(all)-1].version, nil
}

// Inspect reads a copy that nobody writes to, and has SQLite look for damage in it. It changes nothing.
func Inspect(ctx context.Context, path string) (found Summary, err error) {
	db, err := sql.Open("sqlite3", unchangingDSN(path))
	if err != nil {
		return found, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if found, err = inspect(ctx, db); err != nil {
		return found, fmt.Errorf("read %s: %w", path, explainSQLite(path, err))
	}
	return found, nil
}

// unchangingDSN is the address of a file that nobody writes to and that is only read: not even its mode changes.
func unchangingDSN(path string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&immutable=1"}).String()
}

func inspect(ctx context.Context, db *sql.DB) (found Summary, _ error) {
	var sound string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&sound); err != nil {
		return found, err
	}
	if sound != "ok" {
		return found, fmt.Errorf("it is damaged: %s; take another backup", sound)
	}
	if err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&found.Schema); err != nil {
		return found, err
	}
	tables, err := tablesOf(ctx, db)
	if err != nil {
		return found, err
	}
	found.Rows = map[string]int64{}
	for _, t := range tables {
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+t.name()).Scan(&n); err != nil {
			return found, err
		}
		found.Rows[t.name()] = n
	}
	if found.Rows["identity"] > 0 {
		if err := db.QueryRowContext(ctx, `SELECT id FROM identity`).Scan(&found.Identity); err != nil {
			return found, err
		}
	}
	err = eachRow(ctx, db, `SELECT dedup_key FROM incidents WHERE closed = 0 ORDER BY dedup_key`, nil, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		found.Open = append(found.Open, key)
		return err
	})
	return found, err
}
