package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"burnline/internal/datadir"
)

// CopiesDir is the folder in the data folder that holds copies of the state from before migrations.
const CopiesDir = "before-migrations"

// keptCopies is how many of these are kept, the newest.
const keptCopies = 3

// keepBefore writes a copy of the state to a file of the data folder before its schema changes. Without
// that copy nothing is changed.
func (s *Store) keepBefore(ctx context.Context, o Options, have, want int64) error {
	dir := filepath.Join(o.Dir, CopiesDir)
	path := filepath.Join(dir, fmt.Sprintf("%s.before-%05d.from-%05d", o.fileName(), want, have))
	err := datadir.Prepare(dir)
	if err == nil {
		err = s.copyTo(ctx, path, have)
	}
	if err != nil {
		return fmt.Errorf("keep the state as it is before its schema goes from %d to %d; nothing was changed: %w", have, want, err)
	}
	o.Logger.Info("the state is kept as it was before the update", "file", path)
	for _, old := range copiesBefore(o)[:max(0, len(copiesBefore(o))-keptCopies)] {
		if err := os.Remove(old); err != nil {
			return fmt.Errorf("remove an old copy of the state: %w", err)
		}
	}
	return nil
}

// fileName is the name of the SQLite file, also of the one that stands for PostgreSQL in copies.
func (o Options) fileName() string { return cmp.Or(o.file, FileName) }

// copiesBefore are the copies from before migrations, the newest last.
func copiesBefore(o Options) []string {
	all, err := filepath.Glob(filepath.Join(escapeGlob(o.Dir), CopiesDir, o.fileName()+".before-?????.from-?????"))
	if err != nil {
		return nil
	}
	written := map[string]int64{}
	for _, path := range all {
		if info, err := os.Stat(path); err == nil {
			written[path] = info.ModTime().UnixNano()
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(written[a], written[b]), cmp.Compare(a, b)) })
	return all
}

// escapeGlob takes a path by its letters.
func escapeGlob(path string) string {
	var out []rune
	for _, r := range path {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// writeWhole writes a file by make under another name first, so that path is there whole or not at all, and
// stays after a power failure.
func writeWhole(path string, make func(temporary string) error) (err error) {
	temporary := path + ".unfinished"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		if e := os.Remove(temporary); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}()
	if err := make(temporary); err != nil {
		return err
	}
	if err := syncPath(temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath has a file or folder written to the disk.
func syncPath(path string) error {
	f, err := os.Open(path) //nolint:gosec // a file of the program's own
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
