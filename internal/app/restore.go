package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"burnline/internal/backup"
	"burnline/internal/datadir"
	"burnline/storage/state"
)

// RestoreOptions say what is restored, and where to.
type RestoreOptions struct {
	// From is a backup, as a folder or a file that ends in .tar, or a folder of backups, or a copy of the state alone.
	From string
	// Data is the folder that becomes a data folder; it has to be empty. A state alone that goes to DSN has none.
	Data string
	// ConfigTo is a folder for the configuration; "" leaves it in the backup.
	ConfigTo string
	// DSN is the address of an empty PostgreSQL database for the state; "" is SQLite.
	DSN string
	// VerifyOnly restores nothing.
	VerifyOnly bool
}

// Restored says what was restored.
type Restored struct {
	// From is the folder or the file of the backup, or the copy of the state, which has no manifest.
	From     string           `json:"from"`
	Manifest *backup.Manifest `json:"manifest,omitempty"`
	// StateAt is the moment as of which the state is, which may be later than the backup; Schema is that
	// of its tables, and Open are the keys of open incidents.
	StateAt time.Time `json:"state_at"`
	Schema  int64     `json:"schema"`
	Open    []string  `json:"open"`
	// Config are the files of the configuration that were written.
	Config []string `json:"config,omitempty"`
	// Serve is the command that opens what was restored, and First what has to be changed in the configuration before. Both are ""
	// where nothing was restored, or a state alone.
	Serve string `json:"serve,omitempty"`
	First string `json:"first,omitempty"`
	// dir is the folder of the backup, which goes again where it was unpacked.
	dir string
}

// Restore verifies a backup and makes a data folder of it, which it holds as a server would. What speaks against that is
// found before anything is written, and after an error nothing of the backup is there.
func Restore(ctx context.Context, o RestoreOptions) (_ *Restored, err error) {
	if OnlyState(o.From) {
		return restoreState(ctx, o)
	}
	if !o.VerifyOnly {
		release, e := o.take(ctx)
		if e != nil {
			return nil, e
		}
		defer func() { err = release(err) }()
	}
	return restore(ctx, o)
}

// take holds the data folder that is restored to, once it and the database are seen to be empty. What release is given is why the restore
// failed, and nil for none: after a failure it removes what was made for it, which is the folder, those above it, and its lock.
func (o *RestoreOptions) take(ctx context.Context) (release func(error) error, err error) {
	if err := backup.Empty(o.Data); err != nil {
		return nil, err
	}
	made := missing(filepath.Join(o.Data, datadir.LockName))
	lock, err := datadir.Take(o.Data)
	if err != nil {
		if len(made) > 0 {
			removeEmpty(made[1:])
		}
		return nil, err
	}
	release = func(err error) error {
		if err == nil || len(made) == 0 {
			return errors.Join(err, lock.Release())
		}
		err = errors.Join(err, lock.Remove())
		removeEmpty(made[1:])
		return err
	}
	err = backup.Empty(o.Data) // who had it a moment ago may have left something
	if err == nil && o.DSN != "" {
		err = state.Loadable(ctx, o.database())
	}
	if err != nil {
		return nil, release(err)
	}
	return release, nil
}

// missing are a path and the folders above it that are not there, the path first.
func missing(path string) (all []string) {
	for path = filepath.Clean(path); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			return all
		}
		all = append(all, path)
	}
}

// removeEmpty removes folders, but for those in which something is by now.
func removeEmpty(all []string) {
	for _, path := range all {
		if err := syscall.Rmdir(path); err != nil {
			return // another process has begun to use it
		}
	}
}

// database is the one that the state goes to.
func (o *RestoreOptions) database() state.Options {
	return state.Options{DSN: o.DSN, Dir: o.Data, Program: Version()}
}

func restore(ctx context.Context, o RestoreOptions) (_ *Restored, err error) {
	aside, err := os.MkdirTemp(asideOf(o), "burnline-restore-")
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	dir, shipped, err := find(o.From)
	if err != nil {
		return nil, err
	}
	var m *backup.Manifest
	name := dir
	if dir == "" {
		name, dir = o.From, filepath.Join(aside, "backup")
		m, err = o.unpack(ctx, aside, dir)
	} else {
		m, err = backup.Verify(ctx, dir)
	}
	if err != nil {
		return nil, err
	}
	if err := readable(m.State.Schema); err != nil {
		return nil, fmt.Errorf("the backup %s, made by burnline %s: %w", name, m.Program, err)
	}
	if shipped != "" {
		if err := doubted(o.From, dir, shipped, m, time.Now()); err != nil {
			return nil, err
		}
	}
	r := &Restored{From: name, Manifest: m, StateAt: stateAt(m), dir: dir}
	path := filepath.Join(dir, backup.StateName)
	held, err := sameState(ctx, path, &m.State)
	if err != nil {
		return nil, fmt.Errorf("the backup %s: %w", name, err)
	}
	if shipped != "" {
		newer, err := r.newer(ctx, shipped, filepath.Join(aside, backup.StateName), &held)
		if err != nil {
			return nil, fmt.Errorf("the copy of the state in %s, which is newer than the backup, can't be taken: %w; to restore the state of the backup, as of %s, name that one: --from %s", shipped, err, stateAt(m).Format(time.RFC3339), dir)
		}
		if newer {
			path = filepath.Join(aside, backup.StateName)
		}
	}
	r.Schema, r.Open = held.Schema, held.Open
	if o.VerifyOnly {
		return r, nil
	}
	if err := o.fits(r); err != nil {
		return nil, err
	}
	if err := r.write(ctx, &o, path); err != nil {
		return nil, err
	}
	r.Serve, r.First = r.serve(&o)
	return r, nil
}

// fits says why what was found can't be restored to where it is to go.
func (o *RestoreOptions) fits(r *Restored) error {
	if o.ConfigTo != "" {
		if err := backup.CheckConfig(r.Manifest, o.ConfigTo); err != nil {
			return err
		}
	}
	room, err := datadir.RoomOf(o.Data)
	if err != nil {
		return err
	}
	if need := r.Manifest.Bytes(); room.Free < need {
		return datadir.Full(fmt.Errorf("the disk of %s has %s free, and the backup takes %s; free space, or name another folder", o.Data, mebibytes(room.Free), mebibytes(need)))
	}
	return nil
}

// asideOf is a folder where a backup may be unpacked: "" is that of the system.
func asideOf(o RestoreOptions) string {
	if o.VerifyOnly || !strings.HasSuffix(o.From, ".tar") {
		return ""
	}
	return filepath.Dir(o.From)
}

// unpack verifies a backup in a file, of which it writes all that is restored into a folder on the disk of aside: the state alone where
// that is only looked at. There has to be room before it begins.
func (o *RestoreOptions) unpack(ctx context.Context, aside, dir string) (_ *backup.Manifest, err error) {
	f, err := os.Open(o.From)
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	all, alone, err := backup.SizesOf(ctx, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, backup.Damaged(o.From, err)
	}
	need, hint := all, "free space, or put the file on a larger disk"
	if o.VerifyOnly {
		need, hint = alone, "free space, or name another folder in TMPDIR"
	} else if same, err := sameDisk(aside, o.Data); err != nil {
		return nil, err
	} else if same {
		need *= 2 // once unpacked, and once restored
	}
	if room, err := datadir.RoomOf(aside); err != nil {
		return nil, err
	} else if room.Free < need {
		return nil, datadir.Full(fmt.Errorf("the disk of %s has %s free, and to unpack the backup takes %s; %s", filepath.Dir(aside), mebibytes(room.Free), mebibytes(need), hint))
	}
	if o.VerifyOnly {
		return backup.VerifyTar(ctx, f, o.From, dir)
	}
	if err := backup.Unpack(ctx, f, dir); err != nil {
		return nil, backup.Damaged(o.From, err)
	}
	return backup.VerifyUnpacked(ctx, dir, o.From)
}

// sameDisk reports whether two folders are on one file system.
func sameDisk(a, b string) (bool, error) {
	var at, bt syscall.Stat_t
	if err := errors.Join(syscall.Stat(a, &at), syscall.Stat(b, &bt)); err != nil {
		return false, fmt.Errorf("ask for the disks of %s and %s: %w", a, b, err)
	}
	return at.Dev == bt.Dev, nil
}

// find returns the folder of the backup that is meant, "" where it is a file, and that of copies of the state beside it; "" where one
// backup is named.
func find(from string) (dir, shipped string, err error) {
	info, err := os.Stat(from)
	if err != nil {
		return "", "", fmt.Errorf("look for the backup: %w", err)
	}
	if !info.IsDir() {
		return "", "", nil
	}
	if _, err := os.Stat(filepath.Join(from, backup.ManifestName)); err == nil {
		return from, "", nil
	}
	all, err := backup.List(from)
	if err != nil {
		return "", "", err
	}
	if len(all) == 0 {
		return "", "", fmt.Errorf("%s is no backup and holds none: name the folder of one, or backup.to of the configuration", from)
	}
	return all[len(all)-1], filepath.Join(from, shippedDir), nil
}

// write makes the data folder, with the state of a file.
func (r *Restored) write(ctx context.Context, o *RestoreOptions, path string) (err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, file := range r.Config {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	return backup.Restore(ctx, r.dir, o.Data, func(to string, place func() error) error {
		all := func() (err error) {
			if o.ConfigTo != "" {
				if r.Config, err = backup.RestoreConfig(r.Manifest, r.dir, o.ConfigTo); err != nil {
					return err
				}
			}
			return place()
		}
		if o.DSN != "" {
			return state.Load(ctx, o.database(), path, all)
		}
		return backup.PutFile(path)(to, all)
	})
}
