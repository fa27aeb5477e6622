package changes

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzDecode(f *testing.F) {
	f.Add(`{"title": "checkout 2.14.0", "service": "checkout", "labels": {"region": "eu"}, "at": "2026-03-01T02:00:00Z"}`)
	f.Add(`{"id": "x y", "kind": "version", "link": "http://%", "labels": {"": ""}}`)
	now := time.Date(2026, time.March, 3, 14, 2, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body string) {
		in, err := Decode(strings.NewReader(body))
		if err != nil {
			return
		}
		c, err := in.change(now)
		if err == nil && (c.Title == "" || c.At.After(now.Add(ahead)) || !utf8.ValidString(c.Title) || len(c.Labels) > MaxLabels) {
			t.Errorf("%q is taken as %+v", body, c)
		}
	})
}
