package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"burnline/slo"
)

// absent stands where a number is not known.
const absent = "–"

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// figure writes x with about three significant digits and no exponent.
func figure(x float64) string {
	switch a := math.Abs(x); {
	case !finite(x):
		return absent
	case a == 0:
		return "0"
	case a >= 100:
		return grouped(x)
	case a >= 10:
		return trimmed(x, 1)
	case a >= 1:
		return trimmed(x, 2)
	case a < 1e-6:
		return "<0.000001"
	}
	return trimmed(x, 2-int(math.Floor(math.Log10(math.Abs(x)))))
}

// trimmed writes x with at most prec decimals and no trailing zeros.
func trimmed(x float64, prec int) string {
	s := strconv.FormatFloat(x, 'f', prec, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// grouped writes a whole number with commas: 1,204,816.
func grouped(x float64) string {
	if !finite(x) {
		return absent
	}
	s := strconv.FormatFloat(math.Abs(math.Round(x)), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if math.Round(x) < 0 {
		s = "−" + s
	}
	return s
}

// percent writes a fraction as percent: 0.0231 is 2.31 %.
func percent(x float64) string {
	if !finite(x) {
		return absent
	}
	if s := figure(x * 100); strings.HasPrefix(s, "-") {
		return "−" + s[1:] + nbsp + "%"
	}
	return figure(x*100) + nbsp + "%"
}

// goodShare writes 1 − the error ratio with enough digits that a ratio above 0
// never reads 100 %.
func goodShare(ratio float64) string {
	prec := 2
	for prec < 7 && ratio > 0 && trimmed((1-ratio)*100, prec) == "100" {
		prec++
	}
	return trimmed((1-ratio)*100, prec) + nbsp + "%"
}

// left writes the rest of a budget; a share so small that it rounds to nothing
// is no longer told to the digit.
func left(x float64) string {
	switch {
	case !finite(x):
		return absent
	case x < -9.99:
		return "−" + grouped(-x*100) + nbsp + "%"
	case x <= -0.0005:
		return "−" + trimmed(-x*100, 1) + nbsp + "%"
	}
	return trimmed(x*100, 1) + nbsp + "%"
}

// burnRate writes a burn rate: 36.2×.
func burnRate(x float64) string {
	switch {
	case !finite(x):
		return absent
	case x > 0 && x < 0.01:
		return "<0.01×"
	case x < 1:
		return trimmed(x, 2) + "×"
	case x < 100:
		return trimmed(x, 1) + "×"
	}
	return grouped(x) + "×"
}

// count writes a number of events, shortened from ten million on.
func count(x float64) string {
	switch a := math.Abs(x); {
	case !finite(x):
		return absent
	case a >= 1e9:
		return trimmed(x/1e9, 2) + nbsp + "G"
	case a >= 1e7:
		return trimmed(x/1e6, 1) + nbsp + "M"
	case a < 10 && math.Round(x) != x:
		return trimmed(x, 1)
	}
	return grouped(x)
}

// bytesize writes a size in binary units.
func bytesize(n int64) string {
	units, x, i := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}, float64(n), 0
	for ; x >= 1024 && i < len(units)-1; i++ {
		x /= 1024
	}
	return figure(x) + nbsp + units[i]
}

// window writes the length of a window as files do: 30d, 1h, 90s.
func window(d time.Duration) string {
	switch {
	case d <= 0:
		return "0s"
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d%time.Second == 0:
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return d.String()
}

// span writes a length of time in its two largest units: 2 h 10 min.
func span(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	part := func(n time.Duration, unit string) string { return fmt.Sprintf("%d%s%s", n, nbsp, unit) }
	two := func(big time.Duration, bigUnit string, small time.Duration, smallUnit string) string {
		s := part(d/big, bigUnit)
		if rest := d % big / small; rest > 0 {
			s += nbsp + part(rest, smallUnit)
		}
		return s
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Millisecond && d > 0:
		return figure(float64(d)/float64(time.Microsecond)) + nbsp + "µs"
	case d < time.Second:
		return figure(float64(d)/float64(time.Millisecond)) + nbsp + "ms"
	case d < 10*time.Second:
		return trimmed(d.Seconds(), 1) + nbsp + "s"
	case d < time.Minute:
		return part(d/time.Second, "s")
	case d < time.Hour:
		return two(time.Minute, "min", time.Second, "s")
	case d < day:
		return two(time.Hour, "h", time.Minute, "min")
	}
	return two(day, "d", time.Hour, "h")
}

// groupText names a group as region=eu, zone=a; the one group of an SLO
// without group_by is "".
func groupText(ls slo.Labels) string {
	parts := make([]string, len(ls))
	for i, l := range ls {
		parts[i] = l.Name + "=" + l.Value
	}
	return strings.Join(parts, ", ")
}

// plural writes n with the word in its number: 1 page, 2 pages.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(float64(n)) + " " + many
}

// windowOf writes an SLO's window as files do: 30d, month Europe/Berlin.
func windowOf(w slo.Window) string {
	if w.Calendar != nil {
		return w.String()
	}
	return window(w.Rolling)
}

// burnWindow names a burn's window: its length, or what a calendar calls it.
func burnWindow(b slo.Burn) string {
	if b.Name != "" && b.Name != slo.FormatDuration(b.Window) {
		return b.Name
	}
	return window(b.Window)
}

// beginning is where the SLO's window that holds the moment begins.
func beginning(w slo.Window, at time.Time) time.Time {
	if w.Calendar == nil {
		return at.Add(-w.Rolling)
	}
	start, _ := w.Bounds(at)
	return start
}
