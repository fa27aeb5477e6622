package engine

import (
	"runtime"
	"testing"
	"time"

	"burnline/internal/harness/sizing"
)

// memoryOf is what an SLO of so many series takes in memory after days with errors, and how long its checkpoint is.
func memoryOf(t testing.TB, slos, series int) (live, checkpoint float64) {
	t.Helper()
	before := sizing.Heap()
	e, now, batches := fleet(t, slos, series)
	for _, of := range []struct {
		rounds int
		step   time.Duration
	}{{24, time.Hour}, {20, time.Minute}, {10, 15 * time.Second}} {
		for range of.rounds {
			advance(e, now, batches, of.step)
			judgeAll(e)
		}
		e.sweep(*now)
	}
	live = (sizing.Heap() - before) / float64(slos)
	data, _ := e.list()[0].checkpoint(now.UnixMilli())
	runtime.KeepAlive(e)
	return live, float64(len(data))
}

func TestAnSLOTakesTheMemoryThatTheDocsSay(t *testing.T) {
	live, checkpoint := memoryOf(t, 4, 50)
	sizing.Holds(t, "an SLO of 50 series, live", live/1024, 2)
	sizing.Holds(t, "the checkpoint of an SLO of 50 series", checkpoint/1024, 2)
}

// BenchmarkSizes prints what docs/sizing.md states.
func BenchmarkSizes(b *testing.B) {
	live, checkpoint := memoryOf(b, 100, 50)
	b.ReportMetric(live, "B/SLO")
	b.ReportMetric(checkpoint, "B/checkpoint")
	one, _ := memoryOf(b, 100, 5)
	b.ReportMetric((live-one)/45, "B/series")
	b.ReportMetric(0, "ns/op")
}
