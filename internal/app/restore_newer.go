package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"burnline/internal/backup"
	"burnline/storage/state"
)

// clockAhead is how far in the future a date may lie before a clock is taken to be wrong.
const clockAhead = 5 * time.Minute

// stateAt is the moment as of which the state of a backup is.
func stateAt(m *backup.Manifest) time.Time {
	if m.State.At.IsZero() {
		return m.Ended // a program that did not note it
	}
	return m.State.At
}

// wentOn reports whether the copy that is kept as the state is written has more than a backup. What the backup says of the copy tells that
// without any clock.
func wentOn(m *backup.Manifest, copied string, at time.Time) bool {
	switch name := filepath.Base(copied); {
	case m.State.Copy == "":
		return at.After(stateAt(m))
	case name == m.State.Copy:
		return !at.Equal(m.State.CopyAt)
	default:
		return name > m.State.Copy
	}
}

// doubted says why it can't be told what is the newest in a folder of backups, where only dates tell it and the last one lies in the future: a
// clock was wrong once.
func doubted(from, dir, shipped string, m *backup.Manifest, now time.Time) error {
	ahead := func(at time.Time) bool { return at.After(now.Add(clockAhead)) }
	backups, err := backup.List(from)
	if err != nil {
		return err
	}
	copies, err := state.ShippedAll(shipped)
	if err != nil {
		return fmt.Errorf("look for copies of the state: %w", err)
	}
	if m.State.At.IsZero() && ahead(m.Ended) && len(backups)+len(copies) > 1 {
		return fmt.Errorf("the last backup in %s, %s, says that it was made at %s, which is in the future, so others may be newer: if the clock of this machine is wrong, set it; "+
			"to restore that backup name it, --from %[2]s; for what is there without it move it away and restore again, or restore the copy of the state alone, --from %[4]s", from, dir, m.Ended.Format(time.RFC3339), lastBase(copies, shipped))
	}
	if len(copies) == 0 {
		return nil
	}
	copied, at, err := state.Shipped(shipped)
	if err == nil && ahead(at) && (len(copies) > 1 || m.State.Copy == "") {
		err = fmt.Errorf("the last copy of the state in %s, %s, says that it is as of %s, which is in the future, so what is beside it may be newer: if the clock of this machine is wrong, set it; "+
			"to restore the backup with its own state name it, --from %s; to restore that copy of the state alone, --from %s; move away what is wrong, and restore again", shipped, copied, at.Format(time.RFC3339), dir, lastBase(copies, shipped))
	}
	return err
}

// lastBase is the database of the last copy of the state.
func lastBase(copies []string, shipped string) string {
	if len(copies) == 0 {
		return shipped
	}
	return filepath.Join(copies[len(copies)-1], "base.db")
}

// newer makes a database of the copy that is kept as the state is written, where that is newer than the backup: it is while the server of
// the backup lived on.
func (r *Restored) newer(ctx context.Context, shipped, path string, held *state.Summary) (bool, error) {
	copied, at, err := state.Shipped(shipped)
	if err != nil || copied == "" || !wentOn(r.Manifest, copied, at) {
		return false, err
	}
	if _, at, err = state.RebuildNewest(ctx, shipped, path); err != nil {
		return false, err
	}
	got, err := state.Inspect(ctx, path)
	if err != nil {
		return false, err
	}
	if err := readable(got.Schema); err != nil {
		return false, err
	}
	if got.Identity != held.Identity && held.Identity != "" {
		return false, errors.New("it is of another state than the backup")
	}
	*held, r.StateAt = got, at
	return true, nil
}
