package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// ticket makes a transition one of a ticket.
func ticket(t *slo.Transition) { t.Incident.Severity = slo.Ticket }

// storm opens n incidents.
func (s *story) storm(prefix string, n int, change ...func(*slo.Transition)) {
	s.t.Helper()
	for i := range n {
		s.commit(slo.IncidentOpened, fmt.Sprintf("%s%03d", prefix, i), change...)
	}
}

// minutes counts what was sent in each minute since the start.
func (s *story) minutes() []int {
	var n []int
	for _, line := range s.receiver.lines() {
		at, err := time.ParseDuration(strings.Fields(line)[0])
		if err != nil {
			s.t.Fatal(err)
		}
		for len(n) <= int(at/time.Minute) {
			n = append(n, 0)
		}
		n[at/time.Minute]++
	}
	return n
}

func TestAStormIsHeldToTheLimitAndOneMessageTellsOfTheRest(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.perMinute, s.receiver.wide = 20, true
		s.storm("t", 60, ticket)
		s.run()
		s.pass(1500 * time.Millisecond)
		lines := s.receiver.lines()
		if len(lines) != 11 {
			s.end()
			t.Fatalf("%d messages in the first minute, want 10 tickets, since half of 20 are kept for pages, and one of all others:\n%s", len(lines), strings.Join(lines, "\n"))
		}
		const want = "0s oncall: trigger page of "
		const text = ": 50 more incidents wait behind the limit of oncall (pagerduty/0), which takes 20 messages a minute: shop/t010, shop/t011, shop/t012 and 47 more. The most important go first."
		if last := lines[10]; !strings.HasPrefix(last, want) || !strings.HasSuffix(last, text) {
			t.Errorf("the last message is %q,\nwant one that ends in %q", last, text)
		}
		s.pass(10 * time.Minute)
		if n := s.minutes(); len(n) < 4 || slices.Max(n) > 20 {
			t.Errorf("messages by minute are %v, want at most 20 and all within 4 minutes", n)
		}
		lines = s.receiver.lines()
		ended := func(line string) bool {
			return strings.Contains(line, "resolve page") && strings.HasSuffix(line, "All that waited behind the limit has been sent.")
		}
		// What is sent at one moment arrives in any order.
		if len(lines) != 62 || !slices.ContainsFunc(lines[50:], ended) {
			t.Errorf("%d messages were sent, want 62, of which one of the last ends the backlog:\n%s", len(lines), strings.Join(lines[50:], "\n"))
		}
	})
}

func TestWhatIsMostImportantGoesFirstAndOverARestart(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.perMinute = 20
		s.storm("t", 60, ticket)
		s.run()
		s.pass(500 * time.Millisecond)
		s.receiver.log = nil // 10 tickets are out; half of 20 places are kept
		s.commit(slo.IncidentOpened, "buyers")
		synctest.Wait()
		s.sent("500ms buyers trigger: accepted")
		s.kept("t019", "1 trigger pending 0 rate-limited until 00:01:01 UTC: oncall (pagerduty/0) takes 20 messages a minute, and more important ones go first")
		s.kept("t045", "1 trigger pending 0 rate-limited until 00:02:01 UTC: oncall (pagerduty/0) takes 20 messages a minute, and more important ones go first")
		s.end()
		s.pass(30 * time.Second)
		s.run() // what was sent before the restart counts
		s.commit(slo.IncidentClosed, "t059", ticket)
		s.commit(slo.IncidentClosed, "buyers")
		synctest.Wait()
		lines := strings.Join(s.receiver.lines(), "\n")
		for _, first := range []string{"30.5s buyers resolve", "30.5s t059 trigger", "30.5s t059 resolve"} {
			if !strings.Contains(lines, first) {
				t.Errorf("at once went\n%s\nwithout the %s", lines, first)
			}
		}
		s.pass(40 * time.Second)
		s.kept("t012", "1 trigger delivered 1 202")
	})
}

func TestADestinationThatHangsDelaysNoOther(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.ends = true
		s.receiver.slow = func(ctx context.Context, row alerting.Row) {
			if row.Receiver == "oncall" {
				<-ctx.Done()
			}
		}
		config := oncall()
		config.Receivers = append(config.Receivers, alerting.ReceiverConfig{Name: "healthy", Integrations: []alerting.Integration{{Name: "webhook/0"}}})
		config.Teams = map[string]string{"buyers": "healthy"}
		if err := s.router.Reload(context.Background(), config); err != nil {
			t.Fatal(err)
		}
		s.run()
		s.storm("hangs", 100)
		s.pass(time.Second)
		s.commit(slo.IncidentOpened, "well", func(t *slo.Transition) { t.Incident.Team = "buyers" })
		synctest.Wait()
		s.sent("1s well trigger: accepted")
	})
}

func TestADestinationThatFailsIsTriedWithOneMessageAtATime(t *testing.T) {
	tell(t, func(s *story) {
		for range 200 {
			s.receiver.answers(retry("503"))
		}
		s.run()
		s.storm("k", 40)
		s.pass(2 * time.Minute)
		tries := len(s.receiver.lines())
		if tries < 5+8 || tries > 16+12 {
			t.Errorf("%d attempts within 2 minutes, want those that were under way at the fifth failure and then one each 15 seconds at most", tries)
		}
		if row := s.rows("k039")[0]; !strings.HasPrefix(row, "1 trigger pending 0 waits, because the last ") || !strings.HasSuffix(row, "it is tried with one message at a time. The last answer: 503") {
			t.Errorf("a row that was never tried is %q", row)
		}
		s.receiver.mu.Lock()
		s.receiver.script, s.receiver.log = nil, nil
		s.receiver.mu.Unlock()
		s.pass(16 * time.Second)
		if n := len(s.receiver.lines()); n != 40 {
			t.Errorf("%d of 40 were sent within the 15 s that a destination in trouble is left alone", n)
		}
	})
}

func TestARetryAfterHoldsTheWholeDestinationAlsoOverARestart(t *testing.T) {
	tell(t, func(s *story) {
		s.receiver.answers(alerting.Result{Verdict: alerting.VerdictRetry, RetryAfter: 42 * time.Second, Answer: "429"})
		s.run()
		s.commit(slo.IncidentOpened, "k1")
		s.pass(time.Second)
		s.end()
		s.run()
		s.commit(slo.IncidentOpened, "k2")
		s.pass(time.Second)
		s.kept("k2", "1 trigger pending 0 waits, because its receiver asked to be left alone for 41 s more")
		s.pass(time.Minute)
		lines := s.receiver.lines()
		slices.Sort(lines) // both are due at the same moment
		if want := []string{"0s k1 trigger: retry", "42s k1 trigger: accepted", "42s k2 trigger: accepted"}; !slices.Equal(lines, want) {
			t.Errorf("sent %v, want %v", lines, want)
		}
	})
}
