package drills

import "time"

// Kind is what is done by a schedule. All kinds are planned, taken by one node, kept and told of alike.
type Kind string

const (
	// Paging lets a synthetic SLI fail and page.
	Paging Kind = ""
	// Backup writes a backup.
	Backup Kind = "backup"
	// Restoring restores the newest backup to a folder apart, and compares it with what was backed up.
	Restoring Kind = "restore"
)

// words are how a kind is told of.
type words struct {
	// alert is the alertname of one that failed or did not take place.
	alert string
	// total, step, passed and next are the names of its metrics.
	total, step, passed, next string
	// one is how it is called, many more of them, and means what follows where none succeeds.
	one, many, means string
	// again is the command that does it by hand.
	again string
	// quiet is true where nobody notices it, so that one that is late is done as soon as it can be.
	quiet bool
	// hold is for how long one under way is its node's without a further step.
	hold time.Duration
}

func (k Kind) words() words {
	switch k {
	case Backup:
		return words{alert: "BurnlineBackupFailed", total: "burnline_backups_total", step: "burnline_backup_step_seconds",
			passed: "burnline_backup_last_passed_timestamp_seconds", next: "burnline_backup_next_timestamp_seconds",
			one: "backup", many: "Backups",
			means: "what happened since the last one is lost with this machine", again: "burnline backup", quiet: true, hold: quietHold}
	case Restoring:
		return words{alert: "BurnlineRestoreDrillFailed", total: "burnline_restore_drills_total", step: "burnline_restore_drill_step_seconds",
			passed: "burnline_restore_drill_last_passed_timestamp_seconds", next: "burnline_restore_drill_next_timestamp_seconds",
			one: "restore drill", many: "Drills of restoring",
			means: "nobody knows whether a backup can be restored", again: "burnline backup drill", quiet: true, hold: quietHold}
	}
	return words{alert: AlertName, total: "burnline_drills_total", step: "burnline_drill_step_seconds",
		passed: "burnline_drill_last_passed_timestamp_seconds", next: "burnline_drill_next_timestamp_seconds",
		one: "drill", many: "Drills", again: "burnline drill", hold: hold}
}

// quietHold is longer than a step of a backup may take.
const quietHold = time.Hour
