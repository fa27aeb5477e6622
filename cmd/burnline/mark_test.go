package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// A deploy that is told reaches PagerDuty by the key of the service's team, as a change and not as an
// incident, also where PagerDuty fails at first; and the page of an outage afterwards names it.
func TestADeployIsToldToPagerDutyAndNamedByThePage(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.stand.Script(pagerduty.Fault{Status: 503})
	for _, args := range [][]string{
		{"--service", "shop", "--version", "2.14.0", "--link", "https://ci.example.com/42", "--label", "region=eu", "shop 2.14.0"},
		{"--service", "blog", "blog 7"}, // nobody's SLO
		{"--kind", "config", "limits of the network"},
	} {
		var out, errs bytes.Buffer
		if code := run(s.soon(), append([]string{"mark", "--server", "http://" + s.web}, args...), strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("burnline mark ends with %d: %s%s", code, &out, &errs)
		}
	}
	s.eventually("PagerDuty knows of the changes", func() bool { return len(s.stand.Changes()) >= 2 })
	all := s.stand.Changes() // what failed at first may come last
	slices.SortFunc(all, func(a, b pagerduty.Change) int { return strings.Compare(b.Payload.Summary, a.Payload.Summary) })
	c := all[0]
	if len(all) != 2 || c.Payload.Summary != "shop 2.14.0 was deployed." || c.Payload.Source != "shop" || c.RoutingKey != routingKey ||
		len(c.Links) != 1 || c.Links[0].Href != "https://ci.example.com/42" || !strings.Contains(string(c.Payload.CustomDetails), `"region":"eu"`) {
		t.Errorf("PagerDuty knows of %+v", all)
	}
	if all[1].Payload.Summary != "The configuration limits of the network was changed." {
		t.Errorf("of what concerns all services it knows %+v", all[1])
	}
	if n := len(s.stand.Events()); n != 0 {
		t.Errorf("%d events were sent of changes", n)
	}
	s.customers.Fail(true)
	s.eventually("a page names the deploy", func() bool {
		for _, e := range s.stand.Events() {
			if strings.Contains(e.Event.Payload.Summary, "shop 2.14.0 was deployed") {
				return true
			}
		}
		return false
	})
}
