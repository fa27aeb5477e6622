package main

import (
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"burnline/internal/harness/pagerduty"
)

func TestAServiceFailsWhollyFromItsBreakOn(t *testing.T) {
	start := time.Unix(1000, 0)
	s := &service{name: "a", started: start, breaks: start.Add(10 * time.Second), rate: 50}
	for _, c := range []struct {
		at        time.Duration
		good, bad int64
	}{{0, 0, 0}, {10 * time.Second, 500, 0}, {12 * time.Second, 500, 100}} {
		if good, bad := s.counts(start.Add(c.at)); good != c.good || bad != c.bad {
			t.Errorf("after %s: %d good and %d bad, want %d and %d", c.at, good, bad, c.good, c.bad)
		}
	}
	md := pmetric.NewMetrics()
	s.observe(md, start.Add(5*time.Second), start.Add(12*time.Second))
	if n := md.DataPointCount(); n != 3 {
		t.Errorf("%d points, want two of code 200 and one of code 500", n)
	}
}

func TestOnlyTheFirstPageOfAServiceCounts(t *testing.T) {
	p := newPages()
	event := func(severity string, at int64) pagerduty.Accepted {
		return pagerduty.Accepted{At: time.Unix(at, 0), Event: pagerduty.Event{EventAction: "trigger",
			Payload: pagerduty.Payload{Source: "a", Severity: severity}}}
	}
	p.take(event("warning", 1))
	if p.count() != 0 {
		t.Error("a ticket was taken for a page")
	}
	p.take(event("critical", 2))
	p.take(event("critical", 3))
	if at, ok := p.at("a"); !ok || at.Unix() != 2 {
		t.Errorf("got %v %v, want the first page", at, ok)
	}
}

func TestTheReportComparesWithTheFloor(t *testing.T) {
	var b strings.Builder
	if err := report(options{services: 3}, [][]float64{{54.84, 52.84, 56.84}, {53.84}}).Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"| 51.84 ", "| 52.8 54.8 56.8 ", "| +3.0           | +5.0 ", "4 pages", "measured elsewhere"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("no %q in\n%s", part, b.String())
		}
	}
}

func TestWrongArgumentsSayWhatToWrite(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"", "-burnline is required"},
		{"-burnline x -backend y", "write embedded, prometheus or victoria-metrics"},
	} {
		err := run(t.Context(), strings.Fields(c.args), &strings.Builder{}, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: got %v, want %q", c.args, err, c.says)
		}
	}
}
