package app

import (
	"reflect"
	"testing"

	"burnline/internal/backup"
	"burnline/slo"
	"burnline/slo/corrections"
	"burnline/slo/spec"
)

// A drill counts by what the backup was counted by, whatever the configuration says since: it is read as it was.
func TestABackupKeepsWhatItsBudgetsWereCountedBy(t *testing.T) {
	t.Parallel()
	set, findings, err := spec.Load([]string{"../../examples/slos"})
	if err != nil || len(findings.Errors()) > 0 || len(set.Definitions) < 5 || len(set.Corrections) == 0 {
		t.Fatalf("%d definitions and %d corrections: %v, %v", len(set.Definitions), len(set.Corrections), findings.Errors(), err)
	}
	for i := range set.Corrections {
		if err := corrections.Compile(&set.Corrections[i]); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	by := &countedBy{set.Definitions, set.Corrections}
	if note, err := by.backUp(t.Context(), dir, &backup.Manifest{}); err != nil || note == "" {
		t.Fatal(err)
	}
	got, err := readCountedBy(dir)
	if err != nil {
		t.Fatal(err)
	}
	byUnit := map[slo.CalendarUnit]bool{}
	for i, d := range set.Definitions {
		if c := d.Window.Calendar; c != nil {
			byUnit[c.Unit] = true
			at := c.Anchor.AddDate(60, 5, 11)
			from, to := c.Bounds(at)
			if a, b := got.Definitions[i].Window.Calendar.Bounds(at); !a.Equal(from) || !b.Equal(to) {
				t.Errorf("the window of %s is from %s to %s, want %s to %s", d.ID, a, b, from, to)
			}
			d.Window.Calendar, got.Definitions[i].Window.Calendar = nil, nil
		}
		if !reflect.DeepEqual(got.Definitions[i], d) {
			t.Errorf("%s is\n%+v\nwant\n%+v", d.ID, got.Definitions[i], d)
		}
	}
	if len(byUnit) < 2 || len(got.Corrections) != len(by.Corrections) {
		t.Errorf("there are windows of %v, and %d corrections", byUnit, len(got.Corrections))
	}
}
