// Package paging tests the outbox, a store and PagerDuty's sender together.
package paging

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	standin "burnline/internal/harness/pagerduty"
	"burnline/slo"
	"burnline/storage/state"
)

// The environment in which the test's binary plays the process that is killed.
const (
	killDir = "PAGING_TEST_DIR"
	killURL = "PAGING_TEST_URL"
)

// key is a routing key of the documented form.
const key = "0123456789abcdef0123456789ABCDEF"

// stories is how many incidents the killed process opens and closes.
const stories = 60

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := victim(context.Background(), dir, os.Getenv(killURL)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim commits every story from the start, as an engine that was restarted
// would, delivers, and returns when nothing is left to deliver.
func victim(ctx context.Context, dir, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	store, err := state.Open(ctx, state.Options{Dir: dir})
	if err != nil {
		return err
	}
	c := pagerduty.DefaultConfig()
	c.RoutingKey, c.URL = key, url
	sender, err := pagerduty.New(c, pagerduty.Options{})
	if err != nil {
		return err
	}
	deliverer, err := alerting.NewDeliverer(alerting.DelivererOptions{
		Store: store, Senders: func(string, string) (alerting.Sender, bool) { return sender, true }, Now: time.Now,
		Poll: 10 * time.Millisecond, SendTimeout: 200 * time.Millisecond, Lease: 300 * time.Millisecond,
		MinBackoff: 10 * time.Millisecond, MaxBackoff: 50 * time.Millisecond})
	if err != nil {
		return err
	}
	router, err := alerting.NewRouter(alerting.Options{Store: store, Now: time.Now, Wake: deliverer.Wake,
		Config: alerting.Config{Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}}}})
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- deliverer.Run(run) }()
	err = play(ctx, router, store)
	stop()
	return errors.Join(err, <-ended, store.Close())
}

// play commits the stories and waits until the outbox is empty.
func play(ctx context.Context, router *alerting.Router, store *state.Store) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for i := range 2 * stories {
		// Each incident closes a few steps after it opened.
		for _, t := range []slo.Transition{step(slo.IncidentOpened, i), step(slo.IncidentClosed, i-5)} {
			if t.Incident.Key == "" {
				continue
			}
			if err := router.Commit(ctx, t); err != nil {
				return err
			}
		}
		<-tick.C
	}
	for {
		depth, _, err := store.OutboxDepth(ctx, time.Now())
		if err != nil || depth == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// step is a transition of story n at its data time, the same in every run; it
// has no key when there is no such story.
func step(kind slo.TransitionKind, n int) slo.Transition {
	if n < 0 || n >= stories {
		return slo.Transition{}
	}
	start := time.Unix(1_700_000_000, 0).Add(time.Duration(n) * time.Minute)
	at := start.Add(time.Second)
	if kind == slo.IncidentClosed {
		at = start.Add(time.Hour)
	}
	return slo.Transition{Kind: kind, At: at, Since: slo.Counts{Total: 1}, Incident: slo.Incident{
		Key: fmt.Sprintf("k%02d", n), SLO: fmt.Sprintf("shop/%02d", n), Severity: slo.Page, Started: start, Opened: start, Number: 1}}
}

func TestKillingTheProcessLosesNoPageAndMakesNoSecondIncident(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	server := standin.New(standin.Options{Rate: -1})
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for range 8 { // answers get lost as well
		server.Script(standin.Fault{}, standin.Fault{Cut: true, Accept: true}, standin.Fault{}, standin.Fault{Status: 500}, standin.Fault{Cut: true})
	}
	dir := t.TempDir()
	kills := 0
	for ; ; kills++ {
		wait := time.Duration(20+random.IntN(150)) * time.Millisecond
		if kills == 5 {
			wait = time.Minute
		}
		if finished := live(t, dir, server.URL(), wait); finished {
			break
		}
	}
	if kills == 0 {
		t.Error("the process was never killed, so the test showed nothing")
	}
	incidents := map[string]int{}
	for _, in := range server.Incidents() {
		incidents[in.DedupKey]++
		if in.Status != standin.Resolved {
			t.Errorf("%s is still %s", in.DedupKey, in.Status)
		}
	}
	for n := range stories {
		if key := step(slo.IncidentOpened, n).Incident.Key; incidents[key] != 1 {
			t.Errorf("%s has %d incidents at PagerDuty, want 1", key, incidents[key])
		}
	}
}

// live runs the victim and kills it after a while; true when it had finished.
func live(t *testing.T, dir, url string, wait time.Duration) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), killDir+"="+dir, killURL+"="+url)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
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
