package pagerduty_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	standin "burnline/internal/harness/pagerduty"
	"burnline/slo"
)

// deploy is a row that tells of a change.
func deploy(summary string) alerting.Row {
	return alerting.Row{Key: "burnline-changes", Receiver: "oncall", Integration: "pagerduty/0", Action: alerting.ActionChange, Message: alerting.Message{
		Summary: summary, Severity: slo.Ticket, Source: "checkout", Class: alerting.ClassChange, Time: time.Date(2026, time.March, 3, 11, 58, 0, 0, time.UTC),
		Links:   []alerting.Link{{Text: "Change", Href: "https://ci.example.com/42"}},
		Details: []alerting.Detail{{Name: "version", Value: "2.14.0"}, {Name: "region", Value: "eu"}},
	}}
}

func TestAChangeIsAChangeEventAndNoIncident(t *testing.T) {
	s, server := pair(t, standin.Options{})
	if got := send(t, s, deploy(strings.Repeat("é", 2000))); got.Verdict != alerting.VerdictAccepted {
		t.Fatalf("it is answered %+v", got)
	}
	all := server.Changes()
	if len(all) != 1 || len(server.Events()) != 0 {
		t.Fatalf("PagerDuty knows %d changes and %d events", len(all), len(server.Events()))
	}
	c := all[0]
	if n := utf8.RuneCountInString(c.Payload.Summary); n != 1024 || c.Payload.Source != "checkout" || c.Payload.Timestamp != "2026-03-03T11:58:00Z" ||
		string(c.Payload.CustomDetails) != `{"version":"2.14.0","region":"eu"}` || len(c.Links) != 1 || c.Links[0].Href != "https://ci.example.com/42" {
		t.Errorf("it knows of %d runes and %+v", n, c)
	}
	server.Script(standin.Fault{Status: http.StatusTooManyRequests})
	if got := send(t, s, deploy("x")); got.Verdict != alerting.VerdictRetry {
		t.Errorf("held back it is answered %+v", got)
	}
}

func TestWhichIntegrationsTakeChanges(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		key, url string
		said     *bool
		takes    bool
		level    slo.Level
	}{
		"the key of a service":                  {key, pagerduty.DefaultURL, nil, true, ""},
		"one that shall not":                    {key, pagerduty.DefaultURL, &no, false, ""},
		"the key of an orchestration":           {"R" + key[1:], pagerduty.DefaultURL, nil, false, slo.LevelNote},
		"the key of an orchestration that must": {"R" + key[1:], pagerduty.DefaultURL, &yes, false, slo.LevelError},
		"an address of one's own":               {key, "https://proxy.example.com/pd", &yes, false, slo.LevelError},
	} {
		conf := pagerduty.DefaultConfig()
		conf.RoutingKey, conf.URL, conf.ChangeEvents = c.key, c.url, c.said
		s, err := pagerduty.New(conf, pagerduty.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s.TakesChanges() != c.takes {
			t.Errorf("%s: it takes changes: %t", name, s.TakesChanges())
		}
		found := conf.Advice()
		if c.level == "" && len(found) > 0 || c.level != "" && (len(found) != 1 || found[0].Level != c.level || found[0].Path != "change_events") {
			t.Errorf("%s: it is said %v, want a finding of level %q", name, found, c.level)
		}
		if !c.takes && c.said != &no {
			if got := send(t, s, deploy("x")); got.Verdict != alerting.VerdictRefused {
				t.Errorf("%s: a change is answered %+v", name, got)
			}
		}
	}
}
