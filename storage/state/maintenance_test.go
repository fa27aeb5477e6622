package state_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo/corrections"
	"burnline/storage/state"
)

// maintained is a maintenance of two hours with its correction and its silence.
func maintained(t *testing.T, id string) alerting.MaintenanceParts {
	t.Helper()
	c, s := correction(t, "correction-"+id), silenced(t, "silence-"+id, 2*time.Hour)
	c.Schedule, c.Rule = nil, ""
	return alerting.MaintenanceParts{
		Maintenance: alerting.Maintenance{
			ID: id, Title: "A new \x00 database", Reason: "CHG-1", Scope: alerting.Scope{Services: []string{"shop"}}, By: "ada", Created: start,
			From: start, To: start.Add(2 * time.Hour), Planned: start.Add(2 * time.Hour), Correction: c.ID, Silence: s.ID,
		},
		Correction: &c, Silence: &s,
	}
}

// maintain keeps one that is new.
func maintain(t *testing.T, s *state.Spooled, m alerting.MaintenanceParts) error {
	t.Helper()
	return s.EditMaintenance(t.Context(), m.ID, func(old *alerting.MaintenanceParts) (alerting.MaintenanceParts, error) {
		if old != nil {
			t.Errorf("%s is there before: %+v", m.ID, old)
		}
		return m, nil
	})
}

func TestAMaintenanceIsKeptWithItsParts(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s, m := open(), maintained(t, "a")
		if err := maintain(t, s, m); err != nil {
			t.Fatal(err)
		}
		s = open() // as after a restart
		end := start.Add(time.Minute)
		err := s.EditMaintenance(t.Context(), "a", func(old *alerting.MaintenanceParts) (alerting.MaintenanceParts, error) {
			if old == nil || old.Silence == nil || !reflect.DeepEqual(old.Maintenance, m.Maintenance) || !reflect.DeepEqual(old.Correction, m.Correction) || !same([]alerting.Silence{*old.Silence}, []alerting.Silence{*m.Silence}) {
				t.Errorf("it is read as %+v", old)
			}
			next := *old
			next.To, next.StoppedBy = end, "grace"
			next.Correction.To = end
			next.Silence.EndsAt = end
			return next, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := s.Corrections(t.Context()); err != nil || len(all) != 1 || !all[0].To.Equal(end) {
			t.Errorf("the corrections are %+v, %v", all, err)
		}
		if all, err := s.Silences(t.Context(), end); err != nil || len(all) != 0 {
			t.Errorf("the silences are %+v, %v", all, err)
		}
		err = s.EditMaintenance(t.Context(), "a", func(old *alerting.MaintenanceParts) (alerting.MaintenanceParts, error) {
			next := *old
			next.Correction.Removed, next.Correction.RemovedBy, next.Silence = end, "eve", nil
			return next, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := s.RemovedCorrections(t.Context()); err != nil || len(all) != 1 || all[0].RemovedBy != "eve" || !all[0].Removed.Equal(end) {
			t.Errorf("removed are %+v, %v", all, err)
		}
	})
}

func TestMaintenancesAreListedTheLastToBeginFirst(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for i, id := range []string{"b", "c", "a"} {
			m := maintained(t, id)
			m.From = m.From.Add(time.Duration(i%2) * time.Hour)
			m.To = m.To.Add(time.Duration(i) * time.Hour)
			if err := maintain(t, s, m); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name  string
			since time.Time
			want  string
		}{
			{"all", time.Time{}, "cab"}, {"a moment that is the end of one", start.Add(2 * time.Hour), "ca"}, {"after all of them", start.Add(9 * time.Hour), ""},
		} {
			all, err := s.Maintenances(t.Context(), c.since)
			have := ""
			for _, m := range all {
				have += m.ID
			}
			if have != c.want || err != nil {
				t.Errorf("%s: %s, %v; want %s", c.name, have, err, c.want)
			}
		}
	})
}

func TestAMaintenanceIsWholeOrNotAtAll(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		taken := correction(t, "correction-a")
		if err := s.SaveCorrection(t.Context(), taken); err != nil {
			t.Fatal(err)
		}
		if err := maintain(t, s, maintained(t, "a")); !errors.Is(err, corrections.ErrTaken) {
			t.Errorf("the correction's ID is taken: %v", err)
		}
		broken := maintained(t, "b")
		broken.Silence.ID = ""
		if err := maintain(t, s, broken); err == nil {
			t.Error("one whose silence has no ID is kept")
		}
		no := errors.New("no")
		if err := s.EditMaintenance(t.Context(), "c", func(*alerting.MaintenanceParts) (alerting.MaintenanceParts, error) {
			return alerting.MaintenanceParts{}, no
		}); !errors.Is(err, no) {
			t.Errorf("refused: %v", err)
		}
		all, err := s.Maintenances(t.Context(), time.Time{})
		inForce, errC := s.Corrections(t.Context())
		quiet, errS := s.Silences(t.Context(), time.Time{})
		if err := errors.Join(err, errC, errS); err != nil || len(all) != 0 || len(inForce) != 1 || inForce[0].Rule == "" || len(quiet) != 0 {
			t.Errorf("there stay %+v, %+v, %+v, %v", all, inForce, quiet, err)
		}
	})
}
