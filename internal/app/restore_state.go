package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"burnline/internal/backup"
	"burnline/internal/datadir"
	"burnline/storage/state"
)

// sqliteMagic begins each file of SQLite.
const sqliteMagic = "SQLite format 3\x00"

// OnlyState reports whether a path is no backup but a copy of the state alone, as one is kept from before each update.
func OnlyState(path string) bool {
	f, err := os.Open(path) //nolint:gosec // what the user named
	if err != nil {
		return false // whoever reads it says why
	}
	defer func() { _ = f.Close() }() // nothing was written
	begin := make([]byte, len(sqliteMagic))
	_, err = io.ReadFull(f, begin)
	return err == nil && bytes.Equal(begin, []byte(sqliteMagic))
}

// restoreState fills a new data folder, or an empty database and no folder, with a copy of the state alone. Its schema stays as
// it is, so that the program reads it from which it is.
func restoreState(ctx context.Context, o RestoreOptions) (_ *Restored, err error) {
	bytes, at, err := sizeOfParts(state.Parts(o.From))
	if err != nil {
		return nil, fmt.Errorf("look for the copy of the state: %w", err)
	}
	path, done, err := gathered(ctx, o.From, bytes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	held, err := state.Inspect(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := readable(held.Schema); err != nil {
		return nil, fmt.Errorf("the copy of the state %s: %w", o.From, err)
	}
	r := &Restored{From: o.From, StateAt: at, Schema: held.Schema, Open: held.Open}
	switch {
	case o.ConfigTo != "":
		return nil, fmt.Errorf("%s holds the state alone and no configuration; leave --config-to out", o.From)
	case o.VerifyOnly:
		return r, nil
	case o.DSN != "" && o.Data != "":
		return nil, fmt.Errorf("%s holds the state alone, all of which goes to the database; leave --data out", o.From)
	case o.DSN != "":
		return r, state.Load(ctx, o.database(), path, nil)
	}
	return r, o.placeState(ctx, path, bytes)
}

// sizeOfParts adds up files, and returns when the last of them was written.
func sizeOfParts(parts []string) (bytes int64, at time.Time, err error) {
	for _, path := range parts {
		info, err := os.Stat(path)
		if err != nil {
			return 0, at, err
		}
		bytes += info.Size()
		if info.ModTime().After(at) {
			at = info.ModTime().UTC()
		}
	}
	return bytes, at, nil
}

// gathered returns a file with all of a state: the one that was named, or a new one where a part of it lies in files beside that. Nothing is taken
// from under a server. Call done when the file is not needed any more.
func gathered(ctx context.Context, from string, bytes int64) (path string, done func() error, err error) {
	release, err := datadir.Still(filepath.Dir(from))
	if err != nil {
		return "", nil, err
	}
	if len(state.Parts(from)) == 1 {
		return from, release, nil
	}
	defer func() { err = errors.Join(err, release()) }()
	aside, err := os.MkdirTemp("", "burnline-restore-")
	if err != nil {
		return "", nil, fmt.Errorf("restore: %w", err)
	}
	done = func() error { return os.RemoveAll(aside) }
	path = filepath.Join(aside, backup.StateName)
	room, err := datadir.RoomOf(aside)
	switch {
	case err != nil:
	case room.Free < bytes:
		err = datadir.Full(fmt.Errorf("the disk of %s has %s free, and the state with its log takes %s; free space, or name another folder in TMPDIR", filepath.Dir(aside), mebibytes(room.Free), mebibytes(bytes)))
	default:
		err = state.Gather(ctx, from, path)
	}
	if err != nil {
		return "", nil, errors.Join(err, done())
	}
	return path, done, nil
}

// readable says why this program can't read a state of a schema; nil where it can.
func readable(schema int64) error {
	newest, err := state.Newest()
	if err != nil {
		return err
	}
	if schema > newest {
		return fmt.Errorf("it has schema %d, and this burnline %s knows schemas up to %d: restore it by a newer one", schema, Version(), newest)
	}
	return nil
}

// placeState makes a data folder that has the state of a file and nothing else.
func (o *RestoreOptions) placeState(ctx context.Context, path string, bytes int64) (err error) {
	release, err := o.take(ctx)
	if err != nil {
		return err
	}
	defer func() { err = release(err) }()
	room, err := datadir.RoomOf(o.Data)
	if err != nil {
		return err
	}
	if room.Free < bytes {
		return datadir.Full(fmt.Errorf("the disk of %s has %s free, and the state takes %s; free space, or name another folder", o.Data, mebibytes(room.Free), mebibytes(bytes)))
	}
	none, err := os.MkdirTemp("", "burnline-restore-")
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(none)) }()
	return backup.Restore(ctx, none, o.Data, backup.PutFile(path))
}
