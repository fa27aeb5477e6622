package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ownerName is the file in a folder of backups that says of which state they are.
const ownerName = "owner"

// ErrOther means that a folder holds the backups of another state than the one that asks.
var ErrOther = errors.New("it holds the backups of another state, and nothing is written there, since that would replace them: " +
	"if the data folder was lost or is not mounted, stop the server and restore from there (burnline restore); " +
	"if this is another server, name a folder of its own in backup.to")

// Own says that a folder has the backups of the state with this identity, where it belongs to nobody yet, and fails with ErrOther
// where it belongs to another one. A restored state has the identity of the one that was lost.
func Own(folder, identity string) error {
	path := filepath.Join(folder, ownerName)
	text, err := os.ReadFile(path) //nolint:gosec // the folder is the configuration's
	have := strings.TrimSpace(string(text))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = own(path, identity, os.O_EXCL)
	case err == nil && !strings.HasPrefix(identity, have):
		err = ErrOther
	case err == nil && have != identity: // a full disk or an end of power cut it: nobody's yet, or ours
		err = own(path, identity, 0)
	}
	if err != nil {
		return fmt.Errorf("see whose the folder of backups %s is: %w", folder, err)
	}
	return nil
}

// own writes the file. It takes no links, which network disks and those of other systems may not have.
func own(path, identity string, flag int) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flag, 0o600) //nolint:gosec // the folder is the configuration's
	if err == nil {
		_, err = f.WriteString(identity + "\n")
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil {
		err = syncPath(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("%w; make room there, give it to this user, or name another folder in backup.to", err)
	}
	return nil
}
