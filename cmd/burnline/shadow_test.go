package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/alerting"
)

// shown are the rows of the only incident that there is, by state.
func (s *story) shown() map[alerting.RowState]int {
	var answer struct {
		Incidents []struct {
			Deliveries []struct{ State alerting.RowState }
		}
	}
	_ = s.get("/api/v1/incidents", &answer) // the server may be starting
	states := map[alerting.RowState]int{}
	for _, in := range answer.Incidents {
		for _, r := range in.Deliveries {
			states[r.State]++
		}
	}
	return states
}

// What shadow mode showed stays shown when the server is killed, nothing of it is ever sent, and
// going live tells what is open then, once.
func TestShadowModeSendsNothingAlsoAfterAKill(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	config, err := os.ReadFile(filepath.Join(s.dir, "burnline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.server.Kill()
	s.write("burnline.yaml", strings.Replace(string(config), "alerting:\n", "alerting:\n  shadow: true\n", 1))
	s.start()
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.customers.Fail(true)
	s.eventually("the page is shown", func() bool { return s.shown()[alerting.RowShadowed] > 0 })
	for range 2 {
		s.server.Kill()
		s.start()
		s.eventually("it is still shown", func() bool { return s.shown()[alerting.RowShadowed] > 0 && s.counted().Total > 0 })
	}
	if n := len(s.stand.Events()); n != 0 {
		t.Fatalf("%d events were sent in shadow mode", n)
	}
	s.write("burnline.yaml", string(config))
	s.eventually("going live tells it", func() bool { return len(s.stand.Events()) > 0 })
	if text := s.stand.Events()[0].Event.Payload.Summary; !strings.Contains(text, "shadow mode, which is over") {
		t.Errorf("the page says %q", text)
	}
	s.server.Kill()
	s.start()
	s.customers.Fail(false)
	s.eventually("its end is sent", func() bool { open, _ := s.incidents(); return open == 0 })
	keys, ends := map[string]bool{}, 0 // news of the page have its key
	for _, e := range s.stand.Events() {
		keys[e.Event.DedupKey] = true
		if e.Event.EventAction == "resolve" {
			ends++
		}
	}
	if len(keys) != 1 || ends != 1 {
		t.Errorf("%d incidents were told and %d ends, want a page and its end", len(keys), ends)
	}
}
