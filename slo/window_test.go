package slo_test

import (
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

const day = 24 * time.Hour

func TestStep(t *testing.T) {
	for _, test := range []struct{ window, want time.Duration }{
		{time.Minute, time.Second},
		{5 * time.Minute, time.Second},
		{5*time.Minute + 1, 5 * time.Second},
		{time.Hour, 5 * time.Second},
		{6 * time.Hour, time.Minute},
		{day, 5 * time.Minute},
		{3 * day, 5 * time.Minute},
		{30 * day, time.Hour},
	} {
		if got := slo.Step(test.window); got != test.want {
			t.Errorf("Step(%s) = %s, want %s", test.window, got, test.want)
		}
	}
}

func TestStartIsRoundedDownToTheStep(t *testing.T) {
	at := time.Date(2026, 3, 14, 15, 9, 26, 535e6, time.UTC)
	for window, want := range map[time.Duration]string{
		5 * time.Minute:  "2026-03-14T15:04:26Z",
		time.Hour:        "2026-03-14T14:09:25Z",
		6 * time.Hour:    "2026-03-14T09:09:00Z",
		3 * day:          "2026-03-11T15:05:00Z",
		30 * day:         "2026-02-12T15:00:00Z",
		20*365*day + day: "2006-03-18T15:00:00Z",
	} {
		got := slo.Start(at, window)
		if s := got.Format(time.RFC3339Nano); s != want {
			t.Errorf("Start(%s) = %s, want %s", window, s, want)
		}
		if rest := got.UnixMilli() % slo.Step(window).Milliseconds(); rest != 0 {
			t.Errorf("Start(%s) is %d ms off the step", window, rest)
		}
	}
}

func TestWindowsAreDistinctAndAscending(t *testing.T) {
	d := slo.Definition{Window: slo.Window{Rolling: 30 * day}, Policies: slo.DefaultPolicies(30 * day)}
	want := []time.Duration{
		5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, day, 3 * day, 30 * day,
	}
	if got := d.Windows(); !slices.Equal(got, want) {
		t.Errorf("Windows() = %v, want %v", got, want)
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 5 * time.Minute: "5m", 90 * time.Minute: "1h30m", 3 * day: "3d", 36 * time.Hour: "1d12h",
		300 * time.Millisecond: "300ms", -time.Hour: "-1h", time.Second + 5: "1s5ns",
	} {
		if got := slo.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%v) = %s, want %s", d, got, want)
		}
	}
}
