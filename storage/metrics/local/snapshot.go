package local

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/prometheus/tsdb"
)

// Holding is what the blocks of a folder hold.
type Holding struct {
	// Series counts those of each block, so that one in several blocks counts several times.
	Series, Samples uint64
	// From and To bound the times of samples; zero without any.
	From, To time.Time
}

// Snapshot writes everything that is stored to a new folder on the same disk, which a store can be opened on:
// blocks as links, and what is only in memory and in the log as a block of its own. Appends don't wait.
func (s *Store) Snapshot(ctx context.Context, dir string) (Holding, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return Holding{}, fmt.Errorf("snapshot the metric store: %w", err)
	}
	// What came out of order is in neither otherwise.
	if err := s.db.CompactOOOHead(ctx); err != nil {
		return Holding{}, fmt.Errorf("snapshot the metric store: %w", err)
	}
	head := s.db.Head()
	if err := s.db.Snapshot(dir, head.NumSeries() > 0 && head.MinTime() <= head.MaxTime()); err != nil {
		return Holding{}, fmt.Errorf("snapshot the metric store: %w", err)
	}
	return Held(dir)
}

// Held reads what the blocks of a folder say that they hold.
func Held(dir string) (h Holding, _ error) {
	metas, err := filepath.Glob(filepath.Join(dir, "*", "meta.json"))
	if err != nil {
		return h, fmt.Errorf("list the blocks of %s: %w", dir, err)
	}
	for _, path := range metas {
		body, err := os.ReadFile(path) //nolint:gosec // a file of the store
		if err != nil {
			return h, fmt.Errorf("read a block: %w", err)
		}
		var meta tsdb.BlockMeta
		if err := json.Unmarshal(body, &meta); err != nil {
			return h, fmt.Errorf("read %s: %w", path, err)
		}
		h.Series, h.Samples = h.Series+meta.Stats.NumSeries, h.Samples+meta.Stats.NumSamples
		if from := time.UnixMilli(meta.MinTime).UTC(); h.From.IsZero() || from.Before(h.From) {
			h.From = from
		}
		if to := time.UnixMilli(meta.MaxTime).UTC(); to.After(h.To) {
			h.To = to
		}
	}
	return h, nil
}
