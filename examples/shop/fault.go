package shop

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// fault is what is wrong with payment; the zero value is nothing.
type fault struct {
	region string
	// fails is the share of payments that fails, 0–1.
	fails float64
	// delay is how much longer a payment takes.
	delay time.Duration
}

// faults holds the fault of now.
type faults struct{ now atomic.Pointer[fault] }

func newFaults() *faults {
	f := &faults{}
	f.set(fault{})
	return f
}

func (f *faults) set(now fault) { f.now.Store(&now) }

// draw decides the fate of one payment in a region.
func (f *faults) draw(region string) (fails bool, delay time.Duration) {
	now := f.now.Load()
	if now.region != region {
		return false, 0
	}
	return rand.Float64() < now.fails, now.delay
}
