package auth

import (
	"fmt"
	"testing"
	"time"
)

func TestAnAddressThatGuessesTokensWaitsAndOthersDoNot(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var g Guesses
	g.Tell("good", "192.0.2.1", true, at)
	for i := range 20 {
		if wait := g.Wait(fmt.Sprint(i), "192.0.2.1", at); wait != 0 {
			t.Fatalf("guess %d has to wait %s", i, wait)
		}
		g.Tell(fmt.Sprint(i), "192.0.2.1", false, at)
	}
	for _, c := range []struct {
		name, token, address string
		after                time.Duration
		want                 time.Duration
	}{
		{"a further guess", "20", "192.0.2.1", 0, time.Second},
		{"the same a moment later", "20", "192.0.2.1", 400 * time.Millisecond, 600 * time.Millisecond},
		{"after the wait", "20", "192.0.2.1", time.Second, 0},
		{"a token that was right from there", "good", "192.0.2.1", 0, 0},
		{"the same token from elsewhere", "good", "192.0.2.2", 0, 0},
		{"an old guess", "3", "192.0.2.1", 0, time.Second},
	} {
		if got := g.Wait(c.token, c.address, at.Add(c.after)); got != c.want {
			t.Errorf("%s waits %s, want %s", c.name, got, c.want)
		}
	}
	for i := range 100 {
		g.Tell(fmt.Sprint("more", i), "192.0.2.1", false, at)
	}
	if got := g.Wait("x", "192.0.2.1", at); got != 30*time.Second {
		t.Errorf("after many it waits %s, want 30s", got)
	}
	g.Tell("good", "192.0.2.1", false, at) // it was revoked
	if got := g.Wait("good", "192.0.2.1", at); got == 0 {
		t.Error("a token that is right no more does not wait")
	}
}

// An agent with an old token sends it again and again; the agents beside it keep sending.
func TestTheSameWrongTokenIsOneGuess(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var g Guesses
	for i := range 10_000 {
		g.Tell("old", "2001:db8::1", false, at.Add(time.Duration(i)*time.Second))
	}
	if wait := g.Wait("new", "2001:db8::2", at.Add(10_000*time.Second)); wait != 0 {
		t.Errorf("its neighbour waits %s", wait)
	}
}
