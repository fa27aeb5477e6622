package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// restoring is the folder in a data folder where what is restored waits until all of it is there.
const restoring = ".restoring"

// Empty says why nothing can be restored to a folder: nil where it is empty or not there.
func Empty(data string) error {
	entries, err := os.ReadDir(data)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into %s: %w", data, err)
	}
	for _, e := range entries {
		if e.Name() == "lock" || e.Name() == restoring { // neither holds anything
			continue
		}
		return fmt.Errorf("%s is not empty (%s): nothing is restored over what is there; name another folder, or move it away", data, e.Name())
	}
	return nil
}

// Restore makes a data folder of a backup that was verified. All of it is copied first and appears at the end, the
// state last, so that a restore that is broken off leaves a folder that is empty or that has no state. put
// writes another state than the backup's where it is told to, or none; nil takes the backup's.
func Restore(ctx context.Context, dir, data string, put func(path string) error) error {
	if err := Empty(data); err != nil {
		return err
	}
	aside := filepath.Join(data, restoring)
	if err := errors.Join(os.RemoveAll(aside), os.MkdirAll(aside, 0o700)); err != nil {
		return fmt.Errorf("restore to %s: %w", data, err)
	}
	names := []string{TracesDir, MetricsDir, CheckpointsName}
	for _, name := range names {
		if err := restoreOne(ctx, filepath.Join(dir, name), filepath.Join(aside, name)); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if put == nil {
		put = func(path string) error { return CopyFile(filepath.Join(dir, StateName), path) }
	}
	if err := put(filepath.Join(aside, StateName)); err != nil {
		return fmt.Errorf("restore %s: %w", StateName, err)
	}
	for _, name := range append(names, StateName) { // the state last: without it a server would begin anew
		path := filepath.Join(aside, name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := errors.Join(syncTree(path), os.Rename(path, filepath.Join(data, name))); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	return errors.Join(os.RemoveAll(aside), syncPath(data))
}

// restoreOne copies a file or folder of a backup, where there is one.
func restoreOne(ctx context.Context, from, to string) error {
	info, err := os.Stat(from)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return copyTree(ctx, from, to, nothing)
	}
	return CopyFile(from, to)
}

// syncTree has all files of a folder written to the disk.
func syncTree(path string) error {
	return filepath.WalkDir(path, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncPath(path)
	})
}

// RestoreConfig writes the configuration of a backup to a new folder, by the paths that the files had from their
// common folder, and returns where each went.
func RestoreConfig(m *Manifest, dir, to string) ([]string, error) {
	var written []string
	for _, f := range m.Config {
		// Whoever wrote the manifest may not name files beside the folder.
		rel, inside := strings.CutPrefix(f.File, ConfigDir+"/")
		if rel = filepath.FromSlash(rel); !inside || !filepath.IsLocal(rel) {
			return written, fmt.Errorf("restore the configuration: %.100q is no file of a backup's configuration", f.File)
		}
		path := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return written, fmt.Errorf("restore the configuration: %w", err)
		}
		if err := CopyFile(filepath.Join(dir, filepath.FromSlash(f.File)), path); err != nil {
			return written, fmt.Errorf("restore the configuration: %w", err)
		}
		written = append(written, path)
	}
	return written, nil
}
