package backup_test

import (
	"errors"
	"testing"

	"burnline/internal/backup"
)

// A server that starts on an empty data folder, because its disk was lost or is not mounted, must not write over what
// it is to be restored from.
func TestAFolderOfBackupsBelongsToOneState(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for range 2 {
		if err := backup.Own(folder, "ours"); err != nil {
			t.Fatal(err)
		}
	}
	if err := backup.Own(folder, "of an empty folder"); !errors.Is(err, backup.ErrOther) {
		t.Errorf("another state may write there: %v", err)
	}
	if err := backup.Own(folder, "ours"); err != nil {
		t.Errorf("a restored state may not: %v", err)
	}
	if err := backup.Own(folder+"/gone", "ours"); err == nil {
		t.Error("a folder that is not there is taken")
	}
}
