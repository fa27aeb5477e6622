package limits

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestAClientMaySendABurstAndThenItsRate(t *testing.T) {
	b, err := NewBuckets(2, 3, 100)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		if wait := b.Take("a", now); wait != 0 {
			t.Errorf("request %d of the burst has to wait %s", i, wait)
		}
	}
	if wait := b.Take("a", now); wait != 500*time.Millisecond {
		t.Errorf("after the burst it waits %s, want 500ms", wait)
	}
	if wait := b.Take("b", now); wait != 0 {
		t.Errorf("another client waits %s", wait)
	}
	if wait := b.Take("a", now.Add(500*time.Millisecond)); wait != 0 {
		t.Errorf("a refused request cost a token: %s", wait)
	}
}

func TestOnlySoManyClientsAreRemembered(t *testing.T) {
	b, err := NewBuckets(1, 1, 50)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		b.Take(fmt.Sprint(i), time.Unix(0, 0))
	}
	if b.Clients() != 50 {
		t.Errorf("%d clients are remembered", b.Clients())
	}
}

func TestARateOfNoneIsNoBound(t *testing.T) {
	b, err := NewBuckets(0, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if b.Take("a", time.Unix(0, 0)) != 0 {
			t.Fatal("it is bounded")
		}
	}
}

func TestWhoFindsNoPlaceWaitsAndIsThenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := NewTurns(1, 10*time.Second)
		leave, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := turns.Take(t.Context()); !errors.Is(err, ErrBusy) || time.Since(began) != 10*time.Second {
			t.Errorf("the second waits %s: %v", time.Since(began), err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := turns.Take(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who went away: %v", err)
		}
		go func() { time.Sleep(time.Second); leave() }()
		if _, err := turns.Take(t.Context()); err != nil {
			t.Errorf("after a place became free: %v", err)
		}
	})
}

func TestOneClientCanNotHaveAll(t *testing.T) {
	s := NewShares(3, 2)
	for client, want := range map[string][]Full{"a": {NotFull, NotFull, FullClient}} {
		for _, full := range want {
			if got := s.Take(client); got != full {
				t.Errorf("%s: full is %q, want %q", client, got, full)
			}
		}
	}
	if s.Take("b") != NotFull || s.Take("c") != FullAll {
		t.Error("the third is not the last")
	}
	s.Leave("a")
	if s.Take("c") != NotFull {
		t.Error("what was given back is not free")
	}
	for _, client := range []string{"a", "b", "c"} {
		s.Leave(client)
	}
	if len(s.ofOne) != 0 || s.all != 0 {
		t.Errorf("after all left, %d clients are remembered, %d open", len(s.ofOne), s.all)
	}
}

func TestOneClientCanNotHaveAllTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := NewTurns(2, 10*time.Second)
		take := func(client string) func() {
			leave, err := turns.TakeOf(t.Context(), client)
			if err != nil {
				t.Fatalf("%s: %v", client, err)
			}
			return leave
		}
		refused := func(client string) {
			t.Helper()
			if _, err := turns.TakeOf(t.Context(), client); !errors.Is(err, ErrBusy) {
				t.Errorf("%s: %v", client, err)
			}
		}
		first := take("a")
		refused("a")
		second := take("b")
		refused("c")
		go func() { time.Sleep(time.Second); second() }()
		third := take("c")
		first()
		third()
		synctest.Wait()
		if len(turns.places) != 0 || len(turns.ofOne) != 0 {
			t.Errorf("after all, %d turns are taken and %d clients are remembered", len(turns.places), len(turns.ofOne))
		}
		alone := NewTurns(1, 0)
		if leave, err := alone.TakeOf(t.Context(), "a"); err != nil {
			t.Errorf("the only turn: %v", err)
		} else {
			leave()
		}
	})
}
