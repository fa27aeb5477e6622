package local

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/compression"
)

// Options say where the store lies and what bounds it. Zero fields take the
// default named at each; Dir, Logger and Registerer are required.
type Options struct {
	// Dir is the data folder; it is created when missing.
	Dir string
	// Retention is for how long samples are kept. Default 100 days.
	Retention time.Duration
	// MaxBytes bounds the blocks on disk; the oldest go first. 0 is no bound.
	MaxBytes int64
	// OutOfOrder is how much older than the newest sample of the store a late
	// sample may be. Default one day.
	OutOfOrder time.Duration
	// MaxSeries bounds the series in memory (those with recent samples): beyond
	// it samples of new series are refused. Writers that create series at the
	// same instant may exceed it by their number. 0 is no bound.
	MaxSeries int
	// MaxSamples bounds the samples that one query may hold in memory. Default 50 million.
	MaxSamples int
	// Room says why nothing may be stored for want of room on the disk; nil where something may. The
	// store must not meet a disk without any: its log would be damaged. Default nil: there always is.
	Room func() error
	// Now is the clock by which a sample is in the future. Default time.Now.
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

const (
	defaultRetention  = 100 * 24 * time.Hour
	defaultOutOfOrder = 24 * time.Hour
	defaultMaxSamples = 50_000_000
	// maxFuture is how far ahead of the clock a sample may be.
	maxFuture = 10 * time.Minute
	// maxExemplars bounds the ring of exemplars in memory: about 150 bytes each.
	maxExemplars = 100_000
	// stripes is into how many locks the series in memory are split; a power of
	// two. Prometheus' 16,384 take 5 MB before the first series.
	stripes = 4096
	// longestBlock and blocksPerRetention bound a block's length, so that
	// retention drops data in steps of at most a tenth.
	longestBlock       = 31 * 24 * time.Hour
	blocksPerRetention = 10
)

func (o Options) withDefaults() Options {
	if o.Retention <= 0 {
		o.Retention = defaultRetention
	}
	if o.OutOfOrder <= 0 {
		o.OutOfOrder = defaultOutOfOrder
	}
	if o.MaxSamples <= 0 {
		o.MaxSamples = defaultMaxSamples
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Room == nil {
		o.Room = func() error { return nil }
	}
	return o
}

// tsdbOptions are the TSDB's own options. Start times are stored (XOR2 chunks
// carry them), and never turned into zero samples, which would be counted. The
// folder is locked by Open, in a way that Prometheus respects: the TSDB's own
// lock would be the same one again, with a line in the log after each crash.
func (o Options) tsdbOptions(limit tsdb.SeriesLifecycleCallback) *tsdb.Options {
	t := tsdb.DefaultOptions()
	t.RetentionDuration = o.Retention.Milliseconds()
	t.MaxBytes = o.MaxBytes
	t.MinBlockDuration = (2 * time.Hour).Milliseconds()
	t.MaxBlockDuration = max(min(o.Retention/blocksPerRetention, longestBlock).Milliseconds(), t.MinBlockDuration)
	t.OutOfOrderTimeWindow = o.OutOfOrder.Milliseconds()
	t.NoLockfile = true
	t.StripeSize = stripes
	t.WALCompression = compression.Snappy
	t.EnableExemplarStorage, t.MaxExemplars = true, maxExemplars
	t.EnableSTStorage, t.FloatChunkEncoding = true, chunkenc.EncXOR2
	// With isolation a committed sample is hidden while another batch that
	// began earlier is in the middle of its commit to the same series. What was
	// acknowledged has to be readable; that a query may see half of a batch for
	// a moment is the lesser evil, and no SLO is counted by queries.
	t.IsolationDisabled = true
	t.SeriesLifecycleCallback = limit
	return t
}
