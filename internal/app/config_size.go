package app

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"burnline/internal/datadir"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// StoreSize bounds what a store keeps on the disk, in bytes; 0 is no bound, and AutoSize a share of the disk.
type StoreSize int64

// AutoSize is written as auto: see Config.MetricsSize and Config.TracesSize.
const AutoSize StoreSize = -1

// UnmarshalText reads auto, or a size such as 50GiB. Its error is a *yamlconf.Wrong.
func (s *StoreSize) UnmarshalText(text []byte) error {
	if string(text) == "auto" {
		*s = AutoSize
		return nil
	}
	n, err := yamlconf.ParseSize(string(text))
	*s = StoreSize(n)
	return err
}

// What stores keep of a disk unless told otherwise, in twentieths. A drill of restoring lays the samples of a backup beside
// the stored ones, and traces stop where two are free (see disk): 8 + 8 + 1 + 2. The rest is for the state, and for
// blocks that are written before those that they replace go. Nobody asked for more of a large disk than the upper bounds.
const (
	metricsShare, tracesShare = 8, 1
	mostMetrics, mostTraces   = 50 << 30, 2 << 30
	leastKept                 = 16 << 20
)

// MetricsSize is how large the stored samples may grow, in bytes; 0 is no bound. For AutoSize that is the smaller of 50 GiB
// and two fifths of the disk that the data folder lies on.
func (c Config) MetricsSize() int64 {
	return c.Metrics.MaxSize.of(c.DiskSize, metricsShare, mostMetrics)
}

// TracesSize is how large the kept traces may grow, in bytes. For AutoSize that is the smaller of 2 GiB and a twentieth of
// the disk that the data folder lies on.
func (c Config) TracesSize() int64 { return c.Traces.MaxSize.of(c.DiskSize, tracesShare, mostTraces) }

// of is the bound on a disk of that size; where that is 0, not known, the upper one.
func (s StoreSize) of(disk, share, most int64) int64 {
	switch {
	case s != AutoSize:
		return int64(s)
	case disk == 0:
		return most
	}
	return max(leastKept, min(disk/20*share, most))
}

// oversized warns of bounds that are never reached: the disk is full before.
func (c Config) oversized() slo.Findings {
	metrics, traces := c.MetricsSize(), c.TracesSize()
	if c.Metrics.Remote != nil {
		metrics = 0
	}
	room := c.DiskSize - 2*kept(c.DiskSize)
	if c.DiskSize == 0 || metrics+traces <= room {
		return nil
	}
	var findings slo.Findings
	for _, one := range []struct {
		key                string
		set                StoreSize
		size, share, other int64
	}{
		{"metrics.max_size", c.Metrics.MaxSize, metrics, metricsShare, traces},
		{"traces.max_size", c.Traces.MaxSize, traces, tracesShare, metrics},
	} {
		share := c.DiskSize / 20 * one.share
		if one.set == AutoSize || one.size <= share {
			continue
		}
		f := wrong(one.key, fmt.Sprintf("%s, with %s of the other store, are more than the disk of %s has room for (%s of %s): what comes is refused before the oldest goes",
			short(one.size), short(one.other), c.Data, short(room), short(c.DiskSize)), "write auto, or "+short(share)+" at most")
		f.Level = slo.LevelWarning
		findings = append(findings, f)
	}
	return findings
}

// short writes a size as configurations do, rounded down.
func short(n int64) string {
	if n >= 10<<30 {
		return fmt.Sprintf("%dGiB", n>>30)
	}
	return fmt.Sprintf("%dMiB", n>>20)
}

// sizeOfDisk is the size of the disk that a folder lies on, or will lie on; 0 where that can't be told.
func sizeOfDisk(dir string, look func(string) (datadir.Room, error)) int64 {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return 0
	}
	for {
		room, err := look(dir)
		above := filepath.Dir(dir)
		switch {
		case err == nil:
			return room.Size
		case !errors.Is(err, fs.ErrNotExist) || above == dir:
			return 0
		}
		dir = above
	}
}
