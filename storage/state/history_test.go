package state_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/corrections"
	"burnline/storage/state"
)

func correction(t *testing.T, id string) slo.Correction {
	t.Helper()
	c := slo.Correction{
		ID: id, Kind: slo.Maintenance, SLOs: []string{"shop/*"}, Teams: []string{"payments"},
		From: start.Truncate(time.Second), To: start.Truncate(time.Second).Add(2 * time.Hour), Rule: "FREQ=WEEKLY", Zone: "UTC", Reason: "a new database", Author: "ada",
		Created: start.Add(-time.Hour),
	}
	if err := corrections.Compile(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACorrectionIsKeptWithWhoRemovedIt(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		for _, id := range []string{"b", "a"} {
			if err := s.SaveCorrection(t.Context(), correction(t, id)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SaveCorrection(t.Context(), correction(t, "a")); !errors.Is(err, corrections.ErrTaken) {
			t.Errorf("an ID that is taken: %v", err)
		}
		if err := s.DeleteCorrection(t.Context(), "b", "grace", start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"b", "never was"} {
			if err := s.DeleteCorrection(t.Context(), id, "eve", start.Add(time.Hour)); !errors.Is(err, corrections.ErrUnknown) {
				t.Errorf("removing %q, which is not in force: %v", id, err)
			}
		}
		if err := s.SaveCorrection(t.Context(), correction(t, "b")); !errors.Is(err, corrections.ErrTaken) {
			t.Errorf("the ID of one that was removed: %v", err)
		}
		s = open() // as after a restart
		a, b := correction(t, "a"), correction(t, "b")
		a.Schedule, b.Schedule = nil, nil
		b.Removed, b.RemovedBy = start.Add(time.Minute), "grace"
		if have, err := s.Corrections(t.Context()); err != nil || !reflect.DeepEqual(have, []slo.Correction{a}) {
			t.Errorf("in force are %+v, %v\nwant %+v", have, err, a)
		}
		if have, err := s.RemovedCorrections(t.Context()); err != nil || !reflect.DeepEqual(have, []slo.Correction{b}) {
			t.Errorf("removed are %+v, %v\nwant %+v", have, err, b)
		}
	})
}

func TestAVersionIsKeptOnceAndNumbered(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		wording := func(id, hash string) slo.Version {
			return slo.Version{SLO: id, Hash: hash, Since: start, Objective: 99.9, Window: "30d", Text: "spec: " + hash,
				Changes: []string{"objective 99.95 became 99.9"}, Lowered: true}
		}
		// Two nodes load the same files at once; then the wording changes and changes back.
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := s.SaveVersions(t.Context(), wording("shop/buy", "one")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, v := range []slo.Version{wording("shop/buy", "two"), wording("shop/buy", "two"), wording("shop/buy", "one"), wording("shop/browse", "x")} {
			if err := s.SaveVersions(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SaveVersions(t.Context(), slo.Version{SLO: "shop/buy"}); err == nil {
			t.Error("a wording without a hash is kept")
		}
		numbered := func(v slo.Version, n int) slo.Version { v.Number = n; return v }
		buy := []slo.Version{numbered(wording("shop/buy", "one"), 1), numbered(wording("shop/buy", "two"), 2), numbered(wording("shop/buy", "one"), 3)}
		browse := numbered(wording("shop/browse", "x"), 1)
		if have, err := s.Versions(t.Context(), "shop/buy"); err != nil || !reflect.DeepEqual(have, buy) {
			t.Errorf("the versions are %+v, %v\nwant %+v", have, err, buy)
		}
		if have, err := s.AllVersions(t.Context()); err != nil || !reflect.DeepEqual(have, append([]slo.Version{browse}, buy...)) {
			t.Errorf("all versions are %+v, %v", have, err)
		}
		if have, err := s.NewestVersions(t.Context()); err != nil || !reflect.DeepEqual(have, []slo.Version{browse, buy[2]}) {
			t.Errorf("the newest versions are %+v, %v", have, err)
		}
	})
}

func TestTheTotalsOfDaysAreKeptByGroup(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		midnight := start.Truncate(24 * time.Hour)
		of := func(id, region string, day int, total float64) slo.DayTotals {
			d := slo.DayTotals{SLO: id, Day: midnight.AddDate(0, 0, day)}
			if region != "" {
				d.Group = slo.NewLabels("region", region)
			}
			d.Total[0], d.Good[0] = total, total-0.5
			d.Total[95], d.Good[95] = 100, 99
			return d
		}
		var many []slo.DayTotals
		for i := range 500 { // more than one statement takes
			many = append(many, of(fmt.Sprintf("shop/%d", i), "", 0, 1))
		}
		saved := append(many, of("shop/buy", "us", 1, 7), of("shop/buy", "eu", 1, 8), of("shop/buy", "eu", 2, 9), of("shop/buy", "eu", 0, 3), of("shop/buy", "eu", 0, 4))
		if err := s.SaveTotals(t.Context(), saved); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveTotals(t.Context(), []slo.DayTotals{of("shop/buy", "us", 1, 11)}); err != nil {
			t.Fatal(err)
		}
		crooked := of("shop/buy", "eu", 0, 1)
		crooked.Day = crooked.Day.Add(time.Hour)
		if err := s.SaveTotals(t.Context(), []slo.DayTotals{crooked}); err == nil {
			t.Error("a day that begins at one o'clock is kept")
		}
		read := func(from, to time.Time) []slo.DayTotals {
			var have []slo.DayTotals
			if err := s.Totals(t.Context(), "shop/buy", from, to, func(d slo.DayTotals) error { have = append(have, d); return nil }); err != nil {
				t.Fatal(err)
			}
			return have
		}
		first, second := of("shop/buy", "eu", 0, 4), of("shop/buy", "eu", 1, 8)
		us, third := of("shop/buy", "us", 1, 11), of("shop/buy", "eu", 2, 9)
		for _, c := range []struct {
			name     string
			from, to time.Duration
			want     []slo.DayTotals
		}{
			{"all", -24 * time.Hour, 240 * time.Hour, []slo.DayTotals{first, second, us, third}},
			{"from a moment within the first day to the end of the second", 23 * time.Hour, 48 * time.Hour, []slo.DayTotals{first, second, us}},
			{"the third alone", 48 * time.Hour, 49 * time.Hour, []slo.DayTotals{third}},
			{"before", -48 * time.Hour, 0, nil},
		} {
			if have := read(midnight.Add(c.from), midnight.Add(c.to)); !reflect.DeepEqual(have, c.want) {
				t.Errorf("%s: %d days\n%+v\nwant %+v", c.name, len(have), have, c.want)
			}
		}
		stop := errors.New("enough")
		if err := s.Totals(t.Context(), "shop/buy", midnight, midnight.AddDate(0, 0, 9), func(slo.DayTotals) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("an error of yield became %v", err)
		}
	})
}
