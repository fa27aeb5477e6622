package slo_test

import (
	"testing"
	"time"

	"burnline/slo"
)

func TestCalendarWindowsFollowTheClockOnTheWall(t *testing.T) {
	for _, test := range []struct {
		what       string
		unit       slo.CalendarUnit
		count      int
		zone       string
		anchor     string
		at         string
		start, end string
	}{
		{"a month of UTC", slo.Month, 1, "", "", "2026-03-14T15:09:26Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"the moment of the boundary ends the old month", slo.Month, 1, "", "", "2026-04-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"February of a leap year", slo.Month, 1, "", "", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"March in Berlin loses an hour", slo.Month, 1, "Europe/Berlin", "", "2026-03-14T12:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"},
		{"October in Berlin gains an hour", slo.Month, 1, "Europe/Berlin", "", "2026-10-14T12:00:00Z", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
		{"a week begins on Monday", slo.Week, 1, "", "", "2026-11-22T07:00:00Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"},
		{"a week that begins on Thursday at six", slo.Week, 1, "America/New_York", "2026-01-01T06:00:00Z", "2026-11-22T07:00:00Z", "2026-11-19T11:00:00Z", "2026-11-26T11:00:00Z"},
		{"two weeks", slo.Week, 2, "", "2026-11-02T00:00:00Z", "2026-11-22T07:00:00Z", "2026-11-16T00:00:00Z", "2026-11-30T00:00:00Z"},
		{"a quarter", slo.Quarter, 1, "", "", "2026-11-22T07:00:00Z", "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"a business year from April", slo.Year, 1, "Asia/Kolkata", "2020-04-01T00:00:00Z", "2026-11-22T07:00:00Z", "2026-03-31T18:30:00Z", "2027-03-31T18:30:00Z"},
		{"months from the 31st end with their last day", slo.Month, 1, "", "2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"},
		{"long before the anchor", slo.Month, 1, "", "2026-01-31T00:00:00Z", "1969-02-01T00:00:00Z", "1969-01-31T00:00:00Z", "1969-02-28T00:00:00Z"},
	} {
		t.Run(test.what, func(t *testing.T) {
			var anchor time.Time
			if test.anchor != "" {
				anchor = moment(t, test.anchor)
			}
			c, err := slo.NewCalendar(test.unit, test.count, test.zone, anchor)
			if err != nil {
				t.Fatal(err)
			}
			start, end := c.Bounds(moment(t, test.at))
			if !start.Equal(moment(t, test.start)) || !end.Equal(moment(t, test.end)) {
				t.Errorf("got %s to %s, want %s to %s", start.UTC(), end.UTC(), test.start, test.end)
			}
			if longest := (slo.Window{Calendar: c}).Longest(); end.Sub(start) > longest {
				t.Errorf("the window lasts %s, longer than Longest says: %s", end.Sub(start), longest)
			}
		})
	}
}

func TestACalendarWindowThatCannotBeIsRefused(t *testing.T) {
	odd := time.Date(2026, 1, 1, 0, 7, 0, 0, time.UTC)
	for what, err := range map[string]error{
		"an unknown unit":        second(slo.NewCalendar("fortnight", 1, "", time.Time{})),
		"an unknown zone":        second(slo.NewCalendar(slo.Month, 1, "Europe/Atlantis", time.Time{})),
		"no unit at all":         second(slo.NewCalendar(slo.Month, 0, "", time.Time{})),
		"a start at seven past":  second(slo.NewCalendar(slo.Month, 1, "", odd)),
		"the host's own clock's": second(slo.NewCalendar(slo.Month, 1, "Local", time.Time{})),
	} {
		if err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

func second(_ *slo.Calendar, err error) error { return err }

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestACalendarWindowNamesItsStartOnlyWhereItIsNotTheNaturalOne(t *testing.T) {
	for _, c := range []struct {
		unit   slo.CalendarUnit
		count  int
		anchor time.Time
		want   string
	}{
		{slo.Month, 1, time.Time{}, "month"},
		{slo.Month, 1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "month"},
		{slo.Month, 1, time.Date(2026, 1, 15, 6, 0, 0, 0, time.UTC), "month from 2026-01-15 06:00"},
		{slo.Week, 1, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), "week"},
		{slo.Week, 1, time.Date(2026, 1, 7, 0, 0, 0, 0, time.UTC), "week from 2026-01-07 00:00"},
		{slo.Quarter, 1, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), "quarter"},
		{slo.Quarter, 1, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), "quarter from 2026-02-01 00:00"},
		{slo.Year, 1, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), "year from 2026-04-01 00:00"},
	} {
		calendar, err := slo.NewCalendar(c.unit, c.count, "", c.anchor)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
