package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting/drills"
	"burnline/internal/backup"
	"burnline/internal/datadir"
	"burnline/internal/repeat"
	"burnline/slo"
	"burnline/storage/state"
	"burnline/web"
)

const (
	// shippedDir is the folder in that of backups that the state is copied to as it is written.
	shippedDir = "state"
	// stagingDir is where in the data folder a backup is made that goes elsewhere, and snapshots that
	// have to be on the disk of their store; drillDir is where one is restored to be tried.
	stagingDir = ".backup"
	drillDir   = ".restore-drill"
	// claimEvery is how often a server says that it writes to its folder of backups.
	claimEvery = 30 * time.Second
)

// backups makes backups of the running server, and tries whether they can be restored.
type backups struct {
	p *parts
	// shipper copies the state as it is written, and behind tells when it does not keep up; nil where nothing does.
	shipper *state.Shipper
	behind  *copyWatch
	// claim keeps a copy of this state that runs elsewhere from writing to the same folder; nil with PostgreSQL, whose nodes share it.
	claim *backup.Claimant
	// made and tried keep what is scheduled of both.
	made, tried *drills.Keeper
	// rotten counts files of earlier backups that were not as they were written.
	rotten prometheus.Counter
	// busy is held by who makes or tries a backup.
	busy sync.Mutex
}

// buildBackups makes what makes backups, and removes what one that was broken off left in the data folder.
func (p *parts) buildBackups(ctx context.Context, down *teardown) error {
	b := &backups{p: p}
	p.backups = b
	c := p.set.Load().Config
	if err := errors.Join(os.RemoveAll(filepath.Join(c.Data, stagingDir)), os.RemoveAll(filepath.Join(c.Data, drillDir))); err != nil {
		return fmt.Errorf("remove what a backup left: %w", err)
	}
	keeper := func(kind drills.Kind, plan func() drills.Plan, do func(context.Context, string, func(drills.Step)) error) (*drills.Keeper, error) {
		k, err := drills.New(drills.Options{Kind: kind, Store: p.state, Plan: plan, Drill: do, Alert: p.router.Alerts, Now: time.Now, Logger: p.log("backups"), Registerer: p.registry})
		if err != nil {
			return nil, fmt.Errorf("build the backups: %w", err)
		}
		return k, nil
	}
	var err error
	if b.made, err = keeper(drills.Backup, func() drills.Plan { return b.config().plan() }, guardedOf(b.scheduled)); err != nil {
		return err
	}
	if b.tried, err = keeper(drills.Restoring, func() drills.Plan { return b.config().drillPlan() }, guardedOf(b.try)); err != nil {
		return err
	}
	b.rotten = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "burnline_backup_rotten_files_total",
		Help: "Files of earlier backups that were not as they were written, and were copied anew.",
	})
	p.registry.MustRegister(b.rotten, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "burnline_backup_state_lag_seconds",
		Help: "How old the copy of the state is that is kept as it is written; -1 where none is kept or was made yet.",
	}, b.lag))
	if c.Backup.To == "" {
		return nil
	}
	b.shipper, err = p.state.NewShipper(ctx, state.ShipOptions{
		To: filepath.Join(c.Backup.To, shippedDir), Mine: func(ctx context.Context) error { return b.own(ctx, c.Backup.To) }, Room: p.disk.samples,
	})
	if err != nil || b.shipper == nil {
		return err
	}
	host, err := nodeName()
	if err != nil {
		return err
	}
	if b.claim, err = backup.NewClaimant(host, c.Data); err != nil {
		return err
	}
	b.behind = &copyWatch{folder: c.Backup.To, began: p.started, current: b.shipper.Current, alert: p.router.Alerts}
	down.add("copy of the state", func() error {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastCopy)
		defer cancel()
		if err := b.shipper.Last(last); err != nil { // the next start begins a new one
			p.log("backups").Warn("the last commits of the state were not copied", "error", err)
		}
		b.leave(last, c.Backup.To)
		return nil
	})
	return nil
}

// leave gives the claim on a folder up, unless the folder hangs.
func (b *backups) leave(ctx context.Context, folder string) {
	left := make(chan error, 1)
	go func() { left <- b.claim.Release(folder, time.Now()) }()
	var err error
	select {
	case err = <-left:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		b.p.log("backups").Warn("the claim on the folder of backups was not given up; a server elsewhere waits for three minutes", "error", err)
	}
}

func (b *backups) config() BackupConfig { return b.p.set.Load().Config.Backup }

// lag is how old the copy of the state is, in seconds.
func (b *backups) lag() float64 {
	if b.shipper == nil || b.shipper.Current().IsZero() {
		return -1
	}
	return max(0, time.Since(b.shipper.Current()).Seconds())
}

// runBehind tells of a copy of the state that is too old, until ctx ends.
func (b *backups) runBehind(ctx context.Context) error {
	if b.behind == nil {
		<-ctx.Done()
		return nil
	}
	return b.behind.Run(ctx, func(err error) {
		b.p.log("backups").Warn("nobody can be told how old the copy of the state is", "error", err)
	})
}

// runShipper copies the state until ctx ends.
func (b *backups) runShipper(ctx context.Context) error {
	if b.shipper == nil {
		<-ctx.Done()
		return nil
	}
	go func() { // not waited for, since the folder may hang
		_ = repeat.Every(ctx, claimEvery, func(ctx context.Context) error { return b.own(ctx, b.config().To) }, func(err error) { // it returns nil
			b.p.log("backups").Warn("the folder of backups is not this server's", "error", err)
		})
	}()
	return b.shipper.Run(ctx)
}

// errNoFolder says what is missing for a backup of the server's own.
var errNoFolder = fmt.Errorf("%w: backup.to is not set, so the server has nowhere to keep backups: write backup: {to: FOLDER} and start it again, or run burnline backup --to FOLDER", drills.ErrUnset)

// scheduled makes a backup in the folder of the configuration, and removes old ones.
func (b *backups) scheduled(ctx context.Context, _ string, tell func(drills.Step)) error {
	c := b.config()
	if c.To == "" {
		return errNoFolder
	}
	if _, err := os.Stat(c.To); err != nil {
		return fmt.Errorf("the folder of backups is not there: %w; mount or make it", err)
	}
	if err := b.own(ctx, c.To); err != nil {
		return err
	}
	told := stepsOf(tell)
	dir, m, err := b.make(ctx, c.To, c.Traces, false, told)
	if err != nil {
		return err
	}
	if b.shipper == nil {
		// The state moved to PostgreSQL, and what was copied of it before is older than this backup for good.
		if err := os.RemoveAll(filepath.Join(c.To, shippedDir)); err != nil {
			return fmt.Errorf("remove the copy of the state from before it moved to PostgreSQL: %w", err)
		}
	}
	gone, err := backup.Prune(c.To, c.Keep)
	told("kept", fmt.Sprintf("%s, %s; %d older ones removed", dir, mebibytes(m.Bytes()), len(gone)))
	return err
}

// own makes sure that a folder has the backups of this state and of no other one.
func (b *backups) own(ctx context.Context, folder string) error {
	identity, err := b.p.state.Identity(ctx)
	if err != nil {
		return err
	}
	if err := backup.Own(folder, identity); err != nil || b.claim == nil {
		return err
	}
	return b.claim.Renew(folder, time.Now())
}

// stepsOf tells steps with the time since now.
func stepsOf(tell func(drills.Step)) func(name, note string) {
	began := time.Now()
	return func(name, note string) {
		now := time.Now()
		tell(drills.Step{Name: name, Note: note, At: now.UTC(), After: now.Sub(began)})
	}
}

// make makes a backup in a folder; one that is staged lies in the data folder.
func (b *backups) make(ctx context.Context, to string, traces, staged bool, told func(name, note string)) (string, *backup.Manifest, error) {
	if !b.busy.TryLock() {
		return "", nil, fmt.Errorf("a backup is made or tried already: %w", drills.ErrBusy)
	}
	defer b.busy.Unlock()
	if err := b.p.disk.samples(); err != nil {
		return "", nil, err
	}
	if err := b.p.disk.fits(b.staging(traces, staged), "a backup is staged in the data folder with"); err != nil {
		return "", nil, err
	}
	host, err := nodeName()
	if err != nil {
		return "", nil, err
	}
	m := &backup.Manifest{Program: Version(), Host: host, Data: b.p.set.Load().Config.Data, Began: time.Now().UTC(), Budgets: budgets(b.p.engine.Statuses())}
	dir, err := backup.Write(ctx, to, m, b.parts(traces, staged, told))
	if datadir.IsFull(err) {
		err = fmt.Errorf("the disk of %s or of the data folder is full, and the backups before stay as they are; free space, keep fewer of them, or name another folder: %w", to, err)
	}
	return dir, m, err
}

// staging is about how much of the disk of the data folder a backup takes until it is made: what the metric store has in memory becomes a
// block, and one that is staged has copies of everything but the blocks that there are.
func (b *backups) staging(traces, staged bool) (n int64) {
	data := b.p.set.Load().Config.Data
	of := []string{}
	if b.p.local != nil {
		of = append(of, filepath.Join(backup.MetricsDir, "wal"), filepath.Join(backup.MetricsDir, "wbl"), filepath.Join(backup.MetricsDir, "chunks_head"))
	}
	if staged {
		of = append(of, backup.CheckpointsName, backup.CheckpointsName+"-wal", state.FileName, state.FileName+"-wal")
	}
	if staged && traces {
		of = append(of, backup.TracesDir)
	}
	for _, name := range of {
		n += sizeOfTree(filepath.Join(data, name))
	}
	return n
}

// sizeOfTree adds up the files of a folder, or one file; what is not there, or goes meanwhile, has none.
func sizeOfTree(path string) (n int64) {
	_ = filepath.WalkDir(path, func(_ string, d os.DirEntry, err error) error { // it returns nil
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // see above
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

// Send implements web.Backups.
func (b *backups) Send(ctx context.Context, traces bool, begin func() io.Writer) error {
	to := filepath.Join(b.p.set.Load().Config.Data, stagingDir, "sent")
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("write a backup: %w", err)
	}
	dir, _, err := b.make(ctx, to, traces, true, func(string, string) {})
	if err != nil {
		return err
	}
	return errors.Join(backup.Pack(ctx, dir, begin()), os.RemoveAll(dir))
}

// Made implements web.Backups.
func (b *backups) Made() web.Drills { return b.made }

// Tried implements web.Backups.
func (b *backups) Tried() web.Drills { return b.tried }

// Copied implements web.Backups.
func (b *backups) Copied() time.Time {
	if b.shipper == nil {
		return time.Time{}
	}
	return b.shipper.Current()
}

// components say how backups fare.
func (b *backups) components() (all []web.Component) {
	if c, ok := drilled("backup", b.made); ok {
		all = append(all, c)
	}
	if c, ok := drilled("restore drill", b.tried); ok {
		all = append(all, c)
	}
	if b.shipper == nil {
		return all
	}
	c := web.Component{Name: "copy of the state", State: web.ComponentOK}
	switch at, late := b.shipper.Current(), b.behind.late(time.Now()); {
	case at.IsZero() && !late:
		c.State, c.Reason = web.ComponentStarting, "the first one is being made"
	case at.IsZero():
		c.State, c.Reason = web.ComponentDegraded, "none could be made; see the log"
	case late:
		c.State, c.Reason = web.ComponentDegraded, "a lost disk would lose what happened since "+at.Format("15:04:05 MST on 2 January")+"; see the log"
	}
	return append(all, c)
}

// budgets are those of all SLOs that are counted.
func budgets(all []slo.Status) []backup.Budget {
	out := []backup.Budget{}
	for i := range all {
		s := &all[i]
		if s.Filling {
			continue
		}
		one := backup.Budget{SLO: s.ID, At: s.At, Good: s.Budget.Counts.Good, Total: s.Budget.Counts.Total}
		for _, l := range s.Group {
			if one.Group == nil {
				one.Group = map[string]string{}
			}
			one.Group[l.Name] = l.Value
		}
		if len(s.Burns) > 0 {
			one.Recent = s.Burns[0].Counts.Total
		}
		if s.Budget.Known {
			one.Remaining = &s.Budget.Remaining
		}
		out = append(out, one)
	}
	return out
}
