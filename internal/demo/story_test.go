package demo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"burnline/examples/shop"
	"burnline/internal/demo"
)

// stage is a shop of which only the switch is watched, with a pager that
// answers the faults: the parts that the story needs and no network.
type stage struct {
	ready  chan struct{}
	events chan demo.Event
	acts   []string
	// deploys are the regions that a new version came to.
	deploys []string
	// pageAfter and resolveAfter are how long the pager takes; 0 is never.
	pageAfter, resolveAfter time.Duration
}

func newStage(pageAfter, resolveAfter time.Duration) *stage {
	return &stage{pageAfter: pageAfter, resolveAfter: resolveAfter}
}

// open makes the channels; they must be of the bubble whose time runs.
func (s *stage) open() {
	s.ready, s.events = make(chan struct{}), make(chan demo.Event, 16)
	close(s.ready)
}

func (s *stage) Ready() <-chan struct{} { return s.ready }

func (s *stage) Deploy(_ context.Context, region string) (string, error) {
	s.deploys = append(s.deploys, region)
	return "1.5.0", nil
}

func (s *stage) Break(region string) error { return s.fault("break " + region) }

func (s *stage) Slow(region string) error { return s.fault("slow " + region) }

func (s *stage) Heal() {
	s.acts = append(s.acts, "heal")
	s.send(s.resolveAfter, demo.Resolve, "Buying in eu recovered after 1 min.")
}

func (s *stage) Stats() shop.Stats { return shop.Stats{"eu": {Bought: 7}} }

func (s *stage) fault(act string) error {
	s.acts = append(s.acts, act)
	s.send(s.pageAfter, demo.Trigger, "Buying in eu: 1 in 2 requests fails. 57 of 612 checkout requests failed since 14:02.")
	return nil
}

func (s *stage) send(after time.Duration, action, summary string) {
	if after == 0 {
		return
	}
	key := fmt.Sprintf("key-%d", (len(s.acts)+1)/2)
	time.AfterFunc(after, func() {
		s.events <- demo.Event{
			Action: action, DedupKey: key, Severity: "critical", Summary: summary, Source: "checkout", At: time.Now(),
			Links:   []demo.Fact{{Name: "Runbook", Text: "https://runbooks.example.com/a/very/long/address/that/does/not/fit/into/the/box/at/all"}},
			Details: []demo.Fact{{Name: "bad events", Text: "57 of 612"}},
		}
	})
}

// tell runs a story in virtual time and returns what was told.
func tell(t *testing.T, s *stage, once bool, limit time.Duration) (told string, missing error, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s.open()
		story := demo.New(demo.Options{
			Shop: s, Events: s.events, Out: &out, Once: once,
			Look: []demo.Fact{{Name: "overview", Text: "http://127.0.0.1:9900/"}},
		})
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		start := time.Now()
		if err := story.Run(ctx); err != nil {
			t.Errorf("the story ended with %v", err)
		}
		told, missing, took = out.String(), story.Missing(), time.Since(start)
	})
	return told, missing, took
}

func TestTheStoryEndsWhenPageAndResolveHaveArrived(t *testing.T) {
	s := newStage(9*time.Second, 25*time.Second)
	told, missing, took := tell(t, s, true, 8*time.Minute)
	if missing != nil {
		t.Errorf("missing: %v", missing)
	}
	if want := 2*time.Minute + 35*time.Second; took != want || len(s.deploys) != 1 {
		t.Errorf("it took %v with %d deploys, want %v: a minute of calm, a deploy, a minute of failure, and the resolve", took, len(s.deploys), want)
	}
	if got := strings.Join(s.acts, ", "); got != "break eu, heal" {
		t.Errorf("the shop was told to %s", got)
	}
	at := -1
	for _, want := range []string{
		"The shop is open", "overview  http://127.0.0.1:9900/", "customers: eu 7 bought", "Payment in eu begins to fail",
		"─ PAGE · critical · checkout · accepted at ", "│ Buying in eu: 1 in 2 requests fails. 57 of 612", "https://runbooks.example.com/a/very/long",
		"bad events", "57 of 612", "dedup_key", "key-1", "The page arrived 9 s after the first failure.",
		"Payment in eu is repaired.", "─ RESOLVED", "The incident resolved by itself 25 s after the repair.",
	} {
		next := strings.Index(told[at+1:], want)
		if next < 0 {
			t.Fatalf("%q is not told, or not in its place, in:\n%s", want, told)
		}
		at += 1 + next
	}
	if strings.Contains(told, "\x1b") {
		t.Error("colours were written although none were allowed")
	}
}

func TestAStoryCutShortSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name                    string
		pageAfter, resolveAfter time.Duration
		limit                   time.Duration
		want                    string
	}{
		{"the time is over before the fault", time.Second, time.Second, 30 * time.Second, "before payment failed"},
		{"no page comes", 0, 0, 5 * time.Minute, "no page arrived"},
		{"no page comes until the fault is healed", 0, 0, 20 * time.Minute, "no page arrived"},
		{"the time is over during the fault", 10 * time.Second, time.Second, 90 * time.Second, "before payment was repaired"},
		{"no resolve comes", 10 * time.Second, 0, 8 * time.Minute, "no resolve for key-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, missing, took := tell(t, newStage(c.pageAfter, c.resolveAfter), true, c.limit)
			if !errors.Is(missing, demo.ErrUnfinished) || !strings.Contains(missing.Error(), c.want) {
				t.Errorf("missing: %v, want %q", missing, c.want)
			}
			if took > c.limit {
				t.Errorf("it took %v of %v", took, c.limit)
			}
		})
	}
}

func TestWithoutALimitTheNextFaultIsAnotherOneElsewhere(t *testing.T) {
	s := newStage(9*time.Second, 25*time.Second)
	told, _, took := tell(t, s, false, 25*time.Minute)
	if got := strings.Join(s.acts, ", "); got != "break eu, heal, slow us, heal, break eu, heal" {
		t.Errorf("the shop was told to %s", got)
	}
	if took != 25*time.Minute {
		t.Errorf("it ended after %v, want the end of the command", took)
	}
	if !strings.Contains(told, "The next fault comes in 8 min") {
		t.Errorf("it does not say when the next fault comes:\n%s", told)
	}
}

func TestATicketIsShownAndDoesNotCountAsThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(0, 0)
		s.open()
		var out bytes.Buffer
		story := demo.New(demo.Options{Shop: s, Events: s.events, Out: &out, Once: true, Coloured: true})
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		time.AfterFunc(70*time.Second, func() {
			s.events <- demo.Event{Action: demo.Trigger, DedupKey: "t", Severity: "warning", Summary: "Slowly.", At: time.Now()}
		})
		if err := story.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if err := story.Missing(); !errors.Is(err, demo.ErrUnfinished) || !strings.Contains(err.Error(), "no page arrived") {
			t.Errorf("missing: %v", err)
		}
		if !strings.Contains(out.String(), "TICKET · warning") || !strings.Contains(out.String(), "\x1b[") {
			t.Errorf("the ticket is not shown in colour:\n%s", out.String())
		}
	})
}

func TestAFileIsNoTerminal(t *testing.T) {
	if demo.Coloured(&bytes.Buffer{}) {
		t.Error("colours for something that is no terminal")
	}
}
