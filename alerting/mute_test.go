package alerting

import (
	"testing"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/slo"
)

func TestTimeIntervals(t *testing.T) {
	nights := timeinterval.TimeInterval{Times: []timeinterval.TimeRange{{StartMinute: 22 * 60, EndMinute: 24 * 60}, {StartMinute: 0, EndMinute: 6 * 60}}}
	office := timeinterval.TimeInterval{Times: []timeinterval.TimeRange{{StartMinute: 9 * 60, EndMinute: 17 * 60}}}
	c := Config{Intervals: map[string][]timeinterval.TimeInterval{"nights": {nights}, "office": {office}}}
	for _, s := range []struct {
		name  string
		route Route
		hour  int
		by    string
	}{
		{"a route without intervals is never muted", Route{}, 23, ""},
		{"a route is muted in its interval", Route{Mute: []string{"nights"}}, 23, "nights"},
		{"and told outside of it", Route{Mute: []string{"nights"}}, 12, ""},
		{"a route is told in the interval that it is active in", Route{Active: []string{"office"}}, 12, ""},
		{"and muted outside of it", Route{Active: []string{"office"}}, 18, "office"},
		{"one active interval of several is enough", Route{Active: []string{"office", "nights"}}, 23, ""},
		{"muted beats active", Route{Active: []string{"nights"}, Mute: []string{"nights"}}, 23, "nights"},
	} {
		t.Run(s.name, func(t *testing.T) {
			d, quiet := muted(&c, &s.route, clockTime(s.hour, 30))
			if d.By != s.by || quiet != (s.by != "") {
				t.Errorf("muted %v by %q, want %q", quiet, d.By, s.by)
			}
		})
	}
}

func TestAnIntervalWithoutATimeZoneIsInUTCWhereverTheServerStands(t *testing.T) {
	office := timeinterval.TimeInterval{Times: []timeinterval.TimeRange{{StartMinute: 9 * 60, EndMinute: 17 * 60}}}
	c := Config{Intervals: map[string][]timeinterval.TimeInterval{"office": {office}}}
	tokyo := time.FixedZone("JST", 9*60*60)
	if _, quiet := muted(&c, &Route{Mute: []string{"office"}}, clockTime(12, 0).In(tokyo)); !quiet {
		t.Error("noon in UTC is not held by 9 to 17 on a server in Tokyo")
	}
	if _, quiet := muted(&c, &Route{Mute: []string{"office"}}, clockTime(3, 0).In(tokyo)); quiet {
		t.Error("noon in Tokyo is held by 9 to 17, which is in UTC")
	}
}

func TestSilences(t *testing.T) {
	at := clockTime(14, 0)
	shop := when(t, `service="shop"`)
	silence := func(id string, from, to time.Duration, ceiling float64) Silence {
		return Silence{ID: id, Matchers: shop, StartsAt: at.Add(from), EndsAt: at.Add(to), Author: "ada", Reason: "deploy", Ceiling: ceiling}
	}
	for _, c := range []struct {
		name     string
		silences []Silence
		service  string
		burn     float64
		by       string
	}{
		{"no silence", nil, "shop", 0, ""},
		{"a silence that holds", []Silence{silence("s", -time.Hour, time.Hour, 0)}, "shop", 0, "s"},
		{"one of something else", []Silence{silence("s", -time.Hour, time.Hour, 0)}, "bank", 0, ""},
		{"one that has not begun", []Silence{silence("s", time.Minute, time.Hour, 0)}, "shop", 0, ""},
		{"one that ends now", []Silence{silence("s", -time.Hour, 0, 0)}, "shop", 0, ""},
		{"the one that ends last is named", []Silence{silence("s", -time.Hour, time.Hour, 0), silence("u", -time.Hour, 2*time.Hour, 0)}, "shop", 0, "u"},
		{"a burn rate below the ceiling is silenced", []Silence{silence("s", -time.Hour, time.Hour, 50)}, "shop", 49, "s"},
		{"one above it is told", []Silence{silence("s", -time.Hour, time.Hour, 50)}, "shop", 51, ""},
		{"unless another silence has a higher one", []Silence{silence("s", -time.Hour, 2*time.Hour, 50), silence("u", -time.Hour, time.Hour, 0)}, "shop", 51, "u"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(&Config{}, nil)
			w.hush(c.silences)
			d, quiet := w.silenced(slo.NewLabels("service", c.service), c.burn, at)
			if d.By != c.by || quiet != (c.by != "") {
				t.Errorf("silenced %v by %q, want %q", quiet, d.By, c.by)
			}
		})
	}
}
