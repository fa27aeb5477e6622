package shop

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// fault is what is wrong with payment; the zero value is nothing.
type fault struct {
	region string
	// method is the one method of payment that it concerns; "" is all.
	method string
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

// draw decides the fate of one payment in a region by some method.
func (f *faults) draw(region, method string) (fails bool, delay time.Duration) {
	now := f.now.Load()
	if now.region != region || now.method != "" && now.method != method {
		return false, 0
	}
	return rand.Float64() < now.fails, now.delay
}
