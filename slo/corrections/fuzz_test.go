package corrections_test

import (
	"strings"
	"testing"
	"time"

	"burnline/slo/corrections"
)

// Whatever is written, it is refused or it gives intervals in order that are
// as many as a rule may have.
func FuzzCorrection(f *testing.F) {
	for _, rule := range []string{
		"", "FREQ=WEEKLY;BYDAY=SU", "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1", "FREQ=YEARLY;BYWEEKNO=53,1,-1;BYDAY=MO;WKST=SU",
		"FREQ=YEARLY;BYYEARDAY=366,-366", "FREQ=HOURLY;INTERVAL=168;BYMONTH=2", "FREQ=DAILY;BYHOUR=1,2;UNTIL=20270101T000000Z",
		"FREQ=YEARLY;BYDAY=53SU,-53SU", "FREQ=YEARLY;BYMONTH=12;BYDAY=5MO",
	} {
		f.Add(`{"id":"a","kind":"exclusion","slos":["*/*"],"from":"2026-03-01 02:00","to":"2026-03-01 04:00","rrule":"`+rule+
			`","timezone":"America/Santiago","reason":"r","author":"a"}`, rule)
	}
	f.Fuzz(func(t *testing.T, text, rule string) {
		in, err := corrections.Decode(strings.NewReader(text))
		if err != nil {
			return
		}
		in.Rule = rule
		c, err := in.Correction()
		if err != nil {
			if err.Error() == "" {
				t.Error("an error says nothing")
			}
			return
		}
		from := c.From.Add(-time.Hour)
		all := c.Between(from, from.AddDate(1, 0, 0))
		if len(all) > 366*25 {
			t.Fatalf("%d intervals in a year", len(all))
		}
		for i, in := range all {
			if !in.From.Before(in.To) || i > 0 && in.From.Before(all[i-1].From) {
				t.Errorf("interval %d is out of order: %v after %v", i, in, all[max(i, 1)-1])
			}
		}
	})
}
