package backup_test

import (
	"errors"
	"strings"
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

// What a full disk left of the file, or an end of power, belongs to nobody; and nothing of it needs a link, which SMB and exFAT don't have.
func TestAFileOfTheOwnerThatWasCutIsWrittenAnew(t *testing.T) {
	t.Parallel()
	for _, left := range []string{"", "\n", "ou"} {
		folder := t.TempDir()
		write(t, folder, map[string]string{"owner": left})
		if err := backup.Own(folder, "ours"); err != nil {
			t.Errorf("%q: %v", left, err)
		}
		if got := read(t, folder); len(got) != 1 || got["owner"] != "ours\n" {
			t.Errorf("%q: there is %q", left, got)
		}
		if err := backup.Own(folder, "theirs"); !errors.Is(err, backup.ErrOther) {
			t.Errorf("%q: another state may write there: %v", left, err)
		}
	}
	err := backup.Own(t.TempDir()+"/gone", "ours")
	if err == nil || !strings.Contains(err.Error(), "name another folder in backup.to") {
		t.Errorf("what can be done is not said: %v", err)
	}
}
