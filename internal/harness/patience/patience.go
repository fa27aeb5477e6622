// Package patience is how tests wait: for what has to come, however slow and busy the machine is. No test
// says how soon something comes; what never comes fails it.
package patience

import (
	"context"
	"testing"
	"time"
)

// Limit is for how long a test waits before it says that something never comes. Only a defect lets it run out.
const Limit = 4 * time.Minute

// often is how often is looked.
const often = 10 * time.Millisecond

// Until waits until something holds, and ends the test when it never does.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(often)
	defer tick.Stop()
	for over := time.Now().Add(Limit); !holds(); <-tick.C {
		if time.Now().After(over) {
			t.Fatalf("it never came that %s", what)
		}
	}
}

// Receive waits for a value of a channel, or for its end, and ends the test when neither comes.
func Receive[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	over := time.NewTimer(Limit)
	defer over.Stop()
	select {
	case value := <-from:
		return value
	case <-over.C:
		t.Fatalf("it never came that %s", what)
		panic("a test went on after its end")
	}
}

// Context bounds calls that answer at once unless something is wrong.
func Context(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Limit)
	t.Cleanup(cancel)
	return ctx
}
