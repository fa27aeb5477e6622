package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// killsEnv says how often servers are killed, in stories with one kill each and under load; `make soak` asks
// for hundreds.
const killsEnv = "BURNLINE_KILLS"

// TestAKilledServerLosesNoPageAndTellsNobodyTwice kills the server once in each
// story, before, during or after the page is sent, and starts it again at once.
func TestAKilledServerLosesNoPageAndTellsNobodyTwice(t *testing.T) {
	t.Parallel()
	kills := killsWanted(t, 5)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for i := range kills {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		moment := killMoments[i%len(killMoments)]
		t.Run(fmt.Sprintf("%d killed %s", i, moment.name), func(t *testing.T) {
			t.Parallel()
			tellWithKill(t, moment, random)
		})
	}
}

// killMoment is a point of the story at which the server dies: at its first page, or
// at a random time after the failure began.
type killMoment struct {
	name string
	of   sendMoment
}

var killMoments = []killMoment{
	{"at a random moment", ""},
	{"before the page is sent", before},
	{"after the page was taken, before the answer", during},
	{"after the answer", after},
	{"at a random moment", ""},
}

func tellWithKill(t *testing.T, moment killMoment, random *rand.Rand) {
	var f *front
	s := newStory(t, func(s *story) string { f = newFront(s); return f.url })
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })

	killed := f.arm(moment.of, 1)
	s.customers.Fail(true)
	if moment.of == "" {
		wait := time.NewTimer(time.Duration(random.Int64N(int64(6 * time.Second))))
		defer wait.Stop()
		<-wait.C
		s.server.Kill()
	} else {
		s.waitFor("the kill at a page", killed)
	}
	accepted := s.customers.Acknowledged()
	s.start()

	s.eventually("the page arrives", func() bool { _, all := s.incidents(); return all > 0 })
	s.customers.Fail(false)
	s.eventually("the incident resolves", func() bool { open, _ := s.incidents(); return open == 0 })
	if _, all := s.incidents(); all != 1 {
		t.Errorf("wanted one incident, got %d: %+v", all, s.stand.Incidents())
	}
	s.kept(accepted)
	// The budget is the same as without a kill: every request is counted, once.
	s.everyRequestCounts()
}

// TestAKilledServerGoesOnFromItsCheckpoint kills the server after it has written a
// checkpoint, and requires that the next one begins with it and counts every request once.
func TestAKilledServerGoesOnFromItsCheckpoint(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.eventually("a checkpoint is written", func() bool { return s.metric(`burnline_engine_checkpoints_total{result="written"}`) > 0 })
	before := s.counted().Total
	s.eventually("requests are counted after it", func() bool { return s.counted().Total > before })
	s.server.Kill()
	s.start()
	s.eventually("one checkpoint is resumed", func() bool { return s.metric(`burnline_engine_checkpoints_total{result="resumed"}`) == 1 })
	s.everyRequestCounts()
}

// everyRequestCounts lets the customers leave, and requires that every request of theirs is counted, once.
func (s *story) everyRequestCounts() {
	s.t.Helper()
	s.customers.Leave()
	if err := s.customers.Flush(s.soon()); err != nil {
		s.t.Fatal(err)
	}
	total, failed := s.customers.Counts()
	want := slo.Counts{Good: float64(total - failed), Total: float64(total)}
	s.eventually(fmt.Sprintf("exactly %+v is counted", want), func() bool { return s.counted() == want })
}

// metric returns the value of one of the server's own metrics, 0 where it is absent.
func (s *story) metric(name string) float64 {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.soon(), http.MethodGet, "http://"+s.web+"/metrics", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(body(s.t, resp)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return v
		}
	}
	return 0
}
