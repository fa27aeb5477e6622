package routetest

import (
	"bytes"
	"testing"
	"time"

	"burnline/slo"
)

// TestExamplesHold runs the tests that users are shown.
func TestExamplesHold(t *testing.T) {
	t.Parallel()
	f, findings, err := Read("../../examples/alerting/tests.yaml")
	if err != nil || len(findings.Errors()) > 0 {
		t.Fatal(err, findings)
	}
	results, findings, err := Run(t.Context(), &f)
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	if len(results) != len(f.Tests) || len(results) == 0 {
		t.Fatalf("%d of %d tests ran", len(results), len(f.Tests))
	}
	for _, r := range results {
		if len(r.Failures) > 0 {
			t.Errorf("%s fails: %+v", r.Name, r.Failures)
		}
	}
}

func TestATimeOfDayCountsAsAClockOnTheWallDoes(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// In this night the clock goes from 2:00 to 3:00.
	day := time.Date(2026, time.March, 29, 0, 0, 0, 0, berlin)
	for text, want := range map[string]string{
		"01:59":    "2026-03-29T00:59:00Z",
		"03:00":    "2026-03-29T01:00:00Z",
		"10:02:30": "2026-03-29T08:02:30Z",
		"25:30":    "2026-03-29T23:30:00Z",
	} {
		var c Clock
		if err := c.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := c.on(day).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestTheTextsOfARequestLeaveItsKeysAndItsSecretOut(t *testing.T) {
	t.Parallel()
	got := texts([]byte(`{"routing_key":"secret","payload":{"summary":"too hot","n":3,"list":["a",{"k":"b"},null]},"links":[]}`))
	want := []string{"too hot", "a", "b"}
	if len(got) != len(want) {
		t.Fatalf("the texts are %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("the texts are %q, want %q", got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("config: a.yaml\ntests: [{name: a, expect: [{at: '10:02', gets: nothing}]}]\n"))
	f.Add([]byte("alerting: {receivers: [{name: a}]}\ntests:\n  - events: [{at: 10:02, fires: {a: b}}]\n"))
	f.Add([]byte("tests: [{expect: [{at: 25:61, text: {contains: [a], regex: (}}]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.Contains(data, []byte("_file")) || bytes.Contains(data, []byte("config")) {
			return // it would read files of this machine
		}
		_, findings := read(data, "tests.yaml")
		for _, finding := range findings {
			if finding.Level == slo.LevelError && finding.Message == "" {
				t.Errorf("a finding says nothing: %+v", finding)
			}
		}
	})
}
