package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/alerting/drills"
	"burnline/internal/harness/backends"
	"burnline/internal/harness/pagerduty"
	"burnline/storage/state"
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

	refusal := pagerduty.Fault{Status: 400, Body: `{"status":"invalid event"}`}
	s.stand.Script(refusal, refusal)
	// doctor connects, which this receiver takes well, and drills where it is asked to: only that shows that pages are refused.
	burnline(t, "doctor", "--page", "--server", "http://"+s.web).wants(t, 1, "ok       oncall pagerduty/0: ", "sample accepted ", "the drill failed: answered: oncall refused it: 400 ")
	if _, errs := s.drill(1, "--receiver", "nobody"); !strings.Contains(errs, "there is no such receiver") {
		t.Errorf("of a receiver that is not there it says %q", errs)
	}
}

// A drill that was due while the server was down runs once it is back, again where the server was killed in
// the middle, and one that fails is told.
func TestAScheduledDrillTakesPlaceAndAFailureIsTold(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	config, err := os.ReadFile(filepath.Join(s.dir, "burnline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.server.Kill()
	due := s.dueDrill(time.Now().Add(-time.Minute))
	s.write("burnline.yaml", strings.Replace(string(config), "alerting:\n", "alerting:\n  drill: {every: 1h, receiver: oncall}\n", 1))
	s.start()
	s.eventually("the drill's page is out", func() bool { return len(s.stand.Events()) > 0 })
	s.server.Kill()
	s.start()
	s.eventually("it passes at the second attempt", func() bool {
		d := s.keptDrill(due)
		return d.Result() == "passed" && d.Attempt == 2 && len(d.Steps) == 7
	})
	if open, all := s.incidents(); open != 0 || all != 2 {
		t.Errorf("%d incidents of %d are open, want the ends of two", open, all)
	}

	// Another one fails: the page is refused, and somebody hears of it.
	s.server.Kill()
	due = s.dueDrill(time.Now().Add(-30 * time.Second))
	s.stand.Script(pagerduty.Fault{Status: 400, Body: `{"status":"invalid event"}`})
	s.start()
	s.eventually("the failure is told", func() bool {
		last := s.stand.Events()[len(s.stand.Events())-1].Event
		return strings.Contains(last.Payload.Summary, "failed: answered: oncall refused it: 400") && last.Payload.Severity != "critical"
	})
	if d := s.keptDrill(due); d.Result() != "failed" {
		t.Errorf("kept of it is %+v", d)
	}
	if out, errs := s.drill(0, "--receiver", "oncall"); !strings.Contains(out, "the drill passed") {
		t.Errorf("the drill by hand says\n%s%s", out, errs)
	}
	s.eventually("nothing is open any more", func() bool { open, _ := s.incidents(); return open == 0 })
}

// What is counted in another program's store comes back from it, and so does a drill.
func TestADrillPassesOnOtherMetricStores(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(context.Context, string) (*backends.Backend, error){
		"Prometheus": backends.Prometheus, "VictoriaMetrics": backends.VictoriaMetrics,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backend := backends.Run(t, start)
			s := newStory(t, nil, fmt.Sprintf("metrics: {remote: {write_url: %q, query_url: %q}}", backend.WriteURL, backend.QueryURL))
			out, errs := s.drill(0, "--receiver", "oncall")
			if !strings.Contains(out, "the drill passed") {
				t.Errorf("it says\n%s%s", out, errs)
			}
			if events := s.stand.Events(); len(events) != 2 {
				t.Errorf("PagerDuty got %d events, want a trigger and a resolve", len(events))
			}
		})
	}
}

// dueDrill plans a drill in the state of a server that is down, in the place of that which waits.
func (s *story) dueDrill(due time.Time) string {
	s.t.Helper()
	store, err := state.Open(s.t.Context(), state.Options{Dir: filepath.Join(s.dir, "data")})
	if err != nil {
		s.t.Fatal(err)
	}
	d := drills.Drill{ID: "every 1h at " + due.String(), Schedule: "every 1h", Due: due}
	err = errors.Join(store.PlanDrill(s.t.Context(), drills.Drill{}, time.Now()), store.PlanDrill(s.t.Context(), d, time.Now()), store.Close())
	if err != nil {
		s.t.Fatal(err)
	}
	return d.ID
}

// keptDrill is a drill as the API lists it.
func (s *story) keptDrill(id string) drills.Drill {
	var answer struct{ Drills []drills.Drill }
	_ = s.get("/api/v1/drills", &answer) // the server may be starting
	for _, d := range answer.Drills {
		if d.ID == id {
			return d
		}
	}
	return drills.Drill{}
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
