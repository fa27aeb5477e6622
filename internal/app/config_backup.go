package app

import (
	"errors"
	"path/filepath"
	"time"

	"burnline/alerting/drills"
	"burnline/slo"
)

// BackupConfig says where backups are kept, and how often they are made and tried.
type BackupConfig struct {
	// To is a folder on another disk; "" makes no backups by itself. It has to be there.
	To string `yaml:"to"`
	// Every is the distance of backups, Keep how many are kept.
	Every time.Duration `yaml:"every"`
	Keep  int           `yaml:"keep"`
	// Traces are in them too.
	Traces bool `yaml:"traces"`
	// Drill says how often the newest backup is restored apart and compared.
	Drill BackupDrillConfig `yaml:"drill"`
}

// BackupDrillConfig says how often a backup is restored to see whether it can be.
type BackupDrillConfig struct {
	// Every is the distance of drills; 0 is none.
	Every time.Duration `yaml:"every"`
}

// defaultBackup is what holds once there is a folder.
func defaultBackup() BackupConfig {
	return BackupConfig{Every: 24 * time.Hour, Keep: 7, Drill: BackupDrillConfig{Every: 7 * 24 * time.Hour}}
}

// validate returns what is wrong.
func (c BackupConfig) validate(data string) slo.Findings {
	var findings slo.Findings
	if _, err := drills.Every(c.Every); err != nil {
		findings = append(findings, wrong("backup.every", err.Error(), "write at least 1m, such as 1d"))
	}
	if c.Keep < 1 {
		findings = append(findings, wrong("backup.keep", "less than one backup can't be kept", "write at least 1, such as 7"))
	}
	if c.Drill.Every != 0 {
		if _, err := drills.Every(c.Drill.Every); err != nil {
			findings = append(findings, wrong("backup.drill.every", err.Error(), "write at least 1m, such as 7d, or 0s for none"))
		}
	}
	if c.To != "" && liesIn(data, c.To) {
		findings = append(findings, wrong("backup.to", "it lies in the data folder, and would be lost with it", "name a folder on another disk"))
	}
	return findings
}

// liesIn reports whether a path is a folder or lies in it.
func liesIn(dir, path string) bool {
	dir, errDir := filepath.Abs(dir)
	path, errPath := filepath.Abs(path)
	rel, err := filepath.Rel(dir, path)
	return errors.Join(errDir, errPath, err) == nil && filepath.IsLocal(rel)
}

// plan says when backups are due.
func (c BackupConfig) plan() drills.Plan {
	return c.planOf(drills.Every(c.Every))
}

// drillPlan says when drills of restoring are due: not when backups are, since one has to wait for the other.
func (c BackupConfig) drillPlan() drills.Plan {
	if c.Drill.Every == 0 {
		return drills.Plan{}
	}
	return c.planOf(drills.Between(c.Drill.Every, c.Every))
}

func (c BackupConfig) planOf(schedule drills.Schedule, err error) drills.Plan {
	if c.To == "" || err != nil {
		return drills.Plan{} // an error was a finding
	}
	return drills.Plan{Schedule: schedule}
}
