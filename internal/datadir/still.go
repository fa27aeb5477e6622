package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Still makes sure that no process uses a data folder, and that none begins to until release is called. It changes nothing, and a folder that
// no server ever used is still. The error names the process.
func Still(dir string) (release func() error, err error) {
	file, err := os.Open(filepath.Join(dir, LockName)) //nolint:gosec // the lock of the folder that the user named
	if err != nil {
		return func() error { return nil }, nil //nolint:nilerr // without it, or the right to read it, there is nothing to ask
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%s uses %s; stop it, or take a backup from it", holder(file.Name()), dir), file.Close())
	}
	return file.Close, nil
}
