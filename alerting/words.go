package alerting

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Count writes a number of events with thousands separated: 4,816.
func Count(n float64) string {
	rounded := math.Round(n)
	if rounded == 0 && n > 0 {
		rounded = 1 // a fraction of an event is not none
	}
	digits := strconv.FormatFloat(math.Abs(rounded), 'f', 0, 64)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if rounded < 0 {
		return "-" + b.String()
	}
	return b.String()
}

// Percent writes a fraction as a percentage, as exactly as helps: 62 %, 2.3 %,
// 0.04 %. What is not quite all or nothing is never written as 100 % or 0 %.
func Percent(f float64) string {
	p := f * 100
	switch a := math.Abs(p); {
	case a == 0 || a == 100:
		return fmt.Sprintf("%.0f %%", p)
	case a > 99 && a < 100:
		return strconv.FormatFloat(math.Floor(p*10)/10, 'f', -1, 64) + " %"
	case a >= 10:
		return fmt.Sprintf("%.0f %%", p)
	case a >= 1:
		return strconv.FormatFloat(math.Round(p*10)/10, 'f', -1, 64) + " %"
	}
	return strconv.FormatFloat(signif(p, 2), 'f', -1, 64) + " %"
}

// signif rounds to the given number of significant digits.
func signif(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}

// Duration writes a duration in its two largest units: 2 h 10 min, 45 s, 3 d 4 h.
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute-500*time.Millisecond:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < time.Hour-30*time.Second:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 24*time.Hour-30*time.Second:
		return two(int(d.Round(time.Minute).Minutes()), 60, "h", "min")
	}
	return two(int(d.Round(time.Hour).Hours()), 24, "d", "h")
}

// two writes n small units as large and small ones; a zero is left out.
func two(n, per int, large, small string) string {
	if n%per == 0 {
		return fmt.Sprintf("%d %s", n/per, large)
	}
	return fmt.Sprintf("%d %s %d %s", n/per, large, n%per, small)
}

// Threshold writes a latency threshold: 300 ms, 1.5 s, 2 min.
func Threshold(d time.Duration) string {
	number := func(unit time.Duration) string {
		return strconv.FormatFloat(signif(float64(d)/float64(unit), 4), 'f', -1, 64)
	}
	switch {
	case d < time.Millisecond:
		return number(time.Microsecond) + " µs"
	case d < time.Second:
		return number(time.Millisecond) + " ms"
	case d < time.Minute:
		return number(time.Second) + " s"
	case d < time.Hour:
		return number(time.Minute) + " min"
	}
	return number(time.Hour) + " h"
}

// Ordinal writes a place in a row: second, third, 11th, 22nd.
func Ordinal(n int) string {
	words := []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n >= 1 && n <= len(words) {
		return words[n-1]
	}
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// list writes items as a person would: a, b and c; after the fourth it counts.
func list(items []string) string {
	const most = 4
	switch n := len(items); {
	case n == 0:
		return ""
	case n == 1:
		return items[0]
	case n <= most:
		return strings.Join(items[:n-1], ", ") + " and " + items[n-1]
	default:
		return strings.Join(items[:most-1], ", ") + " and " + strconv.Itoa(n-most+1) + " more"
	}
}

// inline puts a name or value into a sentence: on one line, and no longer than
// leaves room for the sentence in a message of a thousand characters.
func inline(s string) string {
	const most = 60
	s = oneLine(s)
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// oneLine puts text on one line. What can't be printed becomes a space: some receivers and
// databases refuse messages that hold it.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// clock writes a time of day, with the day when it is not that of now.
func clock(t, now time.Time, o TextOptions) string {
	t, now = local(t, o), local(now, o)
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04 MST")
	}
	return t.Format("15:04 MST on 2 January")
}

// span writes from when to when, on one day or across days.
func span(from, to time.Time, o TextOptions) string {
	from, to = local(from, o), local(to, o)
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		if from.Format("15:04") == to.Format("15:04") {
			return "at " + to.Format("15:04 MST")
		}
		return "from " + from.Format("15:04") + " to " + to.Format("15:04 MST")
	}
	return "from " + from.Format("15:04 on 2 January") + " to " + to.Format("15:04 MST on 2 January")
}

// local returns the time in the messages' zone.
func local(t time.Time, o TextOptions) time.Time {
	if o.Location == nil {
		return t.UTC()
	}
	return t.In(o.Location)
}
