package corrections_test

import (
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/corrections"
)

// input is a correction with which nothing is wrong; change alters it.
func input(change func(*corrections.Input)) corrections.Input {
	in := corrections.Input{
		ID: "deploy", Kind: slo.Maintenance, Services: []string{"checkout"},
		From: "2026-03-01T02:00:00Z", To: "2026-03-01T04:00:00Z", Reason: "new database", Author: "ada",
	}
	change(&in)
	return in
}

func TestASlipIsNamedTogetherWithWhatToWrite(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*corrections.Input)
		want   string
	}{
		{"an ID with a slash", func(in *corrections.Input) { in.ID = "a/b" }, `id: "a/b" is no ID; write letters`},
		{"no kind", func(in *corrections.Input) { in.Kind = "" }, `kind: unknown kind ""; write maintenance`},
		{"nobody concerned", func(in *corrections.Input) { in.Services = nil }, `slos: it concerns nothing; write at least one of slos, services, teams and journeys`},
		{"an empty pattern", func(in *corrections.Input) { in.Teams = []string{""} }, `teams: a pattern is empty`},
		{"a pattern that doesn't close", func(in *corrections.Input) { in.SLOs = []string{"shop/[a"} }, `slos: "shop/[a" is no pattern`},
		{"no reason", func(in *corrections.Input) { in.Reason = " " }, `reason: it is missing`},
		{"no author", func(in *corrections.Input) { in.Author = "" }, `author: it is missing`},
		{"signs for a terminal", func(in *corrections.Input) { in.Reason = "x\x1b[2J" }, `reason: it holds what can't be printed`},
		{"text that is shown backwards", func(in *corrections.Input) { in.Author = "\u202eada" }, `author: it holds what can't be printed`},
		{"no beginning", func(in *corrections.Input) { in.From = "" }, `from: it is missing`},
		{"a beginning that is no moment", func(in *corrections.Input) { in.From = "tomorrow" }, `from: "tomorrow" is no moment`},
		{"a year with two digits", func(in *corrections.Input) { in.From = "0026-03-01T02:00:00Z" }, `from: the year 26 is out of range`},
		{"an end before the beginning", func(in *corrections.Input) { in.To = "2026-03-01T01:00:00Z" }, `to: it ends at 2026-03-01T01:00:00Z, not after it begins`},
		{"an unknown zone", func(in *corrections.Input) { in.Zone = "Mars/Olympus" }, `timezone: unknown time zone "Mars/Olympus"`},
		{"the zone of the machine", func(in *corrections.Input) { in.Zone = "Local" }, `timezone: unknown time zone "Local"`},
		{"no rule", func(in *corrections.Input) { in.Rule = "every Sunday" }, `rrule: "EVERY SUNDAY" is no part of a rule; write an RRULE of RFC 5545`},
		{"no frequency", func(in *corrections.Input) { in.Rule = "BYDAY=SU" }, `rrule: FREQ is missing`},
		{"every second", func(in *corrections.Input) { in.Rule = "FREQ=SECONDLY" }, `rrule: a correction recurs every hour at most, not FREQ=SECONDLY`},
		{"every minute by a list", func(in *corrections.Input) { in.Rule = "FREQ=HOURLY;BYMINUTE=0,1,2" }, `rrule: a correction recurs every hour at most, not at several times of one`},
		{"a part twice", func(in *corrections.Input) { in.Rule = "FREQ=WEEKLY;BYDAY=SU;BYDAY=MO" }, `rrule: BYDAY stands twice`},
		{"a part that isn't of RFC 5545", func(in *corrections.Input) { in.Rule = "FREQ=YEARLY;BYEASTER=900" }, `rrule: the part BYEASTER is unknown`},
		{"a start of its own", func(in *corrections.Input) { in.Rule = "DTSTART=20260301T020000Z;FREQ=WEEKLY" }, `rrule: DTSTART stands in from`},
		{"two ends", func(in *corrections.Input) { in.Rule = "FREQ=WEEKLY;COUNT=2;UNTIL=20270101" }, `rrule: COUNT and UNTIL both end the rule`},
		{"an end that is no moment", func(in *corrections.Input) { in.Rule = "FREQ=WEEKLY;UNTIL=2027" }, `rrule: UNTIL=2027 is no moment`},
		{"the 53rd Monday of a month", func(in *corrections.Input) { in.Rule = "FREQ=MONTHLY;BYDAY=53MO" }, `rrule: BYDAY=53MO has no meaning with FREQ=MONTHLY`},
		{"hours of an hourly rule", func(in *corrections.Input) { in.Rule = "FREQ=HOURLY;INTERVAL=2;BYHOUR=1" }, `rrule: BYHOUR has no meaning with FREQ=HOURLY`},
		{"30 February", func(in *corrections.Input) { in.Rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }, `rrule: it never recurs`},
		{"a week day that never comes", func(in *corrections.Input) { in.Rule = "FREQ=HOURLY;INTERVAL=168;BYDAY=MO" }, `rrule: it never recurs`},
		{"a beginning that the rule doesn't hit", func(in *corrections.Input) { in.Rule = "FREQ=WEEKLY;BYDAY=MO" }, `from: Sun 2026-03-01 02:00 is not a moment of the rule; the first is Mon 2026-03-02 02:00`},
		{"from and to that bound the whole time", func(in *corrections.Input) { in.To, in.Rule = "2027-03-01", "FREQ=WEEKLY" }, `to: each interval lasts 364d22h, longer than until the next one`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := input(c.change).Correction()
			if err == nil {
				t.Fatal("it is accepted")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestAllSlipsAreNamedAtOnce(t *testing.T) {
	_, err := corrections.Input{From: "2026-03-02", To: "2026-03-01", Rule: "FREQ=SOMETIMES;BYFOO=1"}.Correction()
	for _, field := range []string{"id: ", "kind: ", "slos: ", "reason: ", "author: ", "to: "} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+field) {
			t.Errorf("%q is not said: %v", field, err)
		}
	}
}

func TestAMomentThatIsThereIsNotCalledMissing(t *testing.T) {
	_, err := corrections.Input{From: "2026-02-30 02:00", To: "2026-01-01", Zone: "Berlin"}.Correction()
	if err == nil || strings.Contains(err.Error(), "from: it is missing") || strings.Contains(err.Error(), "to: ") ||
		!strings.Contains(err.Error(), `from: "2026-02-30 02:00" is no moment`) || !strings.Contains(err.Error(), "timezone: ") {
		t.Errorf("error = %v, want one on from and one on timezone", err)
	}
}

func TestARuleRecursOnTheClockOnTheWall(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*corrections.Input)
		from, to string
		want     []string
	}{
		{"a Sunday night before, at and after the clock is set forward",
			func(in *corrections.Input) {
				in.From, in.To, in.Zone, in.Rule = "2026-03-22 01:00", "2026-03-22 04:00", "Europe/Berlin", "FREQ=WEEKLY;BYDAY=SU"
			}, "2026-03-20", "2026-04-06", []string{
				"2026-03-22T01:00:00+01:00/2026-03-22T04:00:00+01:00",
				"2026-03-29T01:00:00+01:00/2026-03-29T04:00:00+02:00",
				"2026-04-05T01:00:00+02:00/2026-04-05T04:00:00+02:00"}},
		{"the hour that is skipped begins what was to begin in it",
			func(in *corrections.Input) {
				in.From, in.To, in.Zone, in.Rule = "2026-03-28 02:30", "2026-03-28 03:15", "Europe/Berlin", "FREQ=DAILY"
			}, "2026-03-28", "2026-03-31", []string{
				"2026-03-28T02:30:00+01:00/2026-03-28T03:15:00+01:00",
				"2026-03-29T03:00:00+02:00/2026-03-29T03:15:00+02:00",
				"2026-03-30T02:30:00+02:00/2026-03-30T03:15:00+02:00"}},
		{"what lies in the skipped hour alone falls out",
			func(in *corrections.Input) {
				in.From, in.To, in.Zone, in.Rule = "2026-03-28 02:10", "2026-03-28 02:50", "Europe/Berlin", "FREQ=DAILY"
			}, "2026-03-28", "2026-03-31", []string{
				"2026-03-28T02:10:00+01:00/2026-03-28T02:50:00+01:00",
				"2026-03-30T02:10:00+02:00/2026-03-30T02:50:00+02:00"}},
		{"a time that the clock shows twice is its first showing",
			func(in *corrections.Input) {
				in.From, in.To, in.Zone, in.Rule = "2026-10-24 02:30", "2026-10-24 03:30", "Europe/Berlin", "FREQ=DAILY"
			}, "2026-10-25", "2026-10-26", []string{"2026-10-25T02:30:00+02:00/2026-10-25T03:30:00+01:00"}},
		{"the last Friday of every month",
			func(in *corrections.Input) {
				in.From, in.To, in.Rule = "2026-01-30 22:00", "2026-01-31 02:00", "FREQ=MONTHLY;BYDAY=-1FR"
			}, "2026-02-01", "2026-05-01", []string{
				"2026-02-27T22:00:00Z/2026-02-28T02:00:00Z", "2026-03-27T22:00:00Z/2026-03-28T02:00:00Z", "2026-04-24T22:00:00Z/2026-04-25T02:00:00Z"}},
		{"the 31st skips months without one",
			func(in *corrections.Input) {
				in.From, in.To, in.Rule = "2026-01-31", "2026-02-01", "RRULE:FREQ=MONTHLY"
			},
			"2026-01-01", "2026-06-01", []string{
				"2026-01-31T00:00:00Z/2026-02-01T00:00:00Z", "2026-03-31T00:00:00Z/2026-04-01T00:00:00Z", "2026-05-31T00:00:00Z/2026-06-01T00:00:00Z"}},
		{"29 February comes in leap years",
			func(in *corrections.Input) { in.From, in.To, in.Rule = "2024-02-29", "2024-03-01", "FREQ=YEARLY" },
			"2024-03-01", "2029-01-01", []string{"2028-02-29T00:00:00Z/2028-03-01T00:00:00Z"}},
		{"a day as the end is meant whole",
			func(in *corrections.Input) {
				in.From, in.To, in.Rule = "2026-03-01 22:00", "2026-03-01 23:00", "FREQ=DAILY;UNTIL=20260302"
			}, "2026-01-01", "2027-01-01", []string{
				"2026-03-01T22:00:00Z/2026-03-01T23:00:00Z", "2026-03-02T22:00:00Z/2026-03-02T23:00:00Z"}},
		{"a number of times ends it",
			func(in *corrections.Input) { in.Rule = "freq=daily;count=2" },
			"2026-01-01", "2027-01-01", []string{"2026-03-01T02:00:00Z/2026-03-01T04:00:00Z", "2026-03-02T02:00:00Z/2026-03-02T04:00:00Z"}},
		{"bounds are (from, to]: what only touches them is out",
			func(in *corrections.Input) { in.Rule = "FREQ=DAILY" },
			"2026-03-02T04:00:00Z", "2026-03-03T02:00:00Z", nil},
		{"what began before and lasts is in",
			func(in *corrections.Input) { in.Rule = "FREQ=DAILY" },
			"2026-03-02T03:59:59Z", "2026-03-02T03:59:59.5Z", []string{"2026-03-02T02:00:00Z/2026-03-02T04:00:00Z"}},
		{"a one-off in a zone",
			func(in *corrections.Input) {
				in.From, in.To, in.Zone = "2026-03-29 01:00", "2026-03-29 04:00", "Europe/Berlin"
			}, "2026-01-01", "2027-01-01", []string{"2026-03-29T01:00:00+01:00/2026-03-29T04:00:00+02:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			one, err := input(c.change).Correction()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for range 2 { // what is asked again is answered again
				got = nil
				for _, in := range one.Between(moment(t, c.from), moment(t, c.to)) {
					got = append(got, in.From.Format(time.RFC3339)+"/"+in.To.Format(time.RFC3339))
				}
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := corrections.Moment(text, "")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAnUnknownFieldIsRefused(t *testing.T) {
	for _, text := range []string{`{"id": "a", "autor": "ada"}`, `{} {}`, `[]`, ``} {
		if in, err := corrections.Decode(strings.NewReader(text)); err == nil {
			t.Errorf("%s: read %+v", text, in)
		}
	}
}
