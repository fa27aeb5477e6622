package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Parts returns the files that a state in a SQLite file is read from: itself, those that SQLite left beside it, as after a server that was killed, and
// for the database of a copy that a Shipper made its logs.
func Parts(path string) []string {
	all := []string{path}
	for _, suffix := range [...]string{"-wal", "-journal"} { // its log, and what takes back a transaction that was broken off
		if info, err := os.Stat(path + suffix); err == nil && info.Size() > 0 {
			all = append(all, path+suffix)
		}
	}
	if filepath.Base(path) == baseName {
		all = append(all, logsOf(filepath.Dir(path))...)
	}
	return all
}

// Gather makes one new file of the Parts of a state, which nobody writes to meanwhile and which stay as they are: all commits that SQLite
// would find there are in it.
func Gather(ctx context.Context, path, to string) error {
	if logs := logsOf(filepath.Dir(path)); filepath.Base(path) == baseName && len(logs) > 0 {
		return Rebuild(ctx, filepath.Dir(path), to)
	}
	for _, part := range Parts(path) {
		if _, err := copyFile(part, to+part[len(path):]); err != nil {
			return fmt.Errorf("copy the state: %w", err)
		}
	}
	if err := replayLog(ctx, to, intoOneFile); err != nil {
		return fmt.Errorf("read the log of %s: %w", path, err)
	}
	return syncPath(to)
}
