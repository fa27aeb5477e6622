package auth

import (
	"fmt"
	"testing"
	"time"
)

func TestAnAddressThatGuessesTokensWaitsAndOthersDoNot(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var g Guesses
	for i := range 20 {
		if wait := g.Wait("192.0.2.1", at); wait != 0 {
			t.Fatalf("guess %d has to wait %s", i, wait)
		}
		g.Wrong(fmt.Sprint(i), "192.0.2.1", at)
	}
	for _, c := range []struct {
		name, address string
		after         time.Duration
		want          time.Duration
	}{
		{"a further guess", "192.0.2.1", 0, time.Second},
		{"the same a moment later", "192.0.2.1", 400 * time.Millisecond, 600 * time.Millisecond},
		{"after the wait", "192.0.2.1", time.Second, 0},
		{"from elsewhere", "192.0.2.2", 0, 0},
	} {
		if got := g.Wait(c.address, at.Add(c.after)); got != c.want {
			t.Errorf("%s waits %s, want %s", c.name, got, c.want)
		}
	}
	for i := range 100 {
		g.Wrong(fmt.Sprint("more", i), "192.0.2.1", at)
	}
	if got := g.Wait("192.0.2.1", at); got != 30*time.Second {
		t.Errorf("after many it waits %s, want 30s", got)
	}
}

// An agent with an old token sends it again and again; the agents beside it keep sending.
func TestTheSameWrongTokenIsOneGuess(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var g Guesses
	for i := range 10_000 {
		g.Wrong("old", "2001:db8::1", at.Add(time.Duration(i)*time.Second))
	}
	if wait := g.Wait("2001:db8::2", at.Add(10_000*time.Second)); wait != 0 {
		t.Errorf("its neighbour waits %s", wait)
	}
}
