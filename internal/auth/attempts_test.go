package auth

import (
	"fmt"
	"testing"
	"time"
)

var morning = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func TestWhoFailsWaitsLongerEachTimeAndNeverForGood(t *testing.T) {
	var a Attempts
	at, waits := morning, []time.Duration{}
	for range 14 {
		wait := a.Try("ada", "192.0.2.1", at)
		waits = append(waits, wait)
		at = at.Add(wait)
		if wait > 0 && a.Try("ada", "192.0.2.1", at) != 0 {
			t.Fatalf("after waiting %s it still waits", wait)
		}
	}
	if got := fmt.Sprint(waits); got != "[0s 0s 0s 1s 2s 4s 8s 16s 32s 1m4s 2m8s 4m16s 5m0s 5m0s]" {
		t.Errorf("the waits are %s", got)
	}
	if wait := a.Try("ada", "192.0.2.1", at.Add(2*time.Hour)); wait != 0 {
		t.Errorf("after two hours without a try it waits %s", wait)
	}
}

func TestOnesFailuresAreNotAnothers(t *testing.T) {
	var a Attempts
	for range 10 {
		a.Try("ada", "192.0.2.1", morning)
	}
	if wait := a.Try("ada", "192.0.2.1", morning); wait == 0 {
		t.Error("ten tries at once are all taken")
	}
	if wait := a.Try("grace", "192.0.2.1", morning); wait != 0 {
		t.Errorf("another user of the same office waits %s", wait)
	}
	if wait := a.Try("ada", "192.0.2.2", morning); wait != 0 {
		t.Errorf("the same user elsewhere waits %s", wait)
	}
	a.Succeeded("grace", "192.0.2.1", morning)
	if wait := a.Try("ada", "192.0.2.1", morning); wait == 0 {
		t.Error("who gets in lets another one in")
	}
}

func TestNobodyIsKeptOutByOthersWhoGuess(t *testing.T) {
	var a Attempts
	a.Try("ada", "192.0.2.1", morning)
	a.Succeeded("ada", "192.0.2.1", morning)
	for i := range 200 {
		a.Try("ada", fmt.Sprintf("2001:db8:%x::1", i), morning)
	}
	if wait := a.Try("ada", "198.51.100.1", morning); wait == 0 || wait > 30*time.Second {
		t.Errorf("a name that is tried from everywhere waits %s at a new address, want up to 30s", wait)
	}
	if wait := a.Try("ada", "192.0.2.1", morning); wait != 0 {
		t.Errorf("where she got in before she waits %s", wait)
	}
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	var a Attempts
	for i := range 30 {
		a.Try(fmt.Sprint("user", i), fmt.Sprintf("2001:db8::%x", i), morning)
	}
	if a.Try("ada", "2001:db8::ffff", morning) == 0 {
		t.Error("addresses of one network each begin anew")
	}
	if a.Try("ada", "2001:db8:0:1::1", morning) != 0 {
		t.Error("another network waits for it")
	}
}

func TestWhatIsRememberedOfAttemptsIsBounded(t *testing.T) {
	var a Attempts
	for i := range mostTries + 50 {
		a.Try(fmt.Sprint("user", i), "192.0.2.1", morning.Add(time.Duration(i)*time.Minute))
	}
	if len(a.users) > mostTries {
		t.Errorf("%d users are remembered", len(a.users))
	}
}
