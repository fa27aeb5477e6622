package state

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// waiter queues for a turn and notes its name when it has it.
func waiter(t *turns, name string, delivers bool, order *[]string) {
	synctest.Wait() // the ones before it stand in line
	go func() {
		if t.take(context.Background(), delivers) == nil {
			*order = append(*order, name)
			t.pass()
		}
	}()
}

func TestDeliveriesHaveTheirTurnBeforeBatchesOfAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := &turns{}
		if err := turns.take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, name := range []string{"batch 1", "batch 2", "claim", "answer"} {
			waiter(turns, name, !strings.HasPrefix(name, "batch"), &order)
		}
		synctest.Wait()
		turns.pass()
		time.Sleep(lingering)
		synctest.Wait()
		if got := strings.Join(order, ", "); got != "claim, answer, batch 1, batch 2" {
			t.Errorf("the order is %s", got)
		}
	})
}

// Between a claim and its answers a message is on its way for a moment.
func TestTheTurnIsKeptForAMomentForTheNextThatDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := &turns{}
		if err := turns.take(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		var order []string
		waiter(turns, "batch", false, &order)
		synctest.Wait()
		turns.pass()
		time.Sleep(lingering / 2)
		waiter(turns, "answer", true, &order)
		synctest.Wait()
		time.Sleep(2 * lingering)
		synctest.Wait()
		if got := strings.Join(order, ", "); got != "answer, batch" {
			t.Errorf("the order is %s", got)
		}
		waiter(turns, "another batch", false, &order)
		synctest.Wait()
		if len(order) != 3 {
			t.Errorf("a batch waits although nobody delivers")
		}
	})
}

func TestDeliveriesKeepBatchesOutForSoLongOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := &turns{}
		deliver := func() {
			if err := turns.take(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		deliver()
		var order []string
		waiter(turns, "batch", false, &order)
		began := time.Now()
		for len(order) == 0 && time.Since(began) < 2*mostHurried {
			time.Sleep(lingering / 2)
			turns.pass()
			time.Sleep(lingering / 2)
			deliver()
		}
		turns.pass()
		if took := time.Since(began); took < mostHurried || took > mostHurried+2*lingering {
			t.Errorf("a batch waited for %s, want %s", took, mostHurried)
		}
	})
}

func TestWhoGivesUpWaitingLeavesTheTurnToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := &turns{}
		if err := turns.take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- turns.take(ctx, true) }()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		turns.pass()
		if err := turns.take(t.Context(), true); err != nil {
			t.Error(err)
		}
	})
}
