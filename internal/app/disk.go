package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/internal/datadir"
	"burnline/slo"
	"burnline/storage/checkpoints"
)

// What samples leave free of the disk: a twentieth of it, at most 1 GiB. Traces leave twice that, and a
// start needs a quarter. So what takes most room stops first, and incidents and pages, which take little, go on. The metric
// store's log of writes must not meet a full disk either: what it had written in part would make the rest unreadable.
const (
	keptShare = 20
	mostKept  = 1 << 30
)

// disk knows the room on the disk of the data folder.
type disk struct {
	dir  string
	look func(dir string) (datadir.Room, error)
	// full is since when and why nothing more is stored, as it was seen last; nil while something is.
	full atomic.Pointer[fullness]
}

// fullness is a disk that is full.
type fullness struct {
	since time.Time
	err   error
}

// note keeps whether samples can be stored, with when that was first seen not to be so.
func (d *disk) note(err error, now time.Time) {
	switch {
	case err == nil:
		d.full.Store(nil)
	case d.full.Load() == nil:
		d.full.Store(&fullness{now, err})
	}
}

// kept is what samples leave free of a disk of that size, in bytes.
func kept(size int64) int64 { return min(size/keptShare, mostKept) }

// leaves says why something may not be written that leaves so many times what samples leave; nil when it may,
// and when nobody knows.
func (d *disk) leaves(times float64, what string) error {
	room, err := d.look(d.dir)
	if err != nil {
		return nil //nolint:nilerr // who writes will learn it
	}
	left := int64(times * float64(kept(room.Size)))
	if room.Free >= left {
		return nil
	}
	return datadir.Full(fmt.Errorf("the disk of %s is full: %s of %s are free, and %s %s; free space",
		d.dir, mebibytes(room.Free), mebibytes(room.Size), what, mebibytes(left)))
}

// fits says why so many bytes can't be written beside what samples leave; nil when they can, and when nobody knows.
func (d *disk) fits(bytes int64, what string) error {
	room, err := d.look(d.dir)
	if err != nil {
		return nil //nolint:nilerr // who writes will learn it
	}
	kept := min(room.Size/keptShare, mostKept)
	if room.Free >= bytes+kept {
		return nil
	}
	return datadir.Full(fmt.Errorf("the disk of %s has %s free; %s about %s, and %s stay free for samples, incidents and pages; free space",
		d.dir, mebibytes(room.Free), what, mebibytes(bytes), mebibytes(kept)))
}

// samples, traces and start say why none can be; nil when they can.
func (d *disk) samples() error {
	return d.leaves(1, "samples leave incidents and pages at least")
}

func (d *disk) traces() error { return d.leaves(2, "traces leave the rest at least") }
func (d *disk) start() error  { return d.leaves(0.25, "a start needs at least") }

// mebibytes writes a size for people.
func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// register adds the disk's metrics.
func (d *disk) register(reg prometheus.Registerer) {
	reg.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_data_disk_free_bytes",
			Help: "What may still be written to the disk of the data folder.",
		}, func() float64 {
			room, err := d.look(d.dir)
			if err != nil {
				return -1
			}
			return float64(room.Free)
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "burnline_data_disk_full",
			Help: "1 while samples are refused because the disk of the data folder is almost full, else 0.",
		}, func() float64 {
			if d.samples() != nil {
				return 1
			}
			return 0
		}),
	)
}

// checkDisk is how often it is looked whether there is room.
const checkDisk = time.Second

// watchDisk tells once that the disk is full and once that it is not any more. While there still is a little room it has the
// metric store write what it would write within a minute: without any its library would end the process.
func (p *parts) watchDisk(ctx context.Context) error {
	tick := time.NewTicker(checkDisk)
	defer tick.Stop()
	for full := false; ; {
		err := p.disk.samples()
		p.disk.note(err, time.Now())
		switch {
		case err != nil && !full:
			p.logger.Error("no samples and traces are stored until there is room on the disk", "error", err)
			if p.local != nil {
				p.local.Settle()
			}
		case err == nil && full:
			p.logger.Info("there is room on the disk again")
		}
		full = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// unstored says since when and why the embedded store takes no samples, by the last look at its disk.
func (p *parts) unstored() (time.Time, error) {
	f := p.disk.full.Load()
	if f == nil || p.local == nil {
		return time.Time{}, nil
	}
	return f.since, f.err
}

// full says why nothing more is stored; nil where something is.
func (p *parts) full() error {
	if err := p.state.Trouble(); datadir.IsFull(err) {
		return err
	}
	if p.local == nil {
		return nil
	}
	return p.disk.samples()
}

// roomyCheckpoints writes no checkpoints while samples are refused: the store of samples can be read instead.
type roomyCheckpoints struct {
	*checkpoints.Store
	room func() error
	// saved keeps when the newest was written.
	saved *atomic.Pointer[time.Time]
}

// Save implements engine.Checkpoints.
func (c roomyCheckpoints) Save(ctx context.Context, some []slo.Checkpoint) error {
	if err := c.room(); err != nil {
		return err
	}
	if err := c.Store.Save(ctx, some); err != nil {
		return err
	}
	now := time.Now()
	c.saved.Store(&now)
	return nil
}
