package local

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// checkDir makes the data folder and says in one line why it can't be used:
// not a folder, not writable, or used by another process. The lock itself is
// taken by the TSDB; it is tried here first because the TSDB logs that it
// replaced a lock before it finds that it could not.
func checkDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create data folder %s: %w; set another folder with data:", dir, reason(err))
	}
	probe, err := os.CreateTemp(dir, ".write-test-")
	if err != nil {
		return fmt.Errorf("data folder %s is not writable: %w; change its owner or set another with data:", dir, reason(err))
	}
	name := probe.Name()
	if err := errors.Join(probe.Close(), os.Remove(name)); err != nil {
		return fmt.Errorf("data folder %s is not writable: %w", dir, err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the lock of data folder %s: %w", dir, reason(err))
	}
	defer func() { _ = lock.Close() }() // closing gives the lock back
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errInUse(dir, lock)
	}
	if err != nil {
		return fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	return nil
}

// errInUse names the process that holds the lock, where the system tells.
func errInUse(dir string, lock *os.File) error {
	who := "another process"
	if pid := holder(lock); pid != "" {
		who = fmt.Sprintf("another Burnline (pid %s)", pid)
	}
	return fmt.Errorf("%s uses data folder %s; stop it, or set another folder with data:", who, dir)
}

// holder returns the process that holds a lock on the file, from /proc/locks,
// whose lines are "1: FLOCK  ADVISORY  WRITE pid major:minor:inode 0 EOF".
func holder(lock *os.File) string {
	info, err := lock.Stat()
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	table, err := os.Open("/proc/locks")
	if err != nil {
		return ""
	}
	defer func() { _ = table.Close() }()
	inode := fmt.Sprintf(":%d", stat.Ino)
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) >= 6 && f[1] == "FLOCK" && strings.HasSuffix(f[5], inode) {
			return f[4]
		}
	}
	return ""
}

// reason strips the path that the message already names.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
