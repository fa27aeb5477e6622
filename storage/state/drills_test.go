package state_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"burnline/alerting/drills"
	"burnline/slo"
	"burnline/storage/state"
)

// ground is nodes on one state that drill every hour, a clock that the test moves, and
// what they did.
type ground struct {
	t *testing.T
	// mu guards the clock and what fires: a drill under way has nodes look beside it.
	mu    sync.Mutex
	now   time.Time
	plan  drills.Plan
	nodes []*drills.Keeper
	// ran are the drills, each as its node and receiver; outcome is how the next end.
	ran     []string
	outcome error
	during  func(ctx context.Context, tell func(drills.Step))
	// firing are the summaries of alerts that fire, by the drill.
	firing map[string]string
}

func newGround(t *testing.T, open func() *state.Spooled, nodes int) *ground {
	t.Helper()
	return groundOf(t, drills.Paging, open, nodes)
}

func groundOf(t *testing.T, kind drills.Kind, open func() *state.Spooled, nodes int) *ground {
	t.Helper()
	hourly, err := drills.Every(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := &ground{t: t, now: start, plan: drills.Plan{Schedule: hourly, Receiver: "oncall"}, firing: map[string]string{}}
	for i := range nodes {
		k, err := drills.New(drills.Options{
			Kind: kind, Store: open(), Plan: func() drills.Plan { return r.plan }, Now: func() time.Time {
				r.mu.Lock()
				defer r.mu.Unlock()
				return r.now
			},
			Drill: func(ctx context.Context, receiver string, tell func(drills.Step)) error {
				r.ran = append(r.ran, fmt.Sprintf("%d to %s at %s", i, receiver, r.now.Format("15:04")))
				if r.during != nil {
					r.during(ctx, tell)
				}
				return r.outcome
			},
			Alert: func(_ context.Context, alerts []slo.Alert) error {
				r.mu.Lock()
				defer r.mu.Unlock()
				for _, a := range alerts {
					delete(r.firing, a.Labels.Get("due"))
					if a.EndsAt.After(r.now) {
						r.firing[a.Labels.Get("due")] = a.Annotations["summary"]
					}
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		r.nodes = append(r.nodes, k)
	}
	return r
}

// at moves the clock and lets some nodes look, in that order.
func (r *ground) at(after time.Duration, nodes ...int) {
	r.t.Helper()
	r.mu.Lock()
	r.now = start.Add(after)
	r.mu.Unlock()
	for _, n := range nodes {
		if err := r.nodes[n].Step(r.t.Context()); err != nil {
			r.t.Fatalf("after %s node %d: %v", after, n, err)
		}
	}
}

// want compares what ran and what is kept.
func (r *ground) want(when string, ran, results []string) {
	r.t.Helper()
	if got := strings.Join(r.ran, ", "); got != strings.Join(ran, ", ") {
		r.t.Errorf("%s: there ran %q, want %q", when, got, ran)
	}
	var have []string
	for _, d := range r.nodes[0].List() {
		have = append(have, d.Due.Format("15:04")+" "+d.Result())
	}
	if strings.Join(have, ", ") != strings.Join(results, ", ") {
		r.t.Errorf("%s: kept are %q, want %q", when, have, results)
	}
}

func TestTwoNodesDrillOnceEachTime(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		r := newGround(t, open, 2)
		r.during = func(_ context.Context, tell func(drills.Step)) {
			tell(drills.Step{Name: "sample accepted", At: r.now, After: time.Second})
			r.at(r.now.Sub(start)+time.Second, 1) // the other node looks in the middle
		}
		first := start.Truncate(time.Hour).Add(time.Hour).Sub(start)
		due := func(n int) string { return start.Add(first + time.Duration(n)*time.Hour).Format("15:04") }
		r.at(0, 0, 1)
		r.want("at the start", nil, []string{due(0) + " planned"})
		r.at(first+time.Second, 0, 1)
		ran := []string{"0 to oncall at " + due(0)}
		r.want("when it is due", ran, []string{due(1) + " planned", due(0) + " passed"})
		for d := range 10 {
			r.at(first+time.Minute+time.Duration(d)*time.Second, 1, 0)
		}
		r.want("soon after", ran, []string{due(1) + " planned", due(0) + " passed"})
		if d, _ := r.nodes[1].Last(); len(d.Steps) != 1 || d.Steps[0].After != time.Second || d.Took() != time.Second {
			t.Errorf("the other node reads of it %+v", d)
		}
		// All are down while the next is due, and one comes back within the hour.
		r.during = nil
		after := newGround(t, open, 1)
		after.at(first+time.Hour+20*time.Minute, 0)
		after.want("after a restart", []string{"0 to oncall at " + start.Add(first+time.Hour+20*time.Minute).Format("15:04")},
			[]string{due(2) + " planned", due(1) + " passed", due(0) + " passed"})
		// All are down for longer: nobody is woken at an hour that nobody was told of.
		after = newGround(t, open, 1)
		after.at(first+4*time.Hour+time.Minute, 0)
		after.want("after a long outage", nil, []string{due(5) + " planned", due(2) + " missed", due(1) + " passed", due(0) + " passed"})
		if len(after.firing) != 1 || !strings.Contains(fmt.Sprint(after.firing), "The drill that was due at "+due(2)+" UTC on 3 March did not take place") {
			t.Errorf("of the drill that was missed it is told %v", after.firing)
		}
		if err := after.nodes[0].ByHand(t.Context(), "oncall", func(drills.Step) {}); err != nil {
			t.Fatal(err)
		}
		after.at(first+4*time.Hour+2*time.Minute, 0)
		if len(after.firing) != 0 {
			t.Errorf("after one that passed by hand it is told %v", after.firing)
		}
	})
}

func TestADrillWhoseNodeEndsIsTakenOver(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		r := newGround(t, open, 2)
		first := start.Truncate(time.Hour).Add(time.Hour).Sub(start)
		r.at(0, 0)
		// Node 0 dies in the middle: what it would keep afterwards is another's by then.
		r.during = func(_ context.Context, tell func(drills.Step)) {
			tell(drills.Step{Name: "sample accepted"})
			r.during = nil
			r.at(first+time.Minute, 1)
			if len(r.ran) != 1 {
				t.Errorf("it is taken over while it is held: %v", r.ran)
			}
			r.at(first+5*time.Minute, 1)
		}
		r.now = start.Add(first)
		if err := r.nodes[0].Step(t.Context()); !errors.Is(err, drills.ErrLost) {
			t.Errorf("the node that was away for long keeps its drill: %v", err)
		}
		if len(r.ran) != 2 || !strings.HasPrefix(r.ran[1], "1 to oncall") {
			t.Errorf("there ran %v", r.ran)
		}
		if d, _ := r.nodes[1].Last(); !d.Passed() || d.Attempt != 2 {
			t.Errorf("kept is %+v", d)
		}
	})
}

func TestADrillThatFailsIsToldUntilOnePasses(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		r := newGround(t, open, 2)
		first := start.Truncate(time.Hour).Add(time.Hour).Sub(start)
		r.at(0, 0, 1)
		r.outcome = fmt.Errorf("another one: %w", drills.ErrBusy)
		r.at(first, 0)
		r.want("while another one is under way", []string{"0 to oncall at " + r.now.Format("15:04")}, []string{r.now.Format("15:04") + " planned"})
		r.outcome = errors.New("answered: oncall refused it: 400")
		r.at(first+time.Minute, 1, 0)
		if len(r.ran) != 2 || len(r.firing) != 1 || !strings.Contains(fmt.Sprint(r.firing), "failed: answered: oncall refused it: 400. A page may not reach oncall; no service is known to fail. After mending it run burnline drill --receiver oncall.") {
			t.Errorf("%v ran, and it is told %v", r.ran, r.firing)
		}
		r.outcome = nil
		r.at(first+time.Hour, 0, 1)
		if len(r.firing) != 0 {
			t.Errorf("after one that passed it is told %v", r.firing)
		}
		// Without a schedule nothing is to come.
		r.plan = drills.Plan{}
		r.at(first+time.Hour+time.Minute, 0, 1)
		for _, d := range r.nodes[0].List() {
			if d.Result() == "planned" {
				t.Errorf("planned is %+v", d)
			}
		}
		s := open()
		if _, err := s.Forget(t.Context(), start.Add(48*time.Hour), time.Time{}); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Drills(t.Context(), drills.Paging, 10); err != nil || len(all) != 0 {
			t.Errorf("old drills stay: %+v (%v)", all, err)
		}
	})
}

// What wakes nobody is begun as soon as it can be: neither another one that took hours nor a restart long after it was due makes it
// fail.
func TestAQuietDrillIsNotLateBecauseItHadToWait(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		r := groundOf(t, drills.Restoring, open, 1)
		first := start.Truncate(time.Hour).Add(time.Hour).Sub(start)
		due := start.Add(first).Format("15:04")
		r.at(0, 0)
		r.outcome = fmt.Errorf("a backup is made: %w", drills.ErrBusy)
		for wait := range 4 {
			r.at(first+time.Duration(wait)*50*time.Minute, 0)
		}
		r.outcome = nil
		ctx, end := context.WithCancel(t.Context())
		r.during = func(context.Context, func(drills.Step)) { end() }
		r.now = start.Add(first + 200*time.Minute)
		if err := r.nodes[0].Step(ctx); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		if len(r.ran) != 5 {
			t.Errorf("before the restart there ran %q", r.ran)
		}
		after := groundOf(t, drills.Restoring, open, 1)
		after.at(first+5*time.Hour+30*time.Minute, 0)
		next := start.Add(first + 6*time.Hour).Format("15:04")
		after.want("after the restart", []string{"0 to oncall at " + start.Add(first+5*time.Hour+30*time.Minute).Format("15:04")}, []string{next + " planned", due + " passed"})
		if len(after.firing) != 0 {
			t.Errorf("it is told %v", after.firing)
		}
	})
}

// What was tried by hand before anything was configured, or went wrong, keeps the first scheduled backup from nothing.
func TestTheFirstBackupIsDueAtEachStartUntilOneSucceeds(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		next := start.Truncate(time.Hour).Add(time.Hour).Format("15:04")
		clock := func(after time.Duration) string { return start.Add(after).Format("15:04") }
		nothing := func(drills.Step) {}
		r := groundOf(t, drills.Backup, open, 1)
		r.plan = drills.Plan{}
		r.outcome = fmt.Errorf("%w: backup.to is not set", drills.ErrUnset)
		if err := r.nodes[0].ByHand(t.Context(), "", nothing); !errors.Is(err, drills.ErrUnset) {
			t.Errorf("by hand without a folder: %v", err)
		}
		r.at(0, 0)
		r.want("refused", []string{"0 to  at " + clock(0)}, nil)
		r.outcome = errors.New("the disk is full")
		if err := r.nodes[0].ByHand(t.Context(), "", nothing); err == nil {
			t.Error("a backup by hand on a full disk passed")
		}

		failed := groundOf(t, drills.Backup, open, 1)
		failed.outcome = errors.New("the disk is full")
		failed.at(time.Minute, 0)
		failed.at(2*time.Minute, 0)
		failed.at(3*time.Minute, 0)
		failed.want("a start after one that failed by hand", []string{"0 to oncall at " + clock(2*time.Minute)}, []string{next + " planned", clock(time.Minute) + " failed", clock(0) + " failed"})

		passed := groundOf(t, drills.Backup, open, 1)
		passed.at(4*time.Minute, 0)
		passed.at(5*time.Minute, 0)
		passed.want("a start after one that failed by its schedule", []string{"0 to oncall at " + clock(5*time.Minute)},
			[]string{next + " planned", clock(4*time.Minute) + " passed", clock(time.Minute) + " failed", clock(0) + " failed"})

		later := groundOf(t, drills.Backup, open, 1)
		later.at(6*time.Minute, 0)
		later.at(7*time.Minute, 0)
		later.want("a start after one that passed", nil,
			[]string{next + " planned", clock(4*time.Minute) + " passed", clock(time.Minute) + " failed", clock(0) + " failed"})
	})
}

// A failure stands while the next drill is under way, for longer than what was told is believed.
func TestWhatIsToldOfADrillStandsWhileTheNextOneLasts(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := state.Open(t.Context(), state.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		hourly, err := drills.Every(time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var believed time.Time
		told, ran, ended := 0, 0, make(chan error, 1)
		ctx, end := context.WithCancel(t.Context())
		k, err := drills.New(drills.Options{Kind: drills.Restoring, Store: s, Plan: func() drills.Plan { return drills.Plan{Schedule: hourly} }, Now: time.Now,
			Drill: func(context.Context, string, func(drills.Step)) error {
				if ran++; ran == 1 {
					return errors.New("a sum differs")
				}
				time.Sleep(45 * time.Minute)
				end()
				return nil
			},
			Alert: func(_ context.Context, alerts []slo.Alert) error {
				if told++; told > 1 && time.Now().After(believed) {
					t.Errorf("what was told lapsed at %s", believed)
				}
				believed = alerts[0].EndsAt
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		go func() { ended <- k.Run(ctx) }()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if ran != 2 || told < 10 || time.Now().After(believed) {
			t.Errorf("%d drills ran, it was told %d times, and was believed until %s", ran, told, believed)
		}
	})
}
