package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/prometheus/tsdb"

	"burnline/bench/internal/fleet"
)

// blockLength is that of one block of history; no server merges blocks this long.
const blockLength = 72 * time.Hour

// stretch is a part of the history with samples at one interval.
type stretch struct {
	from, to time.Time
	every    time.Duration
}

// writeHistory writes a fleet's past as blocks of Prometheus' TSDB, which the
// embedded store and Prometheus itself read alike. It returns how many samples it wrote.
func writeHistory(ctx context.Context, dir string, f fleet.Fleet, past []stretch) (int64, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return 0, fmt.Errorf("make a folder for the history: %w", err)
	}
	var jobs []stretch
	for _, s := range past {
		for from := s.from; from.Before(s.to); {
			to := from.Truncate(blockLength).Add(blockLength)
			if to.After(s.to) {
				to = s.to
			}
			jobs = append(jobs, stretch{from, to, s.every})
			from = to
		}
	}
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		samples int64
		failed  error
	)
	queue := make(chan stretch)
	for range 2 {
		wg.Go(func() {
			for job := range queue {
				n, err := writeBlock(ctx, dir, f, job)
				mu.Lock()
				samples, failed = samples+n, errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	wg.Wait()
	return samples, failed
}

// writeBlock writes the samples of [from, to) into one block.
func writeBlock(ctx context.Context, dir string, f fleet.Fleet, s stretch) (n int64, err error) {
	// Twice the length, since a writer takes nothing older than half of what it is told.
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), dir, 2*blockLength.Milliseconds())
	if err != nil {
		return 0, fmt.Errorf("begin a block: %w", err)
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for i := range f.Services {
		app := w.Appender(ctx)
		for _, c := range append(f.Counters(i), f.Recorded(i)) {
			for at := s.from; at.Before(s.to); at = at.Add(s.every) {
				if _, err := app.Append(0, c.Labels, at.UnixMilli(), c.Value(at)); err != nil {
					return n, errors.Join(fmt.Errorf("write history: %w", err), app.Rollback())
				}
				n++
			}
		}
		if err := app.Commit(); err != nil {
			return n, fmt.Errorf("write history: %w", err)
		}
	}
	if _, err := w.Flush(ctx); err != nil {
		return n, fmt.Errorf("write a block: %w", err)
	}
	return n, nil
}

// share gives another folder the same blocks, by hard links: blocks never change.
func share(from, to string) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o750)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
	if err != nil {
		return fmt.Errorf("share the history: %w", err)
	}
	return nil
}
