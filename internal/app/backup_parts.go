package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"burnline/internal/backup"
	"burnline/storage/state"
)

// parts are what is backed up, in an order that loses nothing: counts of samples before the samples, and the state last,
// so that it knows of everything that the rest led to.
// One that is staged lies in the data folder, and shares the blocks of the metric store.
func (b *backups) parts(traces, staged bool, told func(name, note string)) []backup.Part {
	named := func(name string, write func(context.Context, string, *backup.Manifest) (string, error)) backup.Part {
		return backup.Part{Name: name, Write: func(ctx context.Context, dir string, m *backup.Manifest) error {
			note, err := write(ctx, dir, m)
			if err == nil {
				told(name, note)
			}
			return err
		}}
	}
	by := &countedBy{Definitions: b.p.set.Load().Definitions, Corrections: b.p.book.all()}
	all := []backup.Part{named("definitions", by.backUp), named("checkpoints", b.backUpCheckpoints)}
	if b.p.local != nil {
		all = append(all, named("metrics", func(ctx context.Context, dir string, m *backup.Manifest) (string, error) {
			return b.backUpMetrics(ctx, dir, m, staged)
		}))
	}
	if traces {
		all = append(all, named("traces", b.backUpTraces))
	}
	return append(all, named("configuration", b.backUpConfig), named("state", b.backUpState))
}

func (b *backups) backUpCheckpoints(ctx context.Context, dir string, _ *backup.Manifest) (string, error) {
	return "", b.p.checkpoints.CopyTo(ctx, filepath.Join(dir, backup.CheckpointsName))
}

// backUpMetrics snapshots the metric store on its own disk, and takes that to the backup.
func (b *backups) backUpMetrics(ctx context.Context, dir string, m *backup.Manifest, staged bool) (_ string, err error) {
	aside := filepath.Join(b.p.set.Load().Config.Data, stagingDir, "metrics")
	if err := os.RemoveAll(aside); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	held, err := b.p.local.Snapshot(ctx, aside)
	if err != nil {
		return "", err
	}
	if staged {
		err = backup.Move(aside, dir, backup.MetricsDir)
	} else {
		err = m.Take(ctx, aside, dir, backup.MetricsDir)
	}
	if err != nil {
		return "", err
	}
	for _, path := range m.Rotten {
		b.rotten.Inc()
		b.p.log("backups").Error("a file of an earlier backup is not as it was written, and was copied anew", "file", path)
	}
	m.Metrics = &backup.Metrics{Series: held.Series, Samples: held.Samples, From: held.From, To: held.To}
	// Late samples that came between the two are noted.
	return fmt.Sprintf("%d samples", held.Samples), b.p.checkpoints.CopyNotes(ctx, filepath.Join(dir, backup.CheckpointsName))
}

// backUpTraces copies the files of traces. One that retention removes meanwhile is left out.
func (b *backups) backUpTraces(ctx context.Context, dir string, _ *backup.Manifest) (string, error) {
	from := filepath.Join(b.p.set.Load().Config.Data, backup.TracesDir)
	entries, err := os.ReadDir(from)
	if err != nil {
		return "", err
	}
	to := filepath.Join(dir, backup.TracesDir)
	if err := os.Mkdir(to, 0o700); err != nil {
		return "", err
	}
	n := 0
	for _, e := range entries {
		if !e.Type().IsRegular() || ctx.Err() != nil {
			continue
		}
		if err := backup.CopyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		n++
	}
	return fmt.Sprintf("%d files", n), ctx.Err()
}

func (b *backups) backUpState(ctx context.Context, dir string, m *backup.Manifest) (string, error) {
	path := filepath.Join(dir, backup.StateName)
	begun := beginState(filepath.Dir(dir), time.Now())
	if err := b.p.state.CopyTo(ctx, path); err != nil {
		return "", err
	}
	held, err := state.Inspect(ctx, path)
	if err != nil {
		return "", err
	}
	m.State = begun
	m.State.Engine, m.State.Schema, m.State.Rows, m.State.Open = b.p.state.Engine(), held.Schema, held.Rows, held.Open
	return fmt.Sprintf("schema %d, %d open incidents", held.Schema, len(held.Open)), nil
}

// beginState notes, before the state is read for a backup, how far the copy is that is kept in the folder of backups as it is written. Of one that
// can't be read there is nothing to note.
func beginState(folder string, now time.Time) backup.State {
	s := backup.State{At: now.UTC()}
	if copied, at, err := state.Shipped(filepath.Join(folder, shippedDir)); err == nil && copied != "" {
		s.Copy, s.CopyAt = filepath.Base(copied), at
	}
	return s
}

// backUpConfig copies the configuration and what it names, but for secrets, which it lists.
func (b *backups) backUpConfig(_ context.Context, dir string, m *backup.Manifest) (string, error) {
	set := b.p.set.Load()
	found := survey(set.watched(b.p.opts))
	root, err := filepath.Abs(set.Config.Dir)
	if err != nil {
		return "", err
	}
	var paths []string
	for path, content := range found.content {
		if content != "" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	m.Config = []backup.ConfigFile{}
	var needs needed
	for _, path := range paths {
		rel, err := filepath.Rel(root, path)
		if err != nil || !filepath.IsLocal(rel) {
			rel = filepath.Join("outside", strings.TrimPrefix(path, "/"))
		}
		file := filepath.Join(backup.ConfigDir, rel)
		target := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return "", err
		}
		if err := backup.CopyFile(path, target); err != nil {
			return "", err
		}
		m.Config = append(m.Config, backup.ConfigFile{Path: path, File: filepath.ToSlash(file)})
		if err := needs.read(path); err != nil {
			return "", err
		}
	}
	if set.Config.Impact.HashKeyFile == "" {
		needs.file(filepath.Join(set.Config.Data, customerKey))
	}
	m.Secrets, m.Variables = needs.lists()
	return fmt.Sprintf("%d files", len(paths)), nil
}
