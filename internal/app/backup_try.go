package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting/drills"
	"burnline/internal/backup"
	"burnline/internal/datadir"
	"burnline/slo"
	"burnline/slo/engine"
	"burnline/storage/metrics"
	"burnline/storage/metrics/local"
	"burnline/storage/state"
)

// mostTried is how many SLOs a drill counts anew: each takes reading its whole window.
const mostTried = 20

// try restores the newest backup apart and compares it with what its manifest says. The error says what differs.
func (b *backups) try(ctx context.Context, _ string, tell func(drills.Step)) (err error) {
	if !b.busy.TryLock() {
		return fmt.Errorf("a backup is made or tried already: %w", drills.ErrBusy)
	}
	defer b.busy.Unlock()
	c := b.p.set.Load().Config
	if c.Backup.To == "" {
		return errNoFolder
	}
	upTo := ""
	told := stepsOf(func(s drills.Step) {
		s.UpTo = upTo
		tell(s)
	})
	all, err := backup.List(c.Backup.To)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("there is no backup in %s", c.Backup.To)
	}
	dir := all[len(all)-1]
	m, err := backup.Verify(ctx, dir)
	if err != nil {
		return err
	}
	told("sums verified", fmt.Sprintf("%s, %s in %d files", filepath.Base(dir), mebibytes(m.Bytes()), len(m.Files)))
	aside := filepath.Join(c.Data, drillDir)
	if err := errors.Join(os.RemoveAll(aside), b.roomFor(m.Bytes())); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	if err := backup.Restore(ctx, dir, aside, nil); err != nil {
		return err
	}
	told("restored", "")
	if _, err := sameState(ctx, filepath.Join(aside, backup.StateName), &m.State); err != nil {
		return err
	}
	told("state compared", fmt.Sprintf("%d tables, %d open incidents", len(m.State.Rows), len(m.State.Open)))
	if err := b.tryShipped(ctx, filepath.Join(aside, "shipped.db"), told); err != nil {
		return err
	}
	if m.Metrics == nil {
		return nil
	}
	j, err := readCountedBy(dir)
	if errors.Is(err, os.ErrNotExist) {
		told("budgets not compared", "the backup is of a burnline that did not keep the definitions of SLOs in it")
		return nil
	}
	if err != nil {
		return err
	}
	n, last, err := b.tryBudgets(ctx, aside, m, j)
	if err == nil {
		upTo = last
		told("budgets compared", fmt.Sprintf("%d budgets, %d samples", n, m.Metrics.Samples))
	}
	return err
}

// roomFor says why so much can't be restored beside the data.
func (b *backups) roomFor(bytes int64) error {
	room, err := b.p.disk.look(b.p.disk.dir)
	if err != nil {
		return err
	}
	if kept := min(room.Size/keptShare, mostKept); room.Free < bytes+2*kept {
		return datadir.Full(fmt.Errorf("the disk of %s has %s free, and to restore a backup of %s there and leave room takes more; free space",
			b.p.disk.dir, mebibytes(room.Free), mebibytes(bytes)))
	}
	return nil
}

// sameState compares a restored state with what the backup says of it, and returns what it holds.
func sameState(ctx context.Context, path string, want *backup.State) (state.Summary, error) {
	got, err := state.Inspect(ctx, path)
	if err != nil {
		return got, err
	}
	if got.Schema != want.Schema {
		return got, fmt.Errorf("the restored state has schema %d, and %d was backed up", got.Schema, want.Schema)
	}
	for _, table := range slices.Sorted(maps.Keys(want.Rows)) {
		if got.Rows[table] != want.Rows[table] {
			return got, fmt.Errorf("the restored table %s has %d rows, and %d were backed up", table, got.Rows[table], want.Rows[table])
		}
	}
	if !slices.Equal(got.Open, want.Open) {
		return got, fmt.Errorf("%d incidents are open in the restored state, and others or %d were backed up", len(got.Open), len(want.Open))
	}
	return got, nil
}

// tryShipped restores the copy that is kept of the state as it is written, where there is one.
func (b *backups) tryShipped(ctx context.Context, path string, told func(name, note string)) error {
	if b.shipper == nil {
		return nil
	}
	from := filepath.Join(b.config().To, shippedDir)
	dir, at, err := state.RebuildNewest(ctx, from, path)
	if err != nil {
		return err
	}
	if dir == "" {
		return fmt.Errorf("there is no copy of the state in %s", from)
	}
	held, err := state.Inspect(ctx, path)
	if err != nil {
		return err
	}
	told("copied state restored", fmt.Sprintf("last changed at %s, %d open incidents", at.Format("15:04:05 MST"), len(held.Open)))
	return nil
}

// tryBudgets counts budgets anew from restored samples, by the definitions of the backup. It returns how many, and the last SLO of this
// turn where not all were counted.
func (b *backups) tryBudgets(ctx context.Context, aside string, m *backup.Manifest, j *countedBy) (n int, upTo string, err error) {
	dir := filepath.Join(aside, backup.MetricsDir)
	held, err := local.Held(dir)
	if err != nil {
		return 0, "", err
	}
	if held.Samples != m.Metrics.Samples {
		return 0, "", fmt.Errorf("the restored metric store has %d samples, and %d were backed up", held.Samples, m.Metrics.Samples)
	}
	quiet := slog.New(slog.DiscardHandler)
	store, err := local.Open(local.Options{Dir: dir, Retention: b.p.set.Load().Config.Metrics.Retention, Logger: quiet, Registerer: prometheus.NewRegistry()})
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	days, err := state.Open(ctx, state.Options{Dir: aside, Logger: quiet, Program: Version()})
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, days.Close()) }()
	all, err := countable(ctx, days, m, j)
	if err != nil {
		return 0, "", err
	}
	some := turn(all, lastTurn(b.tried.List()))
	for _, id := range some {
		compared, err := tryBudget(ctx, store, id, m, j)
		if err != nil {
			return n, "", err
		}
		n += compared
	}
	if len(some) < len(all) {
		upTo = some[len(some)-1]
	}
	return n, upTo, nil
}

// lastTurn is the last SLO that was counted anew by the newest drill that did not count all; "" where there is none. The drills
// are the newest first.
func lastTurn(all []drills.Drill) string {
	for i := range all {
		for _, s := range all[i].Steps {
			if s.UpTo != "" {
				return s.UpTo
			}
		}
	}
	return ""
}

// turn are those of all SLOs, which are in order, that a drill counts anew: the next ones after those of the drill before, so
// that each has its turn however often drills are and however many SLOs.
func turn(all []string, after string) []string {
	if len(all) <= mostTried {
		return all
	}
	first, is := slices.BinarySearch(all, after)
	if is {
		first++
	}
	first %= len(all)
	return slices.Concat(all, all)[first : first+mostTried]
}

// countable are the SLOs that a drill can count anew, in order. What the backup has no budget of, what answers of queries
// count, and windows of which the totals of days know what samples don't, are none.
func countable(ctx context.Context, days *state.Store, m *backup.Manifest, j *countedBy) ([]string, error) {
	var all []string
	for _, d := range j.Definitions {
		i := slices.IndexFunc(m.Budgets, func(x backup.Budget) bool { return x.SLO == d.ID })
		if i < 0 || d.SLI.Spans == nil && d.SLI.Events == nil && d.SLI.Latency == nil {
			continue
		}
		older := false
		begins := m.Budgets[i].At.Add(-d.Window.Longest())
		if begins.Before(m.Metrics.From) {
			err := days.Totals(ctx, d.ID, begins, m.Metrics.From, func(slo.DayTotals) error { older = true; return nil })
			if err != nil {
				return nil, err
			}
		}
		if !older {
			all = append(all, d.ID)
		}
	}
	slices.Sort(all)
	return all, nil
}

// tryBudget counts one SLO anew, as of the moment at which the backup knows it, and compares its groups.
func tryBudget(ctx context.Context, store *local.Store, id string, m *backup.Manifest, j *countedBy) (n int, _ error) {
	var at time.Time
	for _, x := range m.Budgets {
		if x.SLO == id {
			at = x.At
		}
	}
	got, err := engine.Replay(ctx, engine.ReplayOptions{
		Definitions: j.Definitions, Only: id, Corrections: j.Corrections, Reader: store, Querier: metrics.Ranges{Store: store}, From: at.Add(-time.Second), To: at,
	})
	if err != nil {
		return 0, err
	}
	return sameBudgets(got.Statuses, m.Budgets, id)
}

// sameBudgets compares what samples tell of the groups of an SLO with what was backed up, and returns how many they were. A group whose
// last events left the window as it was backed up is none of those that samples tell of, and nothing is lost with it.
func sameBudgets(got []slo.Status, backedUp []backup.Budget, id string) (n int, _ error) {
	for _, want := range backedUp {
		if want.SLO != id {
			continue
		}
		i := slices.IndexFunc(got, func(s slo.Status) bool { return maps.Equal(groupOf(s.Group), want.Group) })
		if i < 0 && want.Total == 0 {
			continue
		}
		if i < 0 {
			return n, fmt.Errorf("the restored samples know no group %v of %s", want.Group, id)
		}
		if err := sameBudget(&got[i], &want); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func groupOf(labels slo.Labels) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	all := map[string]string{}
	for _, l := range labels {
		all[l.Name] = l.Value
	}
	return all
}

// tolerated is by which share of the events, and of the budget, what was counted live and what samples tell may
// differ: samples arrive late, and a moment later than it was judged.
const tolerated = 0.01

// sameBudget compares what samples tell with what was backed up.
func sameBudget(got *slo.Status, want *backup.Budget) error {
	c := got.Budget.Counts
	within := tolerated*want.Total + want.Recent
	if math.Abs(c.Total-want.Total) > within || math.Abs(c.Total-c.Good-(want.Total-want.Good)) > within {
		return fmt.Errorf("of %s %v the restored samples tell %.0f events, %.0f of them good; backed up were %.0f and %.0f", want.SLO, want.Group, c.Total, c.Good, want.Total, want.Good)
	}
	if want.Remaining == nil || want.Recent > tolerated*want.Total {
		return nil // a budget this young moves with each event
	}
	if d := math.Abs(got.Budget.Remaining - *want.Remaining); d > tolerated*max(1, math.Abs(*want.Remaining)) {
		return fmt.Errorf("of %s %v the restored samples tell %.4f of the budget left; backed up were %.4f", want.SLO, want.Group, got.Budget.Remaining, *want.Remaining)
	}
	return nil
}
