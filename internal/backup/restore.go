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

// Put puts the state of a backup where it belongs: as a file at path, or elsewhere and no file. When all of it can be
// read it calls place, by which the rest appears, and once that succeeded it must succeed itself or take nothing.
type Put func(path string, place func() error) error

// Restore makes a data folder of a backup that was verified. All of it is copied first and appears at the end, the
// state last, so that a restore that is broken off leaves a folder that is empty or that has no state; one that fails leaves
// nothing. put puts another state than the backup's; nil takes that.
func Restore(ctx context.Context, dir, data string, put Put) (err error) {
	if err := Empty(data); err != nil {
		return err
	}
	aside := filepath.Join(data, restoring)
	if err := errors.Join(os.RemoveAll(aside), os.MkdirAll(aside, 0o700)); err != nil {
		return fmt.Errorf("restore to %s: %w", data, err)
	}
	names := []string{TracesDir, MetricsDir, CheckpointsName}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(aside))
		}
	}()
	for _, name := range names {
		if err := restoreOne(ctx, filepath.Join(dir, name), filepath.Join(aside, name)); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if put == nil {
		put = PutFile(filepath.Join(dir, StateName))
	}
	names = append(names, StateName) // the last: without it a server would begin anew
	placed := []string{}
	err = put(filepath.Join(aside, StateName), func() (err error) {
		placed, err = place(aside, data, names)
		return err
	})
	if err != nil {
		for _, path := range placed {
			err = errors.Join(err, os.RemoveAll(path))
		}
		return fmt.Errorf("restore %s: %w", StateName, err)
	}
	return errors.Join(os.RemoveAll(aside), syncPath(data))
}

// PutFile puts the state of a file.
func PutFile(from string) Put {
	return func(path string, place func() error) error {
		if err := CopyFile(from, path); err != nil {
			return err
		}
		return place()
	}
}

// place moves what was copied to where it belongs, and returns what it moved.
func place(aside, data string, names []string) (placed []string, err error) {
	for _, name := range names {
		from, to := filepath.Join(aside, name), filepath.Join(data, name)
		if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := errors.Join(syncTree(from), os.Rename(from, to)); err != nil {
			return placed, fmt.Errorf("put %s in its place: %w", name, err)
		}
		placed = append(placed, to)
	}
	return placed, nil
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

// CheckConfig says why the configuration of a backup can't be restored to a folder; nil where it can. Nothing is written over.
func CheckConfig(m *Manifest, to string) error {
	for _, f := range m.Config {
		path, err := configPath(f, to)
		if err != nil {
			return err
		}
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("restore the configuration: %s is there already, and nothing is restored over what is there: name another folder, or move it away", path)
		} else if !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("restore the configuration: %w", err)
		}
	}
	return nil
}

// configPath is where a file of the configuration goes in a folder: whoever wrote the manifest may not name files beside that.
func configPath(f ConfigFile, to string) (string, error) {
	rel, inside := strings.CutPrefix(f.File, ConfigDir+"/")
	if rel = filepath.FromSlash(rel); !inside || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("restore the configuration: %.100q is no file of a backup's configuration", f.File)
	}
	return filepath.Join(to, rel), nil
}

// RestoreConfig writes the configuration of a backup to a new folder, by the paths that the files had from their
// common folder, and returns where each went. After an error none of them is there.
func RestoreConfig(m *Manifest, dir, to string) (written []string, err error) {
	if err := CheckConfig(m, to); err != nil {
		return nil, err
	}
	defer func() {
		if err == nil {
			return
		}
		for _, path := range written {
			err = errors.Join(err, os.Remove(path))
		}
		written = nil
	}()
	for _, f := range m.Config {
		path, err := configPath(f, to)
		if err != nil {
			return written, err
		}
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
