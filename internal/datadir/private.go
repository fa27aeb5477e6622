package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Private makes files that this user alone reads, before something else opens them that would leave that
// to the umask: the first is made where it is missing, and all that are there and this user's are
// tightened. What is another user's stays as it is.
func Private(path string, beside ...string) error {
	// A file that is there is not opened: to close it would take SQLite's locks of this process from it.
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		var file *os.File
		file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // a file of the program's own
		switch {
		case err == nil:
			err = file.Close()
		case errors.Is(err, fs.ErrExist): // another process was faster
			err = nil
		}
	}
	for _, name := range append([]string{path}, beside...) {
		err = errors.Join(err, tighten(name))
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return Full(fmt.Errorf("the disk of %s is full; free space: %w", path, err))
	case err != nil:
		return fmt.Errorf("make %s readable by this user alone: %w", path, err)
	}
	return nil
}

// tighten takes a file from others who may read or write it.
func tighten(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	err = os.Chmod(path, info.Mode().Perm()&0o700)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EROFS) {
		return nil // another user's, gone meanwhile, or for nobody to change
	}
	return err
}
