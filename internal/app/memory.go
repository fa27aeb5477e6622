package app

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// How much the heap may grow, in percent of what is in use, until it is collected: the first at
// the start, and less and less while collecting takes little CPU, as where thousands of SLOs hold
// much memory and make little garbage. Go's own 100 takes a sixth more memory under load for
// hardly any less CPU; Prometheus, whose storage engine runs here, has 75 too.
func gcPercents() []int { return []int{75, 40, 25} }

// There is less room to grow, looked at every paceEvery, where collecting then takes up to paceCalm
// of all processors, and more again where it takes paceStrain.
const (
	paceEvery  = 15 * time.Second
	paceCalm   = 0.05
	paceStrain = 0.075
)

// While a server starts, what it holds only grows, and collecting it again and again finds hardly
// any garbage: with 10,000 SLOs a quarter of the CPU time until all are counted. So the heap may
// grow by startPercent then, for longestStart at most, up to the share of the machine's or the
// container's memory that startShare is; above it the collector works as hard as it has to.
const (
	startPercent = 300
	startShare   = 0.5
	longestStart = 30 * time.Second
)

// tuneMemory sets the garbage collector for the start, unless the operator did by GOGC. Calm puts
// in force what holds after it.
func tuneMemory() (calm func()) {
	if operatorPaces() {
		return func() {}
	}
	limit := debug.SetMemoryLimit(-1) // the operator's GOMEMLIMIT, or none
	calm = func() {
		debug.SetGCPercent(gcPercents()[0])
		debug.SetMemoryLimit(limit)
	}
	calm()
	memory, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)()
	if err != nil { // how much there is can't be known, so no more is taken
		return calm
	}
	debug.SetMemoryLimit(min(limit, int64(startShare*float64(memory))))
	debug.SetGCPercent(startPercent)
	return calm
}

func operatorPaces() bool { return os.Getenv("GOGC") != "" }

// tendMemory follows how much CPU collecting takes, and returns to the system, once all
// history of SLOs was read, the memory that reading it took; by itself the runtime does so over
// many minutes.
func (p *parts) tendMemory(ctx context.Context) error {
	start, end := context.WithTimeout(ctx, longestStart)
	defer end()
	select {
	case <-start.Done():
	case <-p.counted:
	}
	p.calm()
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	// Reading was under way until a moment ago, so what it took is returned at the first look.
	reading, paced, pace := true, time.Now(), pace{}
	pace.gc, pace.all = collecting()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		was := reading
		if reading = p.engine.Filling(); was && !reading {
			debug.FreeOSMemory()
			// What reading took says nothing of what comes.
			paced = time.Now()
			pace.gc, pace.all = collecting()
		}
		if reading || time.Since(paced) < paceEvery || operatorPaces() {
			continue
		}
		paced = time.Now()
		if old := pace.percent(); pace.next(collecting()) != old {
			debug.SetGCPercent(pace.percent())
			if pace.percent() < old {
				debug.FreeOSMemory() // the room that is not needed any more
			}
		}
	}
}

// collecting returns the CPU time, in seconds, that collecting took, and that of all
// processors, used or not.
func collecting() (gc, all float64) {
	samples := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/total:cpu-seconds"}}
	metrics.Read(samples)
	for i, to := range []*float64{&gc, &all} {
		if samples[i].Value.Kind() == metrics.KindFloat64 {
			*to = samples[i].Value.Float64()
		}
	}
	return gc, all
}

// pace is how much the heap may grow, by what collecting took.
type pace struct {
	gc, all float64 // at the last look
	level   int     // in gcPercents
}

func (p *pace) percent() int { return gcPercents()[p.level] }

// next returns the percentage from now on. The runtime tells the times of after each
// collection, so that there is nothing to judge where there was none.
func (p *pace) next(gc, all float64) int {
	spent, had := gc-p.gc, all-p.all
	p.gc, p.all = gc, all
	less := min(p.level+1, len(gcPercents())-1)
	switch {
	case had <= 0:
	case spent > paceStrain*had:
		p.level = max(p.level-1, 0)
	// What collecting takes rises as the room shrinks.
	case spent*float64(p.percent()) < paceCalm*had*float64(gcPercents()[less]):
		p.level = less
	}
	return p.percent()
}
