package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// openAttempts is how often a folder is read that another process writes to: the
// end of its write-ahead log may be half a record at any moment.
const openAttempts = 3

// Reader reads a store's folder without taking it from the process that has it
// open. It shows what was stored when it was opened. It is not safe for
// concurrent use.
type Reader struct {
	source
	db     *tsdb.DBReadOnly
	all    storage.Querier
	engine *promql.Engine
}

// OpenReader reads the folder's blocks and its write-ahead log, which takes as much
// memory as the store that writes it has for its newest hours. The folder has to be
// writable: links to the newest samples stand there until Close. The error is one line
// that says what to do.
func OpenReader(dir string, logger *slog.Logger) (*Reader, error) {
	if _, err := os.Stat(filepath.Join(dir, "wal")); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds no metrics: it has no folder wal; name the data folder of burnline serve", dir)
		}
		return nil, fmt.Errorf("read metric store: %w", err)
	}
	if err := newerBlock(dir); err != nil {
		return nil, fmt.Errorf("read metric store: %w", err)
	}
	var failed error
	for range openAttempts {
		r, err := openReader(dir, logger)
		if err == nil {
			return r, nil
		}
		failed = err
	}
	return nil, fmt.Errorf("read metric store %s: %w; where a server writes to it, name the server's address instead", dir, failed)
}

func openReader(dir string, logger *slog.Logger) (_ *Reader, err error) {
	db, err := tsdb.OpenDBReadOnly(dir, dir, logger)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	blocks, err := db.Blocks()
	if err != nil {
		return nil, err
	}
	first := int64(math.MinInt64)
	if len(blocks) > 0 {
		first = blocks[0].Meta().MinTime
	}
	// One querier for everything: each that the database gives reads the write-ahead
	// log from its beginning and closes the blocks of the one before.
	all, err := db.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	r := &Reader{db: db, all: all, engine: newEngine(Options{Logger: logger, Registerer: prometheus.NewRegistry()}.withDefaults())}
	r.source = source{querier: r.querier, oldest: func() int64 { return first }}
	return r, nil
}

// querier implements storage.Queryable by the one querier there is; what is read
// is bounded by the hints of Select.
func (r *Reader) querier(int64, int64) (storage.Querier, error) { return kept{r.all}, nil }

// kept is a querier that outlives whoever closes it.
type kept struct{ storage.Querier }

// Close implements storage.Querier and closes nothing.
func (kept) Close() error { return nil }

// Written returns when the folder was last written to.
func Written(dir string) (time.Time, error) {
	var newest time.Time
	entries, err := os.ReadDir(filepath.Join(dir, "wal"))
	if err != nil {
		return newest, fmt.Errorf("read metric store: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !e.IsDir() && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}

// Query evaluates PromQL as Store.Query does.
func (r *Reader) Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error) {
	return query(ctx, r.engine, storage.QueryableFunc(r.querier), expr, from, to, step)
}

// Close lets go of the folder.
func (r *Reader) Close() error {
	if err := errors.Join(r.engine.Close(), r.all.Close(), r.db.Close()); err != nil {
		return fmt.Errorf("close metric store: %w", err)
	}
	return nil
}
