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
	have, err := os.ReadFile(path) //nolint:gosec // the folder is the configuration's
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = own(path, identity)
	case err == nil && strings.TrimSpace(string(have)) != identity:
		err = ErrOther
	}
	if err != nil {
		return fmt.Errorf("see whose the folder of backups %s is: %w", folder, err)
	}
	return nil
}

// own writes the file as a whole, and never over one that is there.
func own(path, identity string) error {
	whole := path + ".unfinished"
	if err := os.WriteFile(whole, []byte(identity+"\n"), 0o600); err != nil {
		return err
	}
	return errors.Join(syncPath(whole), os.Link(whole, path), os.Remove(whole), syncPath(filepath.Dir(path)))
}
