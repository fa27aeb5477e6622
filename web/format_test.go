package web

import (
	"math"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/spec"
)

func TestNumbersReadAsAPersonWritesThem(t *testing.T) {
	for _, tc := range []struct{ name, got, want string }{
		{"a small ratio keeps three digits", percent(0.000279), "0.0279 %"},
		{"a whole share has no decimals", percent(1), "100 %"},
		{"zero is zero", percent(0), "0 %"},
		{"a negative zero is zero", left(-1e-9), "0 %"},
		{"not a number is not shown as one", percent(math.NaN()), "–"},
		{"good events never round up to all", goodShare(0.00001), "99.999 %"},
		{"no bad event is all", goodShare(0), "100 %"},
		{"an overspent budget has a minus sign", left(-1.066), "−106.6 %"},
		{"far overspent is rounded", left(-42.7), "−4,270 %"},
		{"a burn below one", burnRate(0.284), "0.28×"},
		{"a burn so small that it would read 0", burnRate(0.001), "<0.01×"},
		{"a burn of a total outage", burnRate(1000), "1,000×"},
		{"events have commas", count(1204816), "1,204,816"},
		{"many events are shortened", count(108864000), "108.9 M"},
		{"fractions of an event are shown", count(2.5), "2.5"},
		{"sizes are binary", bytesize(3 << 30), "3 GiB"},
		{"days", window(30 * 24 * time.Hour), "30d"},
		{"a window of odd length", window(90 * time.Second), "90s"},
		{"hours and minutes", span(130 * time.Minute), "2 h 10 min"},
		{"whole hours have no minutes", span(3 * time.Hour), "3 h"},
		{"days and hours", span(50 * time.Hour), "2 d 2 h"},
		{"microseconds", span(310 * time.Microsecond), "310 µs"},
		{"time does not run backwards", span(-time.Second), "0 ms"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.ReplaceAll(tc.got, nbsp, " "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestLinksComeBackAsTheyWere(t *testing.T) {
	group := slo.NewLabels("path", "/a?b=c&d", "region", "eu,=")
	if got := parseGroup(groupQuery(group)["group"]).String(); got != group.String() {
		t.Errorf("group %s became %s", group, got)
	}
	for _, w := range []time.Duration{time.Second, 90 * time.Second, 6 * time.Hour, 30 * 24 * time.Hour} {
		if got, ok := parseWindow(window(w)); !ok || got != w {
			t.Errorf("window %s became %s", w, got)
		}
	}
}

func TestTheRangeIsReadFromTheURL(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for _, tc := range []struct {
		name, from, to, length string
		usual                  time.Duration
		start, end             time.Time
		fixed                  bool
	}{
		{"nothing is the usual range", "", "", "", 6 * time.Hour, noon.Add(-6 * time.Hour), noon, false},
		{"and the usual range may be short", "", "", "", 10 * time.Minute, noon.Add(-10 * time.Minute), noon, false},
		{"a length ends now", "", "", "3d", month, noon.Add(-72 * time.Hour), noon, false},
		{"from and to stand still", unix(noon.Add(-2 * time.Hour)), unix(noon.Add(-time.Hour)), "", month, noon.Add(-2 * time.Hour), noon.Add(-time.Hour), true},
		{"a length may end in the past", "", unix(noon.Add(-time.Hour)), "2h", month, noon.Add(-3 * time.Hour), noon.Add(-time.Hour), true},
		{"RFC 3339 is read too", "2026-11-22T10:00:00Z", "", "", month, noon.Add(-2 * time.Hour), noon, true},
		{"the future is cut off", unix(noon.Add(-time.Hour)), unix(noon.Add(time.Hour)), "", month, noon.Add(-time.Hour), noon, true},
		{"an end before the start is not used", unix(noon), unix(noon.Add(-time.Hour)), "", 6 * time.Hour, noon.Add(-6 * time.Hour), noon, false},
		{"a length without sense is not used", "", "", "-5h", 6 * time.Hour, noon.Add(-6 * time.Hour), noon, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := parseRange(tc.from, tc.to, tc.length, tc.usual, noon)
			if !got.from.Equal(tc.start) || !got.to.Equal(tc.end) || got.fixed != tc.fixed {
				t.Errorf("got %s – %s, fixed %t; want %s – %s, %t", got.from, got.to, got.fixed, tc.start, tc.end, tc.fixed)
			}
		})
	}
}

func TestTheDefinitionIsWrittenAsFilesWriteIt(t *testing.T) {
	d := newShop(noon).defs[0]
	got, notes := definitionText(d)
	set, findings := spec.Parse("page.yaml", []byte(got))
	if len(findings.Errors()) > 0 || len(notes) > 0 || len(set.Definitions) != 1 {
		t.Fatalf("what the page shows is no file: %v, %v\n%s", findings, notes, got)
	}
	if changes, _ := slo.Changes(d, &set.Definitions[0]); len(changes) > 0 {
		t.Errorf("reading what the page shows gives another SLO: %v\n%s", changes, got)
	}
}

// FuzzLinks feeds what a URL may carry to the readers of groups and ranges.
func FuzzLinks(f *testing.F) {
	f.Add("region=eu", "1763812800", "2026-11-22T12:00:00Z", "6h")
	f.Add("=", "-1", "", "99999999999d")
	f.Fuzz(func(t *testing.T, group, from, to, length string) {
		g := parseGroup([]string{group})
		if back := parseGroup(groupQuery(g)["group"]); back.String() != g.String() {
			t.Errorf("group %q became %q", g, back)
		}
		r := parseRange(from, to, length, 30*day, noon)
		if !r.from.Before(r.to) || r.to.After(noon) {
			t.Errorf("range %s – %s", r.from, r.to)
		}
	})
}
