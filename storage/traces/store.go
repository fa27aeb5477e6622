// Package traces keeps sampled traces in files, bounded by size, age and
// number. A trace may come in several pieces; each piece is one checksummed
// record of compressed OTLP protobuf in an append-only segment file. An index
// in memory, rebuilt at open from the records' heads, finds traces by id and
// rules out those that a search need not read. Bad traces have files of their
// own; when a bound is reached the oldest segment of the others goes, and of the
// bad ones only where the others have little left.
//
// Everything Append has returned nil for survives the end of the process; a
// loss of power may take the last seconds. A torn last record is cut off at
// open.
package traces

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
)

// The bounds where Options do not say otherwise.
const (
	DefaultRetention = 72 * time.Hour
	DefaultMaxBytes  = 2 << 30
	DefaultMaxTraces = 100_000
)

// ErrNotFound says that no piece of a trace is kept.
var ErrNotFound = tracesearch.ErrNotFound

// errClosed says that the store was closed.
var errClosed = errors.New("the trace store is closed")

// Options are what a Store is opened with.
type Options struct {
	// Dir is the folder of the segment files; it is made when absent.
	Dir string
	// Retention is how long a trace is kept after it came. Default 72h.
	Retention time.Duration
	// MaxBytes bounds the files. Default 2 GiB.
	MaxBytes int64
	// MaxTraces bounds the index, which takes about 200 bytes a trace, and 0.6 KiB at most
	// for each of its pieces. Default 100,000.
	MaxTraces int
	// Room says why nothing may be stored for want of room on the disk; nil where something may.
	// Default: there always is.
	Room func() error
	// Redact takes out of traces what must not be stored. It is given a copy, before
	// anything else is done with it. Default: everything is stored.
	Redact func(ptrace.Traces)
	// Stored returns what is stored in place of an attribute's value, so that a search for
	// the value finds what Redact replaced. Default: the value.
	Stored func(attribute, value string) string
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Logger tells of damaged files. Default: none.
	Logger *slog.Logger
	// Registerer takes the store's metrics. Default: none.
	Registerer prometheus.Registerer
}

func (o *Options) setDefaults() error {
	if o.Dir == "" {
		return errors.New("open trace store: no folder is given")
	}
	if o.Retention <= 0 {
		o.Retention = DefaultRetention
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxTraces <= 0 {
		o.MaxTraces = DefaultMaxTraces
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Store keeps traces. Its methods may be called concurrently.
type Store struct {
	opts Options
	enc  *zstd.Encoder
	dec  *zstd.Decoder

	mu          sync.RWMutex
	bad, others series
	number      uint64 // of the newest segment
	index       map[pcommon.TraceID]*entry
	closed      bool
	// turns holds a place for every search that runs.
	turns chan struct{}
	// unreadable counts traces that a search left out because they can't be read.
	unreadable prometheus.Counter
	// forgetting is held while traces are deleted.
	forgetting sync.Mutex
}

// Open opens the store in a folder and rebuilds its index.
func Open(opts Options) (*Store, error) {
	if err := opts.setDefaults(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opts.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("open trace store: %w", err)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("open trace store: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPiece))
	if err != nil {
		return nil, fmt.Errorf("open trace store: %w", err)
	}
	s := &Store{
		opts: opts, enc: enc, dec: dec, index: map[pcommon.TraceID]*entry{},
		bad: series{suffix: suffixBad}, others: series{suffix: suffixOthers}, turns: make(chan struct{}, mostSearches),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "burnline_traces_unreadable_total",
			Help: "Kept traces that a search left out because they can't be read.",
		}),
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open trace store: %w", err), s.Close())
	}
	if opts.Registerer != nil {
		if err := s.register(opts.Registerer); err != nil {
			return nil, errors.Join(fmt.Errorf("open trace store: %w", err), s.Close())
		}
	}
	return s, nil
}

// Append keeps the spans. They stay the caller's and are only read. On an
// error some traces of the batch may be kept and others not.
func (s *Store) Append(ctx context.Context, td ptrace.Traces) error {
	if s.opts.Room != nil {
		if err := s.opts.Room(); err != nil {
			return fmt.Errorf("keep traces: %w", err)
		}
	}
	if s.opts.Redact != nil {
		kept := ptrace.NewTraces()
		td.CopyTo(kept)
		s.opts.Redact(kept)
		td = kept
	}
	for id, piece := range split(td) {
		if err := ctx.Err(); err != nil {
			return err
		}
		now := s.opts.Now()
		h := headOf(id, piece, now)
		record, err := s.encode(h, piece)
		if err != nil {
			return fmt.Errorf("encode trace %s: %w", id, err)
		}
		if err := s.write(h, record, now); err != nil {
			return fmt.Errorf("keep trace %s: %w", id, err)
		}
	}
	return nil
}

func (s *Store) write(h head, record []byte, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	e, known := s.index[h.id]
	of := s.series(h.bad() || known && e.bad)
	seg, err := s.writable(of, now)
	if err != nil {
		return err
	}
	at, err := seg.append(record)
	if err != nil {
		return err
	}
	of.bytes += int64(len(record))
	of.pieces++
	s.note(seg, at, h)
	return s.bound(now)
}

// Trace returns all kept pieces of a trace in one, each span once; ErrNotFound when there are
// none.
func (s *Store) Trace(ctx context.Context, id pcommon.TraceID) (ptrace.Traces, error) {
	s.mu.RLock()
	e, ok := s.index[id]
	gone := !ok || e.written < s.oldest()
	s.mu.RUnlock()
	if gone {
		return ptrace.NewTraces(), ErrNotFound
	}
	if err := ctx.Err(); err != nil {
		return ptrace.NewTraces(), err
	}
	td, _, err := s.whole(id)
	return td, err
}

// oldest is when what is kept was written at the earliest. What is older is gone, even if its
// segment still stands because newer traces are in it.
func (s *Store) oldest() int64 { return s.opts.Now().Add(-s.opts.Retention).UnixNano() }

// Close makes everything safe on disk. The store must not be used after it.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, of := range []*series{&s.bad, &s.others} {
		if last := of.last(); last != nil {
			errs = append(errs, last.file.Sync())
		}
		for _, seg := range of.segments {
			errs = append(errs, seg.file.Close())
		}
	}
	s.dec.Close()
	errs = append(errs, s.enc.Close())
	return errors.Join(errs...)
}
