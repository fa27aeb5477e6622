package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// A drill takes the way of every page, says how long each step took, and leaves nothing behind.
func TestADrillGoesTheWholeWayAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	out, errs := s.drill(0, "--receiver", "oncall")
	for _, want := range []string{"sample accepted ", "counted ", "page opened and committed ", "sent ", "to oncall (pagerduty/0)", "answered ", "recovered ", "end answered ", "the drill passed"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s%s", want, out, errs)
		}
	}
	events := s.stand.Events()
	if len(events) != 2 {
		t.Fatalf("PagerDuty got %d events, want a trigger and a resolve", len(events))
	}
	if text := events[0].Event.Payload.Summary; !strings.HasPrefix(text, "DRILL, nothing real fails: ") {
		t.Errorf("the page says %q", text)
	}
	var fleet json.RawMessage
	if err := s.get("/api/v1/slos", &fleet); err != nil || strings.Contains(string(fleet), "burnline/drill") {
		t.Errorf("the fleet holds %s (%v)", fleet, err)
	}
	var recorded struct{ Data struct{ Result []any } }
	query := url.QueryEscape(`count({__name__=~"slo_.+",slo=~"burnline/drill.+"})`)
	if err := s.get("/prometheus/api/v1/query?query="+query, &recorded); err != nil || len(recorded.Data.Result) != 0 {
		t.Errorf("the drill was recorded: %v (%v)", recorded, err)
	}

	s.stand.Script(pagerduty.Fault{Status: 400, Body: `{"status":"invalid event"}`})
	if _, errs := s.drill(1); !strings.Contains(errs, "the drill failed: answered: oncall refused it: 400 ") {
		t.Errorf("of a page that is refused it says %q", errs)
	}
	if _, errs := s.drill(1, "--receiver", "nobody"); !strings.Contains(errs, "there is no such receiver") {
		t.Errorf("of a receiver that is not there it says %q", errs)
	}
}

// drill runs burnline drill against the story's server.
func (s *story) drill(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"drill", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}
