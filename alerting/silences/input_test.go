package silences

import (
	"errors"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

func TestAnInputIsReadOrRefusedAsAWhole(t *testing.T) {
	for _, c := range []struct {
		name, body string
		// ends is how long after noon it ends, want what is wrong.
		ends time.Duration
		want string
	}{
		{"a length from now", `{"matchers": ["service=\"cart\""], "for": "2h"}`, 2 * time.Hour, ""},
		{"a length from its start", `{"matchers": ["a=b"], "starts_at": "2026-03-01T14:00:00+01:00", "for": "1d"}`, 25 * time.Hour, ""},
		{"an end", `{"matchers": ["a=b", "c!~'d'"], "ends_at": "2026-03-01T15:00:00Z", "ceiling": 0}`, 3 * time.Hour, ""},
		{"both", `{"matchers": ["a=b"], "ends_at": "2026-03-01T15:00:00Z", "for": "1h"}`, 0, "for: both for and ends_at are given"},
		{"nothing that can be read", `{"matchers": ["a=~\"(\"", "b"], "starts_at": "noon", "for": "soon"}`, 0, "matchers: \"a=~\\\"(\\\"\" can't be read"},
		{"two objects", `{} {}`, 0, "there is more than one JSON object"},
		{"a field that doesn't exist", `{"matcher": []}`, 0, "unknown field"},
	} {
		in, err := Decode(strings.NewReader(c.body))
		var r Request
		if err == nil {
			r, err = in.Request(noon)
		}
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
			continue
		}
		if err != nil || !r.EndsAt.Equal(noon.Add(c.ends)) {
			t.Errorf("%s: it ends %s, %v", c.name, r.EndsAt, err)
		}
	}
	in := Input{Matchers: []string{"(", strings.Repeat("x", 2000)}, StartsAt: "x", EndsAt: "y"}
	var found slo.Problems
	if _, err := in.Request(noon); !errors.As(err, &found) || len(found) != 4 {
		t.Errorf("four things are wrong: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"matchers": ["service=\"cart\""], "for": "2h", "author": "ada", "reason": "deploy", "ceiling": 1e400}`)
	f.Add(`{"matchers": ["a=~\"(\""], "starts_at": "noon", "ends_at": "9999-12-31T23:59:59Z"}`)
	f.Fuzz(func(t *testing.T, body string) {
		in, err := Decode(strings.NewReader(body))
		if err != nil {
			return
		}
		r, err := in.Request(noon)
		if err != nil {
			return
		}
		if found := r.check(DefaultLimits(), noon); len(found) == 0 && (r.EndsAt.Sub(noon) > 8*24*time.Hour && !r.StartsAt.After(noon) || len(r.Matchers) == 0) {
			t.Errorf("%q is in force until %s", body, r.EndsAt)
		}
	})
}
