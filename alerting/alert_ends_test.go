package alerting_test

import (
	"strings"
	"testing"
	"time"

	"burnline/alerting"
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
		// The row that was refused before the silence is tried once more; nothing is added to it.
		if got := s.messages(); len(got) != 2 {
			t.Errorf("told:\n%s", strings.Join(got, "\n"))
		}
	})
}
