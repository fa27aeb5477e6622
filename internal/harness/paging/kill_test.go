package paging

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	standin "burnline/internal/harness/pagerduty"
)

// killsEnv says how often the process is killed on each database; 5 times without it.
const killsEnv = "BURNLINE_KILLS"

// stories is how many incidents a process opens and closes in a round.
const stories = 60

func TestKillingTheProcessLosesNoPageAndMakesNoSecondIncident(t *testing.T) {
	want := 5
	if text := os.Getenv(killsEnv); text != "" {
		var err error
		if want, err = strconv.Atoi(text); err != nil {
			t.Fatalf("read %s: %v", killsEnv, err)
		}
	}
	for name, r := range map[string]role{"SQLite": {Dir: t.TempDir(), Stories: stories}, "PostgreSQL": {DSN: server.Database(t), Stories: stories}} {
		t.Run(name, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			random := rand.New(rand.NewPCG(seed, 0))
			kills, lost, extra, rounds := 0, 0, 0, 0
			for kills < want {
				r.Round = fmt.Sprintf("r%d", rounds)
				rounds++
				k, l, e := r.round(t, random, want-kills)
				kills, lost, extra = kills+k, lost+l, extra+e
			}
			t.Logf("%s, seed %d: %d kills, %d incidents, %d lost, %d extra", name, seed, kills, rounds*stories, lost, extra)
			if lost+extra > 0 {
				t.Errorf("%d incidents were lost and %d were made twice", lost, extra)
			}
		})
	}
}

// round plays all stories in processes that are killed until they are told, at most so
// often, and counts kills and mistakes.
func (r role) round(t *testing.T, random *rand.Rand, most int) (kills, lost, extra int) {
	t.Helper()
	pd := standin.New(standin.Options{Rate: -1})
	if err := pd.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := pd.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 8 { // answers get lost as well
		pd.Script(standin.Fault{}, standin.Fault{Cut: true, Accept: true}, standin.Fault{}, standin.Fault{Status: 500}, standin.Fault{Cut: true})
	}
	r.URL = pd.URL()
	for ; ; kills++ {
		wait := time.Duration(50+random.IntN(250)) * time.Millisecond
		if kills == most {
			wait = 2 * time.Minute
		}
		if r.live(t, wait) {
			break
		}
	}
	incidents := map[string]int{}
	for _, in := range pd.Incidents() {
		incidents[in.DedupKey]++
		if in.Status != standin.Resolved {
			t.Errorf("%s is still %s", in.DedupKey, in.Status)
		}
	}
	for n := range stories {
		switch key := r.step("opened", n).Incident.Key; {
		case incidents[key] == 0:
			lost++
		case incidents[key] > 1:
			extra += incidents[key] - 1
		}
	}
	return kills, lost, extra
}

// live runs the process and kills it after a while; true when it had finished.
func (r role) live(t *testing.T, wait time.Duration) bool {
	t.Helper()
	cmd := r.start(t)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the process failed by itself: %v", err)
		}
		return true
	case <-time.After(wait):
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	return <-ended == nil
}
