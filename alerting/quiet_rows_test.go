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

// silence keeps all alerts of a name quiet for a time from now on.
func (s *story) silence(matcher string, length time.Duration) {
	s.router.SetSilences([]alerting.Silence{{ID: "s1", Matchers: matchers(matcher), StartsAt: s.now(), EndsAt: s.now().Add(length), Author: "ana", Reason: "new disks"}})
}

// review runs what judges open incidents again, until the story ends.
func (s *story) review() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.router.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
}

func TestASilenceWithdrawsWhatNobodyTriedToSendOfAGroup(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Second)
		s.silence("alertname=DiskFull", time.Hour)
		s.pass(time.Minute)
		s.run() // the receiver is back, or its limit lets the next ones go
		s.pass(time.Minute)
		s.told()
		s.alerts(disk(s, "b"))
		s.pass(time.Hour)
		if got := s.messages(); len(got) != 1 || !strings.Contains(got[0], "trigger firing a b") {
			t.Errorf("after the silence is told:\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestASilenceOfSomeAlertsWithdrawsNothing(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.runAlerts()
		s.alerts(disk(s, "a"), disk(s, "b"))
		s.pass(time.Second)
		s.silence("host=a", time.Hour)
		s.pass(time.Minute)
		s.run()
		s.pass(time.Minute)
		if got := s.messages(); len(got) != 1 || !strings.Contains(got[0], "trigger firing b:") {
			t.Errorf("told:\n%s", strings.Join(got, "\n"))
		}
	})
}

// An attempt may have arrived, so it is made again whatever happens to its alerts.
func TestARowWhoseAlertsAreAllQuietTellsOfThem(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.receiver.answers(retry("503"), retry("503"), retry("503"), retry("503"))
		s.run()
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Second)
		s.silence("alertname=DiskFull", time.Hour)
		s.pass(time.Minute)
		s.alerts(disk(s, "a", ended(s.now())))
		s.pass(time.Minute)
		for _, line := range s.messages() {
			if !strings.Contains(line, "firing a") && !strings.Contains(line, "resolved a") {
				t.Errorf("a message names no alert: %s", line)
			}
		}
		if got := s.messages(); !strings.Contains(got[len(got)-1], "resolve resolved a") {
			t.Errorf("told:\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestAGroupThatJoinedUnderASilenceIsToldWhenThatEnds(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.wide = true
		s.configure(oncall())
		s.run()
		stop := s.review()
		defer stop()
		region := func(names ...string) func(*slo.Transition) {
			return func(t *slo.Transition) {
				t.Incident.Groups = nil
				for _, name := range names {
					t.Incident.Groups = append(t.Incident.Groups, slo.NewLabels("region", name))
				}
				t.Incident.Group = t.Incident.Groups[0]
			}
		}
		s.commit(slo.IncidentOpened, "k1", region("eu"))
		s.pass(time.Minute)
		s.silence("slo=shop/k1", time.Hour)
		s.pass(time.Minute)
		s.commit(slo.IncidentJoined, "k1", region("eu", "us"))
		s.pass(time.Minute)
		if got := s.receiver.lines(); len(got) != 1 {
			t.Errorf("told under the silence:\n%s", strings.Join(got, "\n"))
		}
		s.pass(time.Hour)
		got := s.receiver.lines()
		if len(got) != 2 || !strings.Contains(got[1], "update") || !strings.Contains(got[1], "eu and us") {
			t.Errorf("told after it:\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestAClockThatIsSetBackDelaysNoUpdateOfAGroup(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.run()
		s.runAlerts()
		s.alerts(disk(s, "a"))
		s.pass(time.Minute)
		s.alerts(disk(s, "b"))
		s.ahead.Add(-int64(3 * time.Hour))
		s.pass(time.Minute)
		s.alerts(disk(s, "c"))
		s.pass(10 * time.Minute)
		got := s.messages()
		if !slices.ContainsFunc(got, func(line string) bool { return strings.HasPrefix(line, "1m") && strings.Contains(line, "firing a b") }) ||
			!strings.Contains(got[len(got)-1], "firing a b c") {
			t.Errorf("told:\n%s", strings.Join(got, "\n"))
		}
	})
}

func TestTheSeverityStandsOnceAmongTheFactsOfAnAlert(t *testing.T) {
	tell(t, func(s *story) {
		s.configure(byName())
		s.alerts(disk(s, "a", func(a *slo.Alert) { a.Labels = a.Labels.With("severity", "critical") }))
		record, _, err := s.store.Incident(context.Background(), s.open()[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, d := range record.Newest.Details {
			if d.Name == "severity" {
				said = append(said, d.Value)
			}
		}
		if !slices.Equal(said, []string{"critical, a page"}) {
			t.Errorf("the severity is told as %q", said)
		}
	})
}
