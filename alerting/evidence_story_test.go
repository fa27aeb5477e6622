package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// witness knows what the story says.
type witness struct {
	mu    sync.Mutex
	e     *slo.Evidence
	slow  time.Duration
	asked int
	// deaf ignores that its time is over, as a read from a slow disk does; broken panics.
	deaf   time.Duration
	broken bool
	// uncounted is true while the engine reads what came before a restart.
	uncounted bool
}

func (w *witness) says(e *slo.Evidence) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.e = e
}

func (w *witness) evidence(ctx context.Context, t slo.Transition, _ bool) *slo.Evidence {
	w.mu.Lock()
	slow, deaf, broken, e := w.slow, w.deaf, w.broken, w.e
	w.asked++
	w.mu.Unlock()
	time.Sleep(deaf)
	if broken {
		panic("an index is out of range")
	}
	if slow > 0 {
		timer := time.NewTimer(slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
	}
	if e == nil {
		return nil
	}
	known := *e
	known.AsOf = t.At
	return &known
}

func (w *witness) sight(in slo.Incident) (slo.Transition, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := slo.Counts{Good: 3, Total: 9}
	if w.uncounted {
		counts = slo.Counts{}
	}
	return slo.Transition{Incident: in, Since: counts, Definition: &slo.Definition{ID: in.SLO, Service: "shop", Objective: 99.9}}, true
}

func hurting(n float64) *slo.Evidence {
	return &slo.Evidence{Impact: &slo.Impact{Customers: &slo.Customers{Hurt: n, Seen: 1000, HurtExact: true}}}
}

// witnessed tells a story whose router knows a witness; again restarts the router.
func witnessed(t *testing.T, play func(s *story, w *witness, again func())) {
	tell(t, func(s *story) {
		w := &witness{}
		var stop func()
		start := func() {
			router, err := alerting.NewRouter(alerting.Options{Store: s.store, Config: pager(), Now: s.now, Wake: s.deliverer.Wake,
				Evidence: w.evidence, Sight: w.sight})
			if err != nil {
				t.Fatal(err)
			}
			s.router = router
			s.serving.Store(router)
			if err := router.Reload(context.Background(), pager()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			var ended sync.WaitGroup
			for _, run := range []func(context.Context) error{router.Run, router.RunEvidence} {
				ended.Go(func() {
					if err := run(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			stop = func() { cancel(); ended.Wait() }
		}
		start()
		s.run()
		play(s, w, func() { stop(); start() })
		stop()
	})
}

// wrote is what was written for an incident: when, to whom, what, and why.
func (s *story) wrote(key string, want ...string) {
	s.t.Helper()
	synctest.Wait()
	record, _, err := s.store.Incident(context.Background(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, r := range record.Rows {
		got = append(got, strings.TrimSuffix(fmt.Sprintf("%s %s %s %s: %s", r.CreatedAt.Sub(s.start).Round(time.Second), r.Integration, r.Action, r.State, r.Message.News), ": "))
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("written for %s:\n  %s\nwant:\n  %s", key, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestAPageCarriesItsEvidenceAndGrowsInPlaceWithoutRingingAgain(t *testing.T) {
	witnessed(t, func(s *story, w *witness, again func()) {
		w.says(hurting(10))
		s.commit(slo.IncidentOpened, "a")
		s.pass(time.Minute)
		w.says(hurting(25)) // doubled, but a minute after the page
		s.pass(time.Minute)
		opened := []string{"0s pagerduty/0 trigger delivered", "0s slack/0 trigger delivered", "0s email/0 trigger delivered"}
		s.wrote("a", opened...)
		s.pass(4 * time.Minute)
		grown := append(opened, "5m0s pagerduty/0 update delivered: customers hurt rose from 10 to 25", "5m0s slack/0 update delivered: customers hurt rose from 10 to 25")
		s.wrote("a", grown...)
		again() // what was told is not told again
		s.pass(10 * time.Minute)
		s.wrote("a", grown...)
		s.pass(15 * time.Minute) // nobody has it: it rings again 30 minutes after the page, not after the update
		record, _, err := s.store.Incident(context.Background(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if last := record.Rows[len(record.Rows)-1]; !last.Message.Repeat || last.CreatedAt.Sub(s.start).Round(time.Minute) != 30*time.Minute {
			t.Errorf("the last row is %s of %s, repeat %v", last.Action, last.CreatedAt.Sub(s.start), last.Message.Repeat)
		}
		if e := record.Newest.Evidence; e == nil || e.Impact.Customers.Hurt != 25 {
			t.Errorf("the newest evidence is %+v", e)
		}
		w.says(hurting(30))
		s.commit(slo.IncidentClosed, "a")
		s.pass(time.Second)
		record, _, err = s.store.Incident(context.Background(), "a")
		if err != nil || !strings.Contains(record.Summary, "30 of 1,000 customers were hurt.") {
			t.Errorf("the end says %q, %v", record.Summary, err)
		}
	})
}

// After a restart it may be known where it fails before it is known how much: a text without figures must not replace the one
// that was told, and follows with them.
func TestNewsWaitForTheFiguresThatBelongToThem(t *testing.T) {
	witnessed(t, func(s *story, w *witness, again func()) {
		s.commit(slo.IncidentOpened, "a")
		s.pass(time.Second)
		w.says(&slo.Evidence{Where: &slo.Where{Explanations: []slo.Explanation{{Labels: slo.NewLabels("code", "500"), Failed: 6, Total: 6, Ratio: 1, Share: 1}}}})
		w.uncounted = true
		again()
		s.pass(time.Minute)
		opened := []string{"0s pagerduty/0 trigger delivered", "0s slack/0 trigger delivered", "0s email/0 trigger delivered"}
		s.wrote("a", opened...)
		w.mu.Lock()
		w.uncounted = false
		w.mu.Unlock()
		s.pass(10 * time.Second)
		record, _, err := s.store.Incident(context.Background(), "a")
		if err != nil || len(record.Rows) != len(opened)+2 || !strings.Contains(record.Summary, "2 in 3 events fail.") || !strings.Contains(record.Summary, "100 % of the failures are in code 500") {
			t.Errorf("%d rows, the newest says %q, %v", len(record.Rows), record.Summary, err)
		}
	})
}

func TestAPageDoesNotWaitForSlowEvidenceAndAnUpdateFollows(t *testing.T) {
	witnessed(t, func(s *story, w *witness, _ func()) {
		w.says(hurting(10))
		w.slow = time.Second
		began := time.Now()
		s.commit(slo.IncidentOpened, "a")
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("the page waited %s", took)
		}
		for i := range 50 { // a storm: the others don't wait at all
			s.commit(slo.IncidentOpened, fmt.Sprintf("b%d", i))
		}
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("51 pages waited %s together", took)
		}
		s.pass(10 * time.Second)
		record, _, err := s.store.Incident(context.Background(), "a")
		if err != nil || len(record.Rows) != 5 || record.Rows[3].Message.News != "what it does to customers is known now" {
			t.Errorf("%d rows were written, %v", len(record.Rows), err)
		}
	})
}

func TestAnUpdateThatWaitsGivesWayToItsSuccessor(t *testing.T) {
	witnessed(t, func(s *story, w *witness, _ func()) {
		s.commit(slo.IncidentOpened, "a")
		s.pass(time.Second)
		s.receiver.configured(false) // away: what comes now waits
		w.says(hurting(10))
		s.pass(time.Minute)
		w.says(hurting(50))
		s.pass(7 * time.Minute)
		s.receiver.configured(true)
		s.pass(5 * time.Minute)
		record, _, err := s.store.Incident(context.Background(), "a")
		if err != nil {
			t.Fatal(err)
		}
		delivered := 0
		for _, r := range record.Rows {
			if r.Integration == "pagerduty/0" && r.Action == alerting.ActionUpdate && r.State == alerting.RowDelivered {
				delivered++
			}
		}
		if delivered == 0 || delivered > 2 {
			t.Errorf("%d updates were delivered:\n%s", delivered, strings.Join(s.rows("a"), "\n"))
		}
	})
}

func TestEvidenceThatHangsOrBreaksKeepsNoPage(t *testing.T) {
	for name, c := range map[string]func(*witness){
		"it does not end in time": func(w *witness) { w.deaf = time.Minute },
		"it panics":               func(w *witness) { w.broken = true },
	} {
		t.Run(name, func(t *testing.T) {
			witnessed(t, func(s *story, w *witness, _ func()) {
				c(w)
				began := time.Now()
				s.commit(slo.IncidentOpened, "a")
				s.commit(slo.IncidentOpened, "b")
				if took := time.Since(began); took > time.Second {
					t.Errorf("two pages waited %s for their evidence", took)
				}
				s.pass(time.Second)
				s.wrote("a", "0s pagerduty/0 trigger delivered", "0s slack/0 trigger delivered", "0s email/0 trigger delivered")
				s.pass(10 * time.Minute) // looking at open incidents goes on
			})
		})
	}
}
