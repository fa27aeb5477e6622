package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"burnline/internal/datadir"
)

// CopiesDir is the folder in the data folder that holds copies of the state from before migrations.
const CopiesDir = "before-migrations"

// keptUpdates is of how many updates copies are kept, the newest. An update that is broken off leaves a copy for each start that
// went on with it, and the way back is the first of them, so those of one update stay or go together.
const keptUpdates = 3

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
	return pruneBefore(copiesBefore(o))
}

// pruneBefore removes the copies of all but the newest updates; those given are the newest last.
func pruneBefore(all []copyBefore) error {
	var kept []int64
	for _, c := range slices.Backward(all) {
		if slices.Contains(kept, c.to) {
			continue
		}
		if len(kept) < keptUpdates {
			kept = append(kept, c.to)
			continue
		}
		if err := os.Remove(c.path); err != nil {
			return fmt.Errorf("remove an old copy of the state: %w", err)
		}
	}
	return nil
}

// copyBefore is a copy from before a migration, or from the middle of one that was broken off.
type copyBefore struct {
	path string
	// to is the schema that it was made before, from the one that it has.
	to, from int64
}

// wayBack returns the newest copy that a program reads that knows schemas up to one; false where there is none.
func wayBack(all []copyBefore, newest int64) (copyBefore, bool) {
	for _, c := range slices.Backward(all) {
		if c.from <= newest {
			return c, true
		}
	}
	return copyBefore{}, false
}

// fileName is the name of the SQLite file, also of the one that stands for PostgreSQL in copies.
func (o Options) fileName() string { return cmp.Or(o.file, FileName) }

// copiesBefore are the copies from before migrations, the newest last.
func copiesBefore(o Options) []copyBefore {
	all, err := filepath.Glob(filepath.Join(escapeGlob(o.Dir), CopiesDir, o.fileName()+".before-?????.from-?????"))
	if err != nil {
		return nil
	}
	written := map[string]int64{}
	var copies []copyBefore
	for _, path := range all {
		c := copyBefore{path: path}
		if _, err := fmt.Sscanf(strings.TrimPrefix(filepath.Base(path), o.fileName()), ".before-%05d.from-%05d", &c.to, &c.from); err != nil {
			continue // it is not ours
		}
		if info, err := os.Stat(path); err == nil {
			written[path] = info.ModTime().UnixNano()
		}
		copies = append(copies, c)
	}
	slices.SortStableFunc(copies, func(a, b copyBefore) int {
		return cmp.Or(cmp.Compare(written[a.path], written[b.path]), cmp.Compare(a.path, b.path))
	})
	return copies
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
