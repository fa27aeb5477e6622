package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Shipped returns the newest copy that a Shipper made in a folder, and a moment as of which it has everything, by what it says itself;
// "" where there is none.
func Shipped(to string) (dir string, at time.Time, _ error) {
	all, err := ShippedAll(to)
	if err != nil || len(all) == 0 {
		return "", at, err
	}
	dir = all[len(all)-1]
	text, err := os.ReadFile(filepath.Join(dir, asOfName)) //nolint:gosec // a file of the program's own
	if err == nil {
		at, err = time.Parse(asOfForm, string(text))
	}
	if err != nil { // an end of power cut it, or an earlier version wrote none: all from before its beginning it has in any case
		if at, err = time.Parse(copyForm, filepath.Base(dir)); err != nil {
			return "", at, fmt.Errorf("read the copy of the state: %s does not say when it was made: %w", dir, err)
		}
	}
	return dir, at, nil
}

// ShippedAll returns all copies in a folder that can be restored from, the newest last. There is one but while it is replaced; a program that
// named them by the clock alone may have left more.
func ShippedAll(to string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(escapeGlob(to), "*", baseName))
	for i := range all {
		all[i] = filepath.Dir(all[i])
	}
	slices.Sort(all)
	return all, err
}

// newerCopies is how often a copy may go while it is read, since a newer one took its place.
const newerCopies = 5

// RebuildNewest makes a database, in a new file, of the newest copy that a Shipper made in a folder, which may go on with it meanwhile, and returns
// what Shipped does.
func RebuildNewest(ctx context.Context, to, path string) (dir string, at time.Time, err error) {
	for range newerCopies {
		if dir, at, err = Shipped(to); err == nil && dir != "" {
			err = Rebuild(ctx, dir, path)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return dir, at, err
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if e := os.Remove(path + suffix); e != nil && !errors.Is(e, os.ErrNotExist) {
				return dir, at, errors.Join(err, e)
			}
		}
	}
	return dir, at, err
}

// logsOf are the logs of a copy, in order.
func logsOf(dir string) []string {
	logs, err := filepath.Glob(filepath.Join(escapeGlob(dir), "????????.wal"))
	if err != nil {
		return nil
	}
	slices.Sort(logs)
	return logs
}

// Rebuild makes a database, in a new file, of a copy that a Shipper made. A commit that was copied in part is
// not in it.
func Rebuild(ctx context.Context, dir, path string) error {
	if _, err := copyFile(filepath.Join(dir, baseName), path); err != nil {
		return fmt.Errorf("copy the state: %w", err)
	}
	for _, log := range logsOf(dir) {
		if _, err := copyFile(log, path+"-wal"); err != nil {
			return fmt.Errorf("copy a log of the state: %w", err)
		}
		if err := replayLog(ctx, path, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
			return fmt.Errorf("replay %s: %w", log, err)
		}
	}
	if err := replayLog(ctx, path, intoOneFile); err != nil {
		return fmt.Errorf("read the copy of the state: %w", err)
	}
	return syncPath(path)
}

// replayLog has SQLite read the log of a file.
func replayLog(ctx context.Context, path, pragma string) (err error) {
	db, err := sql.Open("sqlite3", sqliteDSN(path, Options{}.withDefaults(), "immediate"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() {
		err = errors.Join(err, db.Close())
		for _, suffix := range []string{"-wal", "-shm"} {
			if e := os.Remove(path + suffix); e != nil && !errors.Is(e, os.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}()
	_, err = db.ExecContext(ctx, pragma)
	return explainSQLite(path, err)
}
