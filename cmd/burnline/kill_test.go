package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"burnline/slo"
)

// killsEnv says how many stories are told with a kill in each; `make soak` asks
// for a hundred.
const killsEnv = "BURNLINE_KILLS"

// TestAKilledServerLosesNoPageAndTellsNobodyTwice kills the server once in each
// story, before, during or after the page is sent, and starts it again at once.
func TestAKilledServerLosesNoPageAndTellsNobodyTwice(t *testing.T) {
	kills := 5
	if v := os.Getenv(killsEnv); v != "" {
		var err error
		if kills, err = strconv.Atoi(v); err != nil {
			t.Fatalf("%s=%q: write a number", killsEnv, v)
		}
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	// Two at a time, or the stories starve each other.
	slots := make(chan struct{}, 2)
	t.Run("stories", func(t *testing.T) {
		for i := range kills {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			moment := killMoments[i%len(killMoments)]
			t.Run(fmt.Sprintf("%d killed %s", i, moment.name), func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				tellWithKill(t, moment, random)
			})
		}
	})
}

// killMoment is a point of the story at which the server dies.
type killMoment struct {
	name string
	// atPage is 1 to kill when the page reaches the stand-in, before it is
	// taken, 2 after it was taken and before the answer, 3 right after the
	// answer; 0 kills at a random time after the failure began.
	atPage int
}

var killMoments = []killMoment{
	{"at a random moment", 0},
	{"while the page is being sent", 1},
	{"after the page was taken, before the answer", 2},
	{"after the answer", 3},
	{"at a random moment", 0},
}

// killer stands before the stand-in and kills the server at one request.
type killer struct {
	next   http.Handler
	moment killMoment
	once   sync.Once
	kill   func()
	killed chan struct{}
}

// ServeHTTP implements http.Handler.
func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := func(point int) {
		if k.moment.atPage == point {
			k.once.Do(func() { k.kill(); close(k.killed) })
		}
	}
	at(1)
	if r.Context().Err() != nil {
		return // the sender died before its request was taken
	}
	k.next.ServeHTTP(w, r)
	at(2)
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	at(3)
}

func tellWithKill(t *testing.T, moment killMoment, random *rand.Rand) {
	k := &killer{moment: moment, killed: make(chan struct{})}
	s := newStory(t, func(next http.Handler) http.Handler { k.next = next; return k })
	k.kill = s.server.Kill
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })

	s.customers.Fail(true)
	if moment.atPage == 0 {
		after := time.NewTimer(time.Duration(random.Int64N(int64(6 * time.Second))))
		defer after.Stop()
		<-after.C
		k.once.Do(func() { s.server.Kill(); close(k.killed) })
	}
	select {
	case <-k.killed:
	case <-s.soon().Done():
		t.Fatal("no page came to be killed at")
	}
	accepted := s.customers.Acknowledged()
	s.start()

	s.eventually("the page arrives", func() bool { _, all := s.incidents(); return all > 0 })
	s.customers.Fail(false)
	s.eventually("the incident resolves", func() bool { open, _ := s.incidents(); return open == 0 })
	if _, all := s.incidents(); all != 1 {
		t.Errorf("wanted one incident, got %d: %+v", all, s.stand.Incidents())
	}
	stored := s.storedTimes()
	for _, at := range accepted {
		if !stored[at] {
			t.Errorf("the sample of %d was acknowledged before the kill and can't be read after it", at)
		}
	}
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
	if n := s.metric(`burnline_engine_checkpoints_total{result="resumed"}`); n != 1 {
		t.Errorf("%g checkpoints were resumed, want 1", n)
	}
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
