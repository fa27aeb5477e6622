// Package metricstest is the contract of a metric store as tests: every
// implementation of metrics.Store runs the same suite against the real part.
package metricstest

import (
	"testing"
	"time"

	"burnline/storage/metrics"
)

// Capabilities say what a backend can't do by its nature, so that no test is
// skipped in silence: the zero value is the strictest reading for a backend that
// can do the least.
type Capabilities struct {
	// StartTimes: samples of counters keep their start time.
	StartTimes bool
	// NativeHistograms: integer and float histograms are stored and read back.
	NativeHistograms bool
	// OutOfOrder: a sample ten minutes older than the series' newest is stored.
	OutOfOrder bool
	// RefusesFuture: a sample an hour ahead of the clock is refused.
	RefusesFuture bool
	// RefusesConflicts: a second value for the same series and time is refused
	// and the first one stays.
	RefusesConflicts bool
	// NaN: a NaN that is not a staleness marker is read back as a sample.
	NaN bool
	// Settle waits until everything committed can be read; nil where that is so
	// when Commit returns.
	Settle func(t *testing.T)
	// Reopen closes the store and opens another on the same data; nil where the
	// data lives in another process.
	Reopen func(t *testing.T, s metrics.Store) metrics.Store
}

// Run runs the contract suite. open returns a store that the suite does not
// close; it may be called once or more, and may return a store that holds other
// metrics, for every test writes metric names of its own.
func Run(t *testing.T, open func(t *testing.T) metrics.Store, can Capabilities) {
	t.Helper()
	for _, c := range cases(can) {
		t.Run(c.name, func(t *testing.T) {
			c.run(newFixture(t, open(t), can))
		})
	}
}

type contract struct {
	name string
	run  func(f *fixture)
}

// cases are the sentences of the contract that the backend can be held to.
func cases(can Capabilities) []contract {
	all := []contract{
		{"samples are read back as they were written", testRoundTrip},
		{"samples are raw, never interpolated or looked back for", testRaw},
		{"both ends of the range belong to it", testEdges},
		{"a series without samples in the range is left out", testAbsent},
		{"counter resets stay as they were written", testResets},
		{"infinities are values", testInfinities},
		{"staleness markers are not samples", testStaleness},
		{"label values may hold any UTF-8", testUTF8},
		{"the four matchers select as in PromQL", testMatchers},
		{"a matcher that names no metric selects over all of them", testNoName},
		{"a regular expression that doesn't parse is an error", testBadRegexp},
		{"the same sample twice is one sample", testSameTwice},
		{"what was yielded stays the callee's", testYieldedIsKept},
		{"an error of the callee ends the selection", testYieldError},
		{"a cancelled selection is an error, never fewer series", testCancelled},
		{"nothing of a rolled-back batch is stored", testRollback},
		{"a batch with nothing refused says so", testNothingRejected},
		{"before finds the newest older sample", testBefore},
		{"before tells series apart that share labels", testBeforeExact},
		{"an instant query answers at its time", testInstant},
		{"a range query answers at each step", testRange},
		{"a query that doesn't parse is an error", testBadQuery},
		{"many writers at once lose nothing", testConcurrent},
		{"an exemplar never costs its sample", testExemplar},
		{"a large batch is stored whole", testLargeBatch},
	}
	return append(all, optionalCases(can)...)
}

// optionalCases are those that a capability stands for; where it is absent,
// the opposite is tested if it can be told.
func optionalCases(can Capabilities) []contract {
	var out []contract
	add := func(yes bool, c ...contract) {
		if yes {
			out = append(out, c...)
		}
	}
	add(can.StartTimes, contract{"counters keep their start times", testStartTimes})
	add(!can.StartTimes, contract{"without start times every sample's is zero", testNoStartTimes})
	add(can.NativeHistograms,
		contract{"native histograms of integers are read back", testIntHistogram},
		contract{"native histograms of floats are read back", testFloatHistogram})
	add(can.OutOfOrder,
		contract{"late samples fall into their place", testOutOfOrder},
		contract{"the same late sample twice is one sample", testLateTwice})
	add(can.RefusesFuture, contract{"a sample of the future is refused and the rest stored", testFuture})
	add(can.RefusesConflicts,
		contract{"a conflicting duplicate is refused and the rest stored", testConflict},
		contract{"a conflict within one batch is refused", testConflictInBatch})
	add(can.NaN, contract{"NaN is a value", testNaN})
	add(can.Reopen != nil, contract{"what was committed is there after reopening", testReopen})
	return out
}

// span is the time that the suite writes in: recent enough for every backend.
const span = 30 * time.Minute
