package maintenance

import (
	"strings"
	"testing"
	"time"
)

func TestAnInputIsReadOrRefusedAsAWhole(t *testing.T) {
	for _, c := range []struct {
		name, body string
		// from and to are after noon; want is what is wrong.
		from, to time.Duration
		want     string
	}{
		{"a length from now", `{"title": "x", "for": "2h"}`, -1, 2 * time.Hour, ""},
		{"a length from its start", `{"from": "2026-03-01 14:00", "timezone": "Europe/Berlin", "for": "1d"}`, time.Hour, 25 * time.Hour, ""},
		{"an end", `{"to": "2026-03-01T15:00:00Z", "journeys": ["buy"]}`, -1, 3 * time.Hour, ""},
		{"both", `{"to": "2026-03-01T15:00:00Z", "for": "1h"}`, 0, 0, "for: both for and to are given"},
		{"no moment", `{"from": "soon", "to": "later", "for": "long"}`, 0, 0, `from: "soon" is no moment`},
		{"a zone that is none", `{"from": "2026-03-01 14:00", "timezone": "Mars"}`, 0, 0, "unknown time zone"},
		{"two objects", `{} {}`, 0, 0, "there is more than one JSON object"},
		{"a field that doesn't exist", `{"service": "checkout"}`, 0, 0, "unknown field"},
	} {
		in, err := Decode(strings.NewReader(c.body))
		var r Request
		if r = in.Request(noon); err == nil && len(r.Unread) > 0 {
			err = r.Unread
		}
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
			continue
		}
		if err != nil || !r.To.Equal(noon.Add(c.to)) || c.from < 0 != r.From.IsZero() || c.from >= 0 && !r.From.Equal(noon.Add(c.from)) {
			t.Errorf("%s: from %s to %s, %v", c.name, r.From, r.To, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"title": "A new database", "services": ["checkout", "c*"], "for": "2h", "by": "ada", "reason": "CHG-1"}`)
	f.Add(`{"slos": ["*/*"], "journeys": ["[a"], "from": "2026-03-01 02:00", "to": "9999-12-31T23:59:59Z", "timezone": "Europe/Berlin"}`)
	f.Fuzz(func(t *testing.T, body string) {
		in, err := Decode(strings.NewReader(body))
		if err != nil {
			return
		}
		r := in.Request(noon)
		found := r.check(noon)
		c, err := r.correction("x", noon)
		if len(found) == 0 && err == nil && (len(r.silence().Matchers) == 0 || !c.To.After(noon)) {
			t.Errorf("%q has the matchers %s until %s", body, r.silence().Matchers, c.To)
		}
	})
}
