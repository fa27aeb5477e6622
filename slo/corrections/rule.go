package corrections

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"burnline/slo"
)

// parts are the parts of a rule that are read, with the frequencies that each may
// be combined with; nil is any. Combinations that a rarer frequency expresses as well
// are left out, since a daily rule for 30 February would be searched for thousands of years.
func parts() map[string][]string {
	return map[string][]string{
		"FREQ": nil, "INTERVAL": nil, "COUNT": nil, "UNTIL": nil, "WKST": nil, "BYMONTH": nil, "BYDAY": nil,
		"BYSETPOS": {"WEEKLY", "MONTHLY", "YEARLY"}, "BYMONTHDAY": {"MONTHLY", "YEARLY"}, "BYYEARDAY": {"YEARLY"}, "BYWEEKNO": {"YEARLY"},
		"BYHOUR": {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}, "BYMINUTE": nil, "BYSECOND": nil,
	}
}

// frequencies are the values of FREQ that are read.
func frequencies() []string { return []string{"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"} }

// maxInterval bounds INTERVAL.
const maxInterval = 1000

const ruleExample = "write an RRULE of RFC 5545, such as FREQ=WEEKLY;BYDAY=SU"

// recurring reads the rule, and returns when the correction recurs.
func recurring(c *slo.Correction, location *time.Location, found *slo.Problems) slo.Schedule {
	before := len(*found)
	r := &reader{found: found, given: map[string]string{}}
	r.split(c.Rule)
	r.check()
	if len(*found) > before {
		return nil
	}
	option, err := rrule.StrToROption(r.text())
	if err != nil {
		r.wrong(ruleExample, "%v", err)
		return nil
	}
	if c.From.Nanosecond() != 0 || c.To.Nanosecond() != 0 {
		found.Add("from", "write full seconds", "what recurs begins and ends at full seconds")
		return nil
	}
	s := &schedule{in: location, wall: slo.AsWall(c.From.In(location)), until: time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)}
	if s.length = slo.AsWall(c.To.In(location)).Sub(s.wall); s.length <= 0 {
		found.Add("to", "write a moment that isn't next to a change of the clock", "it is not after from on the clock of %s", location)
		return nil
	}
	if until, ok := r.given["UNTIL"]; ok {
		if s.until, err = readUntil(until, location); err != nil {
			r.wrong("write a day such as 20261231, or a moment such as 20261231T235959Z", "UNTIL=%s is no moment", until)
			return nil
		}
	}
	option.Dtstart = s.wall
	// The rule runs on the clock on the wall. Its end is a moment, so here it
	// only has to be late enough.
	option.Until = s.until.Add(48 * time.Hour)
	if option.Wkst.N() != 0 {
		r.wrong("write a day such as WKST=MO", "WKST=%s is no day", r.given["WKST"])
		return nil
	}
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		r.wrong(ruleExample, "%v", err)
		return nil
	}
	s.next = rule.Iterator()
	s.check(c, found)
	return s
}

// readUntil reads UNTIL: a day is meant whole.
func readUntil(text string, location *time.Location) (time.Time, error) {
	if at, err := time.Parse(rrule.DateTimeFormat, text); err == nil {
		return at, nil
	}
	if wall, err := time.Parse(rrule.LocalDateTimeFormat, text); err == nil {
		return slo.OnTheWall(wall, location), nil
	}
	wall, err := time.Parse(rrule.DateFormat, text)
	return slo.OnTheWall(wall.AddDate(0, 0, 1).Add(-time.Nanosecond), location), err
}

// reader takes a rule apart, so that each mistake has a name.
type reader struct {
	found *slo.Problems
	given map[string]string
	order []string
}

func (r *reader) wrong(instead, format string, args ...any) {
	r.found.Add("rrule", instead, format, args...)
}

// split takes the rule's parts apart.
func (r *reader) split(rule string) {
	if len(rule) > slo.MaxText {
		r.wrong("shorten it", "%d bytes are more than %d", len(rule), slo.MaxText)
		return
	}
	rule = strings.TrimSuffix(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(rule)), "RRULE:"), ";")
	for part := range strings.SplitSeq(rule, ";") {
		key, value, ok := strings.Cut(part, "=")
		_, known := parts()[key]
		switch {
		case !ok || value == "":
			r.wrong(ruleExample, "%.100q is no part of a rule", part)
		case key == "DTSTART":
			r.wrong("write from and to", "DTSTART stands in from")
		case !known:
			r.wrong(ruleExample, "the part %.100s is unknown", key)
		case r.given[key] != "":
			r.wrong("write one, with its values separated by commas", "%s stands twice", key)
		default:
			r.given[key] = value
			r.order = append(r.order, key)
		}
	}
}

// text returns the rule without UNTIL, which is read by itself.
func (r *reader) text() string {
	var all []string
	for _, key := range r.order {
		if key != "UNTIL" {
			all = append(all, key+"="+r.given[key])
		}
	}
	return strings.Join(all, ";")
}

// check refuses what has no meaning, what recurs too often, and what would keep the
// expansion busy.
func (r *reader) check() {
	freq := r.given["FREQ"]
	switch {
	case freq == "" && len(*r.found) == 0:
		r.wrong(ruleExample, "FREQ is missing")
	case freq == "SECONDLY" || freq == "MINUTELY":
		r.wrong("write FREQ=HOURLY or a rarer one, or an exclusion for good", "a correction recurs every hour at most, not FREQ=%s", freq)
	case freq != "" && !slices.Contains(frequencies(), freq):
		r.wrong("write HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY", "unknown FREQ=%.100s", freq)
	}
	for _, key := range r.order {
		if with := parts()[key]; with != nil && slices.Contains(frequencies(), freq) && !slices.Contains(with, freq) {
			r.wrong("write it with FREQ="+strings.Join(with, " or "), "%s has no meaning with FREQ=%s", key, freq)
		}
	}
	for _, key := range []string{"BYMINUTE", "BYSECOND"} {
		if strings.Contains(r.given[key], ",") {
			r.wrong("write one", "a correction recurs every hour at most, not at several times of one (%s=%s)", key, r.given[key])
		}
	}
	r.number("INTERVAL", 1, maxInterval)
	r.number("COUNT", 1, 100_000)
	if r.given["COUNT"] != "" && r.given["UNTIL"] != "" {
		r.wrong("write one of them", "COUNT and UNTIL both end the rule")
	}
	r.days(freq)
}

func (r *reader) number(key string, least, most int) {
	if value, ok := r.given[key]; ok {
		if n, err := strconv.Atoi(value); err != nil || n < least || n > most {
			r.wrong("write a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most), "%s=%.100s is out of range", key, value)
		}
	}
}

// days checks BYDAY's numbers: 2MO is the second Monday of a month or year.
func (r *reader) days(freq string) {
	most := 0
	switch {
	case freq == "MONTHLY" || freq == "YEARLY" && r.given["BYMONTH"] != "":
		most = 5
	case freq == "YEARLY" && r.given["BYWEEKNO"] == "":
		most = 53
	}
	value, ok := r.given["BYDAY"]
	if !ok {
		return
	}
	for day := range strings.SplitSeq(value, ",") {
		number := strings.TrimRight(day, "MOTUWEHFRSA")
		if number == "" {
			continue
		}
		if n, err := strconv.Atoi(number); err != nil || n == 0 || n > most || n < -most {
			instead := "write days without numbers, such as BYDAY=MO,FR"
			if most > 0 {
				instead = "write numbers up to " + strconv.Itoa(most) + ", such as BYDAY=1MO or BYDAY=-1FR"
			}
			r.wrong(instead, "BYDAY=%.100s has no meaning with FREQ=%s", day, freq)
		}
	}
}
