package alerting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

func TestAnEndThatOneOfTwoServersRepeatsEndsTheAlertOnce(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(oncall())
		s.run()
		s.runAlerts()
		s.alerts(api(s, "a"))
		s.pass(time.Minute)
		end := s.now()
		for range 10 { // one server saw the end at once, the other one goes on
			s.alerts(api(s, "a", ended(end)))
			s.pass(30 * time.Second)
			s.alerts(api(s, "a", ended(s.now().Add(4*time.Minute))))
			s.pass(30 * time.Second)
		}
		if got := s.messages(); len(got) != 3 || !strings.HasPrefix(got[2], "1m30s oncall trigger") {
			t.Errorf("told:\n%s", strings.Join(got, "\n"))
		}
		s.alerts(api(s, "a", ended(s.now()))) // and then sees it too
		s.pass(time.Second)
		if n := len(s.open()); n != 0 {
			t.Errorf("%d are open when both saw the end", n)
		}
	})
}

// Each server has an address of its own, which its alerts name.
func TestAnAlertEndsWithTheLastOfTheServersThatTellOfIt(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(oncall())
		s.run()
		s.runAlerts()
		from := func(server string) func(*slo.Alert) {
			return func(a *slo.Alert) { a.GeneratorURL = "http://" + server + ":9090/graph?g0.expr=up" }
		}
		fires := func(server string) { s.alerts(api(s, "a", ended(s.now().Add(4*time.Minute)), from(server))) }
		for range 5 { // the rule flaps for one of them
			fires("prometheus-1")
			fires("prometheus-0")
			s.pass(30 * time.Second)
			s.alerts(api(s, "a", ended(s.now()), from("prometheus-0")))
			s.pass(30 * time.Second)
		}
		end := s.now()
		s.alerts(api(s, "a", ended(end), from("prometheus-0")))
		s.pass(30 * time.Second)
		s.alerts(api(s, "a", ended(s.now()), from("prometheus-1")))
		s.pass(time.Minute)
		if got := s.messages(); len(got) != 2 || !strings.HasPrefix(got[1], "5m30s oncall resolve") {
			t.Errorf("told, want one page and its end:\n%s", strings.Join(got, "\n"))
		}
		fires("prometheus-1")
		fires("prometheus-0")
		for range 6 { // one of them is shut down, and what the other one repeats is the last word
			s.pass(time.Minute)
			s.alerts(api(s, "a", ended(end.Add(2*time.Minute)), from("prometheus-0")))
		}
		if open, got := s.open(), s.messages(); len(open) != 0 || len(got) != 4 || !strings.HasPrefix(got[3], "10m30s oncall resolve") {
			t.Errorf("%d are open; told:\n%s", len(open), strings.Join(got, "\n"))
		}
	})
}

func TestAReloadTellsNobodyOfAGroupThatIsAllQuiet(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.receiver.answers(refuse("400"))
		s.run()
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.router.SetSilences([]alerting.Silence{{ID: "s1", Matchers: matchers("alertname=DiskFull"), StartsAt: s.now(), EndsAt: s.now().Add(time.Hour), Author: "ana", Reason: "new disks"}})
		s.pass(time.Minute)
		c := byName()
		c.Receivers[0].Integrations = append(c.Receivers[0].Integrations, alerting.Integration{Name: "slack/0"})
		s.configure(c)
		s.pass(time.Minute)
		if got := s.messages(); len(got) != 1 {
			t.Errorf("what was refused before the silence is told during it:\n%s", strings.Join(got, "\n"))
		}
		s.pass(time.Hour)
		got := s.messages()
		if slices.Sort(got); len(got) != 3 || !strings.Contains(got[1], "trigger firing a") || !strings.Contains(got[2], "trigger firing a") {
			t.Errorf("after the silence both integrations are told of what neither took; told:\n%s", strings.Join(got, "\n"))
		}
	})
}
