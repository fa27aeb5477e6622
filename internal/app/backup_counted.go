package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"burnline/internal/backup"
	"burnline/slo"
	"burnline/slo/corrections"
)

// countedByName is the file of a backup with what its budgets were counted by: its configuration may have changed since, and in
// files that the restored server finds elsewhere.
const countedByName = "definitions.json"

// countedBy is what budgets are counted by.
type countedBy struct {
	Definitions []slo.Definition `json:"definitions"`
	Corrections []slo.Correction `json:"corrections"`
}

// backUp writes what budgets were counted by.
func (j *countedBy) backUp(_ context.Context, dir string, _ *backup.Manifest) (string, error) {
	body, err := json.Marshal(j)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d SLOs, %d corrections", len(j.Definitions), len(j.Corrections)), os.WriteFile(filepath.Join(dir, countedByName), body, 0o600)
}

// readCountedBy reads it of a backup.
func readCountedBy(dir string) (*countedBy, error) {
	body, err := os.ReadFile(filepath.Join(dir, countedByName)) //nolint:gosec // a file of a backup that was verified
	if err != nil {
		return nil, fmt.Errorf("read the definitions of the backup: %w", err)
	}
	var j countedBy
	if err := json.Unmarshal(body, &j); err != nil {
		return nil, fmt.Errorf("read %s of the backup: %w", countedByName, err)
	}
	for i := range j.Definitions {
		c := j.Definitions[i].Window.Calendar
		if c == nil {
			continue
		}
		if j.Definitions[i].Window.Calendar, err = slo.NewCalendar(c.Unit, c.Count, c.Zone, c.Anchor); err != nil {
			return nil, fmt.Errorf("read the window of %s in the backup: %w", j.Definitions[i].ID, err)
		}
	}
	for i := range j.Corrections {
		if err := corrections.Compile(&j.Corrections[i]); err != nil {
			return nil, fmt.Errorf("read the correction %s of the backup: %w", j.Corrections[i].ID, err)
		}
	}
	return &j, nil
}
