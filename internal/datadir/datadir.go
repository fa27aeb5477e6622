// Package datadir gives a data folder to one process at a time.
package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// LockName is the file in the folder that carries the lock. Prometheus locks its
// data folder by the same kind of lock on a file of the same name, so neither
// can open a folder that the other has open.
const LockName = "lock"

// Prepare creates the folder where it is missing and tries to write into it. The
// error is one line that says what to do.
func Prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("the data folder %s can't be created: %w; choose another folder with --data", dir, reason(err))
	}
	probe, err := os.CreateTemp(dir, ".write-test-")
	if err != nil {
		return notWritable(dir, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return notWritable(dir, err)
	}
	return nil
}

func notWritable(dir string, err error) error {
	return fmt.Errorf("the data folder %s is not writable: %w; give it to this user or choose another folder with --data", dir, reason(err))
}

// Lock holds a folder for this process. The system takes it back when the
// process ends in whatever way, so a crash leaves nothing to clean up.
type Lock struct{ file *os.File }

// Take prepares the folder and takes its lock. When another process has it, the
// error is one line that names the process and says what to do.
func Take(dir string) (*Lock, error) {
	for range mostRemoved {
		lock, err := take(dir)
		if err != nil {
			return nil, err
		}
		gone, err := lock.gone()
		if err == nil && !gone {
			return lock, nil
		}
		if err = errors.Join(err, lock.file.Close()); err != nil {
			return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
		}
	}
	return nil, fmt.Errorf("lock the data folder %s: its file %s is removed again and again; see by whom", dir, LockName)
}

// mostRemoved is how often Take begins anew because the file that it locked was removed since it was opened.
const mostRemoved = 10

// take is Take of a file that may be gone once it is locked.
func take(dir string) (*Lock, error) {
	if err := Prepare(dir); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, LockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, notWritable(dir, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		err = fmt.Errorf("%s uses %s; stop it or choose another folder with --data", holder(file.Name()), dir)
	case err != nil:
		err = fmt.Errorf("lock the data folder %s: %w; choose a folder on a local disk with --data", dir, err)
	default:
		err = sign(file)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Lock{file}, nil
}

// gone reports whether the locked file is in no folder any more, so that its lock guards nothing.
func (l *Lock) gone() (bool, error) {
	mine, err := l.file.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(l.file.Name())
	if err == nil && os.SameFile(mine, there) {
		return false, nil
	}
	known, is := mine.Sys().(*syscall.Stat_t)
	return is && known.Nlink == 0, nil
}

// Release gives the folder back. The file stays, since a Prometheus that is about to lock it
// would not notice that it is gone.
func (l *Lock) Release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}

// Remove gives the folder back and takes the file out of it, for a folder in which nothing was kept. Whoever
// opened the file before and locks it afterwards notices in Take, and takes the lock anew.
func (l *Lock) Remove() error {
	gone, err := l.gone()
	if err == nil && !gone {
		err = os.Remove(l.file.Name())
	}
	return errors.Join(err, l.file.Close())
}

// sign writes this process' id into the lock for those who come second.
func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return fmt.Errorf("write %s: %w", file.Name(), err)
	}
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("write %s: %w", file.Name(), err)
	}
	return nil
}

// holder says who has the lock. An id that no process here has was left by a
// crash, or means something only in another container: it is not shown.
func holder(path string) string {
	text, err := os.ReadFile(path) //nolint:gosec // the lock of the folder that the user named
	if err != nil {
		return "another process"
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return "another process"
	}
	return fmt.Sprintf("another Burnline (pid %d)", pid)
}

// reason strips the path that the message already names.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
