package app

import (
	"context"
	"os"
	"runtime/debug"
	"time"
)

// gcPercent is how much the heap may grow, in percent of what is in use, until
// it is collected. Go's own 100 takes a sixth more memory under load for hardly
// any less CPU. Prometheus, whose storage engine runs here, has 75 too.
const gcPercent = 75

// tuneMemory sets the garbage collector unless the operator did, by GOGC.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// giveBack returns to the system, once all history of SLOs was read, the memory that
// reading it took; by itself the runtime does so over many minutes.
func (p *parts) giveBack(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	reading := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		was := reading
		if reading = p.engine.Filling(); was && !reading {
			debug.FreeOSMemory()
		}
	}
}
