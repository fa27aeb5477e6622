package app

import (
	"strings"
	"testing"
	"time"

	"burnline/alerting/drills"
	"burnline/web"
)

func TestABackupThatNeverWentWellIsNamedWithItsError(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	x := &examination{health: web.Health{At: at}}
	x.last("backup", "burnline backup makes one now", []drills.Drill{
		{}, {Ended: at.Add(-time.Minute), Error: "open the folder /mnt/backups: no such file or directory"}, {Ended: at.Add(-time.Hour), Error: "an older one"},
	})
	if len(x.found) != 1 || x.found[0].Level != web.DiagnosisWarning ||
		!strings.Contains(x.found[0].Message, "the one of 2026-03-03 13:59 UTC: open the folder /mnt/backups: no such file or directory") {
		t.Errorf("told is %+v", x.found)
	}
}
