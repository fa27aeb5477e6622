package silences

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"
)

func TestARequestIsRefusedWithEverythingThatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrong func(r *Request)
		// want are the beginnings of the problems, one a line.
		want []string
	}{
		{"nothing", func(*Request) {}, nil},
		{"an end in the last moment that is allowed", func(r *Request) { r.EndsAt = noon.Add(7 * 24 * time.Hour) }, nil},
		{"a week that begins tomorrow", func(r *Request) {
			r.StartsAt, r.EndsAt = noon.Add(24*time.Hour), noon.Add(8*24*time.Hour)
		}, nil},
		{"a start long ago, as of one that is made longer", func(r *Request) { r.StartsAt = noon.Add(-90 * 24 * time.Hour) }, nil},
		{"nobody, for nothing, until ever", func(r *Request) { *r = Request{} }, []string{"matchers: there are none", "reason: it is missing", "author: it is missing", "ends_at: it is missing"}},
		{"a reason of blanks", func(r *Request) { r.Reason = " \n" }, []string{"reason: it is missing"}},
		{"a novel", func(r *Request) { r.Reason = strings.Repeat("x", 1001) }, []string{"reason: 1001 bytes are more than 1000"}},
		{"a name that turns the page around", func(r *Request) { r.Author = "a\u202eda" }, []string{"author: it holds what can't be printed"}},
		{"an end in the past", func(r *Request) { r.EndsAt = noon }, []string{"ends_at: end time can't be in the past"}},
		{"an end before the start", func(r *Request) { r.StartsAt = noon.Add(3 * time.Hour) }, []string{"ends_at: start time must be before end time"}},
		{"a moment longer than allowed", func(r *Request) { r.EndsAt = noon.Add(7*24*time.Hour + 1) }, []string{"ends_at: it lasts longer than 7d; end it by 2026-03-08 12:00 UTC"}},
		{"a ceiling below nothing", func(r *Request) { r.Ceiling = new(float64); *r.Ceiling = -1 }, []string{"ceiling: -1 is no burn rate"}},
		{"a ceiling that is no number", func(r *Request) { r.Ceiling = new(float64); *r.Ceiling = math.NaN() }, []string{"ceiling: NaN is no burn rate"}},
		{"a label without a name", func(r *Request) { r.Matchers = append(r.Matchers, &labels.Matcher{Value: "x"}) }, []string{`matchers: "" is no name`}},
		{"a label that is no text", func(r *Request) {
			r.Matchers = append(r.Matchers, &labels.Matcher{Name: "x", Value: "\xff"})
		}, []string{"matchers: the value for \"x\" is not UTF-8"}},
	} {
		r := request(t, `service="checkout"`)
		c.wrong(&r)
		found := r.check(DefaultLimits(), noon)
		if len(found) != len(c.want) {
			t.Errorf("%s: %v, want %q", c.name, found, c.want)
			continue
		}
		for i, p := range found {
			if !strings.HasPrefix(p.String(), c.want[i]) || p.Instead == "" {
				t.Errorf("%s: %q (instead %q), want %q", c.name, p, p.Instead, c.want[i])
			}
		}
	}
}

func TestMatchersHaveToSelectSomething(t *testing.T) {
	for text, sound := range map[string]bool{
		`service="checkout"`:                        true,
		`alertname=~"Disk.*"`:                       true,
		`alertname=~".*Disk"`:                       true,
		`service=~"a|b"`:                            true,
		`service!="checkout";region="eu"`:           true,
		`service=~".*";region="eu"`:                 true,
		`service=~".*"`:                             false,
		`service=~".+"`:                             false,
		`service=~"(.|\n)+"`:                        false,
		`service=~"^.*$";alertname=~"[\\s\\S]*"`:    false,
		`service=~"a?"`:                             false, // and so every alert without the label
		`service=""`:                                false,
		`service!="checkout"`:                       false,
		`service!~"checkout|cart";region!="eu"`:     false,
		`service!="x";alertname=~".+";region!~"a+"`: false,
	} {
		r := request(t, strings.Split(text, ";")...)
		if found := r.check(DefaultLimits(), noon); (len(found) == 0) != sound {
			t.Errorf("{%s}: %v, want sound %t", text, found, sound)
		}
	}
}

func FuzzParseMatcher(f *testing.F) {
	for _, text := range []string{`service="checkout"`, `a=~"b|c"`, `"é x"!="\n"`, `a!~`, `{a="b"}`, `a=~"("`, "a=b", `a="\xff"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMatcher(text)
		if err != nil {
			return
		}
		r := Request{Matchers: labels.Matchers{m}}
		if found := r.checkForPreview(); len(found) > 0 {
			return
		}
		// What is in force says what it matches, and reads the same again.
		again, err := ParseMatcher(m.String())
		if err != nil || again.Name != m.Name || again.Value != m.Value || again.Type != m.Type {
			t.Errorf("%q is %s, which reads as %v (%v)", text, m, again, err)
		}
		if m.Matches("") {
			t.Errorf("%s is in force and matches what has no such label", m)
		}
	})
}
