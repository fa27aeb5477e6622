package state_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/slo"
	"burnline/slo/changes"
	"burnline/storage/state"
)

// changeNode is a keeper of changes on a state, with a clock that the test moves and what it passed on.
type changeNode struct {
	*changes.Keeper
	t   *testing.T
	now *time.Time
	// told are the IDs of changes that it passed on.
	told []string
}

func newNode(t *testing.T, s *state.Spooled, now *time.Time) *changeNode {
	t.Helper()
	n := &changeNode{t: t, now: now}
	ids := 0
	var err error
	n.Keeper, err = changes.New(changes.Options{
		Store: s, Now: func() time.Time { return *now }, NewID: func() string { ids++; return fmt.Sprintf("made-%d", ids) },
		Changed: func(_ context.Context, c slo.ChangeEvent) error { n.told = append(n.told, c.ID); return nil },
	})
	if err == nil {
		err = n.Open(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// step looks once, and returns the IDs of the recent changes.
func (n *changeNode) step() string {
	n.t.Helper()
	if err := n.Step(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
	var ids []string
	for _, c := range n.Recent() {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

func TestAChangeIsTakenOnceAndEveryNodeKnowsIt(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		now := start
		s := open()
		a, b := newNode(t, s, &now), newNode(t, s, &now)
		in := changes.Input{ID: "deploy-1", Title: "checkout 2.14.0\u0000", Service: "checkout", Version: "2.14.0", At: "2026-03-03T13:59:00Z"}
		if _, _, err := a.Take(t.Context(), in); err == nil {
			t.Error("a title with NUL is taken")
		}
		in.Title = "checkout 2.14.0"
		for i, n := range []*changeNode{a, b, a} {
			in.By = fmt.Sprint(i)
			kept, is, err := n.Take(t.Context(), in)
			if err != nil || is != (i == 0) || kept.By != "0" || kept.Kind != slo.ChangeDeploy || kept.Source != "api" {
				t.Errorf("told for the %d. time it is %+v, new %t (%v)", i+1, kept, is, err)
			}
		}
		if a.step() != "deploy-1" || b.step() != "deploy-1" || len(a.told)+len(b.told) != 1 {
			t.Errorf("the nodes know %q and %q and passed on %v and %v", a.step(), b.step(), a.told, b.told)
		}
		if kept, _, err := b.Take(t.Context(), changes.Input{Title: "fast path on", Kind: "flag", Service: "cart", Labels: map[string]string{"region": "eu"}}); err != nil || kept.ID != "made-1" || !kept.At.Equal(start) {
			t.Errorf("without an ID it is %+v (%v)", kept, err)
		}
		if got := a.step(); got != "made-1 deploy-1" {
			t.Errorf("the other node knows %q", got)
		}
		for _, c := range []struct {
			f    changes.Filter
			want int
		}{
			{changes.Filter{}, 2}, {changes.Filter{Service: "cart"}, 1}, {changes.Filter{Kind: slo.ChangeDeploy}, 1}, {changes.Filter{Version: "2.14.0"}, 1},
			{changes.Filter{Service: "cart", Everybody: true}, 1}, {changes.Filter{From: start}, 1}, {changes.Filter{To: start}, 1}, {changes.Filter{Service: "cart", Kind: slo.ChangeDeploy}, 0},
		} {
			c.f.Limit = 10
			if all, err := a.List(t.Context(), c.f); err != nil || len(all) != c.want {
				t.Errorf("by %+v there are %d (%v), want %d", c.f, len(all), err, c.want)
			}
		}
		if _, err := s.Forget(t.Context(), start, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if got := b.step(); got != "made-1" {
			t.Errorf("after the old one was deleted it knows %q", got)
		}
	})
}

func TestANewVersionIsAChangeOnceTheServiceIsKnown(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		now := start
		s := open()
		a, b := newNode(t, s, &now), newNode(t, s, &now)
		// A fresh start in the middle of a rollout sees several versions of everything.
		for _, v := range []string{"1", "2", "1", "", "x\ny"} {
			a.Saw("checkout", v)
			now = now.Add(time.Minute)
		}
		if got := a.step(); got != "" {
			t.Errorf("a fresh start invents %q", got)
		}
		now = start.Add(time.Hour)
		a.Saw("checkout", "1")
		a.Saw("cart", "7") // another service, seen for the first time
		a.Saw("checkout", "3")
		b.Saw("checkout", "3")
		if got := a.step() + "," + b.step(); got != "version:checkout:3,version:checkout:3" || len(a.told)+len(b.told) != 1 {
			t.Errorf("the nodes know %s, and passed on %v %v", got, a.told, b.told)
		}
		if c := a.Recent()[0]; c.Kind != slo.ChangeVersion || c.Version != "3" || c.Service != "checkout" || c.Source != "telemetry" || !c.At.Equal(now) {
			t.Errorf("the change is %+v", c)
		}
		// A restart remembers, a rollback is nothing new, and what came in the meantime is.
		now = start.Add(2 * time.Hour)
		again := newNode(t, s, &now)
		for _, v := range []string{"3", "2", "4"} {
			again.Saw("checkout", v)
		}
		if got := again.step(); got != "version:checkout:4 version:checkout:3" {
			t.Errorf("after a restart it knows %s", got)
		}
		// A build number in each process is no version.
		for i := range 1000 {
			again.Saw("checkout", fmt.Sprint("build-", i))
		}
		if got := len(strings.Fields(again.step())); got != 20 {
			t.Errorf("a flood makes %d changes, want those of a day at most", got)
		}
	})
}
