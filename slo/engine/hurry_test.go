package engine

import (
	"errors"
	"testing"
)

// Hurry ends the pause after reads that failed, so that an SLO is counted as soon as storage answers again.
func TestHurryEndsThePauseAfterReadsThatFailed(t *testing.T) {
	t.Parallel()
	u := newUndelivered(t)
	u.start(newShelf())
	u.store.err = errors.New("storage is away")
	for range 3 {
		u.engine.readOnce(t.Context(), u.slo)
	}
	if u.slo.wantsRead(u.now + 1000) {
		t.Fatal("no pause follows a third failure")
	}
	u.store.err = nil
	u.engine.Hurry()
	if !u.slo.wantsRead(u.now) {
		t.Fatal("the pause goes on")
	}
	if u.engine.readOnce(t.Context(), u.slo); !u.slo.filled || u.slo.readErr != nil {
		t.Errorf("the history is not read: %v", u.slo.readErr)
	}
}
