package alerting_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// disk is an alert of a rule on one host.
func disk(s *story, host string, change ...func(*slo.Alert)) slo.Alert {
	a := slo.Alert{
		Origin: "rules", Labels: slo.NewLabels("alertname", "DiskFull", "host", host, "severity", "critical", "team", "storage"),
		Annotations: map[string]string{"summary": "The disk of " + host + " is full.", "runbook_url": "https://runbooks.example.com/disk"},
		StartsAt:    s.start,
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func ended(at time.Time) func(*slo.Alert) { return func(a *slo.Alert) { a.EndsAt = at } }

// alerts hands alerts to the router.
func (s *story) alerts(alerts ...slo.Alert) {
	s.t.Helper()
	if err := s.router.Alerts(context.Background(), alerts); err != nil {
		s.t.Fatal(err)
	}
}

// open returns the open incidents, oldest first.
func (s *story) open() []slo.Incident {
	s.t.Helper()
	open, err := s.store.OpenIncidents(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return open
}

// again makes a new router on the same store, as a restart does.
func (s *story) again() {
	s.t.Helper()
	s.through(s.store)
}

// through makes a new router that keeps its alerts in a store.
func (s *story) through(store alerting.AlertStore) {
	s.t.Helper()
	var err error
	s.router, err = alerting.NewRouter(alerting.Options{Store: s.store, Alerts: store, Config: oncall(), Now: s.now, Wake: s.deliverer.Wake})
	if err != nil {
		s.t.Fatal(err)
	}
	s.serving.Store(s.router)
}

func TestAnAlertIsToldOnceHoweverOftenItIsSent(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		for range 5 {
			s.alerts(disk(s, "a"), disk(s, "b"))
			s.pass(time.Minute)
		}
		s.again() // the rules begin to fire anew, with another start
		s.alerts(disk(s, "a", func(a *slo.Alert) { a.StartsAt = s.now() }))
		s.pass(time.Minute)
		open := s.open()
		if len(open) != 2 {
			t.Fatalf("%d incidents are open, want one per host", len(open))
		}
		if n := len(s.receiver.lines()); n != 2 {
			t.Errorf("%d messages were sent, want 2: %v", n, s.receiver.lines())
		}
		one := open[0]
		if one.SLO != "alert/DiskFull" || one.Severity != slo.Page || one.Cause != slo.CauseAlert || one.Team != "storage" || one.Origin != "rules" {
			t.Errorf("the incident is %+v", one)
		}
	})
}

func TestAnAlertEndsByBeingResolvedAndIsANewIncidentWhenItFiresAgain(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		s.alerts(disk(s, "a"))
		s.pass(10 * time.Minute)
		key := s.open()[0].Key
		s.alerts(disk(s, "a", ended(s.now())), disk(s, "never", ended(s.now())))
		s.alerts(disk(s, "a", ended(s.now())))
		s.pass(time.Minute)
		if open := s.open(); len(open) != 0 {
			t.Fatalf("still open: %+v", open)
		}
		s.kept(key, "1 trigger delivered 1 202", "2 resolve delivered 1 202")
		s.alerts(disk(s, "a", func(a *slo.Alert) { a.StartsAt = s.now() }))
		s.pass(time.Minute)
		if open := s.open(); len(open) != 1 || open[0].Key == key {
			t.Errorf("the second time it is %+v", open)
		}
	})
}

func TestAfterARestartOnlyEvidenceEndsAnAlert(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		other := disk(s, "c")
		other.Origin = "alertmanager"
		s.alerts(disk(s, "a"), disk(s, "b"), other)
		s.pass(time.Minute)
		s.again()
		s.alerts() // nothing said is nothing known
		if n := len(s.open()); n != 3 {
			t.Fatalf("%d incidents are open, want 3", n)
		}
		err := s.router.EndAbsent(context.Background(), "rules", func(labels slo.Labels) bool {
			return labels.Get("alertname") == "DiskFull" && labels.Get("host") == "a"
		})
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, inc := range s.open() {
			left = append(left, inc.Group.Get("host"))
		}
		slices.Sort(left)
		if strings.Join(left, " ") != "a c" {
			t.Errorf("open: %v, want those of a, which fires, and of c, which another system raised", left)
		}
	})
}

func TestAnAlertIsNotLostToAStoreThatFails(t *testing.T) {
	tell(t, func(s *story) {
		s.run()
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.router.Alerts(gone, []slo.Alert{disk(s, "a")}); err == nil {
			t.Fatal("a cancelled commit passed for a success")
		}
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		if len(s.open()) != 1 || len(s.receiver.lines()) != 1 {
			t.Errorf("open: %v, sent: %v", s.open(), s.receiver.lines())
		}
		if err := s.router.Alerts(context.Background(), []slo.Alert{{}}); err == nil {
			t.Error("an alert without a name was taken")
		}
	})
}

// What a person reads of an alert is its author's words, within bounds.
func TestTextOfAlerts(t *testing.T) {
	at := time.Date(2026, 3, 2, 14, 2, 0, 0, time.UTC)
	tr := slo.Transition{
		Kind: slo.IncidentOpened, At: at.Add(4 * time.Minute),
		Incident: slo.Incident{Key: "k", SLO: "alert/DiskFull", Cause: slo.CauseAlert, Severity: slo.Page, Started: at,
			Group: slo.NewLabels("host", "a", "service", "db", "severity", "page")},
		Alerts: &slo.Alerts{Firing: 1, Listed: []slo.Alert{{Labels: slo.NewLabels("alertname", "DiskFull", "host", "a", "service", "db", "severity", "page"), Annotations: map[string]string{
			"summary": "The disk\nis full.", "description": strings.Repeat("long ", 1000), "runbook_url": "https://r.example.com", "owner": "ops",
		}, GeneratorURL: "javascript:alert(1)"}}},
	}
	options := alerting.TextOptions{ExternalURL: "https://b.example.com"}
	m := alerting.Text(tr, options)
	if m.Summary != "DiskFull: The disk is full." || m.Source != "db" || m.Class != "alert" || m.Component != "DiskFull" {
		t.Errorf("message %+v", m)
	}
	if len(m.Links) != 2 || m.Links[0].Href != "https://b.example.com/incidents/k" || m.Links[1].Href != "https://r.example.com" {
		t.Errorf("links %+v", m.Links)
	}
	for _, d := range m.Details {
		if d.Name == "description" && len([]rune(d.Value)) != 1000 {
			t.Errorf("the description is cut to %d runes", len([]rune(d.Value)))
		}
		if len([]rune(d.Value)) > 1000 {
			t.Errorf("%s has %d runes", d.Name, len(d.Value))
		}
	}
	tr.Kind, tr.Incident.Closed = slo.IncidentClosed, tr.At
	if m := alerting.Text(tr, options); m.Summary != "DiskFull ended after 4 min: The disk is full." {
		t.Errorf("ending %q", m.Summary)
	}
	tr.Alerts, tr.Ending, tr.Reason = nil, slo.EndingRemoved, "nothing raises this alert any more"
	if m := alerting.Text(tr, options); m.Summary != "DiskFull ended after 4 min (nothing raises this alert any more)." {
		t.Errorf("ending %q", m.Summary)
	}
	if title := alerting.Title(nil, tr.Incident); title != "DiskFull" {
		t.Errorf("title %q", title)
	}
}
