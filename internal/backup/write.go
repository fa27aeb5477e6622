package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"burnline/internal/datadir"
)

const (
	// namePrefix begins the name of every backup, which goes on with its time, so that their order is
	// that of their names, see Name.
	namePrefix = "burnline-"
	nameForm   = "20060102T150405.000Z"
	// unfinished begins the name of a folder that is no backup yet.
	unfinished = ".unfinished-"
)

// Part writes what one store holds into the folder of a backup, and what it holds into the manifest.
type Part struct {
	// Name says in an error what could not be written.
	Name  string
	Write func(ctx context.Context, dir string, m *Manifest) error
}

// Write makes a backup in a folder of backups, part by part in the given order, and returns its folder. A
// backup is there whole or not at all, and those before it stay as they are. Files of the metric store
// that the backup before it has too are links to them, so each is kept once.
func Write(ctx context.Context, to string, m *Manifest, parts []Part) (_ string, err error) {
	if err := datadir.Prepare(to); err != nil {
		return "", fmt.Errorf("write a backup: %w", err)
	}
	if err := sweep(to); err != nil {
		return "", fmt.Errorf("remove a backup that was broken off: %w", err)
	}
	name, err := Name(to, m)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(to, unfinished+name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("write a backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	for _, p := range parts {
		if err := p.Write(ctx, dir, m); err != nil {
			return "", fmt.Errorf("back up the %s: %w", p.Name, err)
		}
	}
	if err := seal(ctx, dir, m); err != nil {
		return "", fmt.Errorf("write the backup's manifest: %w", err)
	}
	path := filepath.Join(to, name)
	if err := os.Rename(dir, path); err != nil {
		return "", fmt.Errorf("write a backup: %w", err)
	}
	return path, syncPath(to)
}

// seal lists all files with their sums and writes the manifest, all of it to the disk.
func seal(ctx context.Context, dir string, m *Manifest) error {
	m.Files = []File{}
	err := eachFile(dir, func(path string, info fs.FileInfo) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, is := m.links[path]
		if !is {
			sum, err := sumOf(filepath.Join(dir, path), true)
			if err != nil {
				return err
			}
			f = File{Path: path, Bytes: info.Size(), SHA256: sum, Read: m.Began}
		}
		m.Files = append(m.Files, f)
		return nil
	})
	if err != nil {
		return err
	}
	m.Format, m.Ended = Format, time.Now().UTC()
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, ManifestName)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		return err
	}
	return errors.Join(syncPath(path), syncPath(dir))
}

// eachFile calls do with the files of a folder, in order of their paths with slashes, but for the manifest.
func eachFile(dir string, do func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || rel == ManifestName {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return do(filepath.ToSlash(rel), info)
	})
}

// sumOf returns the SHA-256 of a file, in hexadecimal, and has it written to the disk if asked.
func sumOf(path string, sync bool) (sum string, err error) {
	f, err := os.Open(path) //nolint:gosec // a file of a backup
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	if sync {
		err = f.Sync()
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

// sweep removes what a process that ended left of a backup.
func sweep(to string) error {
	entries, err := os.ReadDir(to)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished+namePrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(to, e.Name())))
		}
	}
	return err
}

// List returns the folders of all backups in a folder of backups, the oldest first.
func List(to string) ([]string, error) {
	entries, err := os.ReadDir(to)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list the backups: %w", err)
	}
	var all []string
	for _, e := range entries {
		path := filepath.Join(to, e.Name())
		if _, err := os.Stat(filepath.Join(path, ManifestName)); err == nil && strings.HasPrefix(e.Name(), namePrefix) {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all, nil
}

// earlier is a backup from before, and its folder.
type earlier struct {
	*Manifest
	dir string
}

// newestBefore returns the newest backup of a folder; nil without one that can be read.
func newestBefore(to string) *earlier {
	all, err := List(to)
	if err != nil || len(all) == 0 {
		return nil
	}
	dir := all[len(all)-1]
	m, err := ReadManifest(dir)
	if err != nil {
		return nil
	}
	return &earlier{m, dir}
}

// Prune removes the oldest backups of a folder but for so many, and returns which.
func Prune(to string, keep int) (gone []string, err error) {
	all, err := List(to)
	if err != nil {
		return nil, err
	}
	for _, dir := range all[:max(0, len(all)-keep)] {
		// Without its manifest it is no backup any more, whatever happens next.
		if err := errors.Join(os.Remove(filepath.Join(dir, ManifestName)), os.RemoveAll(dir)); err != nil {
			return gone, fmt.Errorf("remove the old backup %s: %w", dir, err)
		}
		gone = append(gone, dir)
	}
	return gone, nil
}

// syncPath has a file or folder written to the disk.
func syncPath(path string) error {
	f, err := os.Open(path) //nolint:gosec // a file of a backup
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Name is the name of the folder of a new backup in a folder of backups: that of the time when it began, but after all that are there, also where
// a clock was ahead when they were named. The last one is the newest.
func Name(to string, m *Manifest) (string, error) {
	entries, err := os.ReadDir(to)
	if err != nil {
		return "", fmt.Errorf("list the backups: %w", err)
	}
	at := m.Began.UTC().Truncate(time.Millisecond)
	for _, e := range entries {
		if there, err := time.Parse(namePrefix+nameForm, e.Name()); err == nil && !there.Before(at) {
			at = there.Add(time.Millisecond)
		}
	}
	return namePrefix + at.Format(nameForm), nil
}
