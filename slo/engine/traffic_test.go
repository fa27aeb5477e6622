package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

const trafficNow = int64(1_800_000_000_000)

// pass marks the minutes of a day and a bit of which keep says so, newest last.
func pass(keep func(i int) bool) *traffic {
	tf := &traffic{}
	for i := range trafficMinutes {
		if keep(i) {
			at := trafficNow - int64(trafficMinutes-i)*minute
			tf.events(at-minute, at, 3, false, at)
		}
	}
	return tf
}

func TestTrafficIsSteadyWhenNearlyEveryMinuteOfADayHasEvents(t *testing.T) {
	for _, c := range []struct {
		name     string
		keep     func(i int) bool
		interval time.Duration
		want     bool
	}{
		{"events in every minute", func(int) bool { return true }, 15 * time.Second, true},
		{"none in 4 of 100 minutes", func(i int) bool { return i%25 != 3 }, 15 * time.Second, true},
		{"none in 6 of 100 minutes", func(i int) bool { return i%100 < 94 }, 15 * time.Second, false},
		{"none for three hours of the night", func(i int) bool { return i < 600 || i > 780 }, 15 * time.Second, false},
		{"half a day is known", func(i int) bool { return i > trafficMinutes/2 }, 15 * time.Second, false},
		{"scraped each minute, of which every third shows none", func(i int) bool { return i%3 != 0 }, time.Minute, true},
		{"scraped each minute, of which every third shows some", func(i int) bool { return i%3 == 0 }, time.Minute, true},
		{"scraped each minute, of which every seventh shows some", func(i int) bool { return i%7 == 0 }, time.Minute, false},
		{"a sample every ten minutes", func(i int) bool { return i%10 == 0 }, 10 * time.Minute, true},
		{"never any events", func(int) bool { return false }, 15 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := pass(c.keep).steady(c.interval.Milliseconds()); got != c.want {
				t.Errorf("steady is %v", got)
			}
		})
	}
}

// Whatever the order in which samples come, how often, and in how many accumulators,
// the same minutes are remembered.
func TestTrafficRemembersTheSameInAnyOrder(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	for range 50 {
		type difference struct {
			from, to int64
			n        float64
			spread   bool
		}
		var all []difference
		for range 200 {
			to := trafficNow - r.Int64N(2*trafficMinutes*minute)
			span := r.Int64N(40 * minute)
			all = append(all, difference{to - span, to, float64(r.IntN(60)), span > spreadSpan})
		}
		straight, mixed, rest := &traffic{}, &traffic{}, &traffic{}
		for _, d := range all {
			straight.events(d.from, d.to, d.n, d.spread, trafficNow)
		}
		for i, at := range r.Perm(len(all)) {
			d, into := all[at], mixed
			if i%3 == 0 {
				into = rest
			}
			into.events(d.from, d.to, d.n, d.spread, trafficNow)
			into.events(d.from, d.to, d.n, d.spread, trafficNow)
		}
		mixed.inherit(rest)
		if *straight != *mixed {
			t.Fatalf("seed %d: %s", seed, fmt.Sprintf("%+v became %+v", *straight, *mixed))
		}
	}
}

func TestOnlyEnoughEventsFillTheMinutesOfAGap(t *testing.T) {
	for n, want := range map[float64]int{59: 1, 60: 60, 6000: 60} {
		tf := &traffic{}
		to := floorDiv(trafficNow, minute) * minute
		tf.events(to-60*minute, to, n, true, trafficNow)
		got := 0
		for m := range int64(trafficMinutes) {
			if tf.has(tf.newest - m) {
				got++
			}
		}
		if got != want {
			t.Errorf("%g events over an hour mark %d minutes", n, got)
		}
	}
}
