package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

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
func restoreState(ctx context.Context, o RestoreOptions) (*Restored, error) {
	info, err := os.Stat(o.From)
	if err != nil {
		return nil, fmt.Errorf("look for the copy of the state: %w", err)
	}
	held, err := state.Inspect(ctx, o.From)
	if err != nil {
		return nil, err
	}
	if err := readable(held.Schema); err != nil {
		return nil, fmt.Errorf("the copy of the state %s: %w", o.From, err)
	}
	r := &Restored{From: o.From, StateAt: info.ModTime().UTC(), Schema: held.Schema, Open: held.Open}
	switch {
	case o.ConfigTo != "":
		return nil, fmt.Errorf("%s holds the state alone and no configuration; leave --config-to out", o.From)
	case o.VerifyOnly:
		return r, nil
	case o.DSN != "" && o.Data != "":
		return nil, fmt.Errorf("%s holds the state alone, all of which goes to the database; leave --data out", o.From)
	case o.DSN != "":
		return r, state.Load(ctx, o.database(), o.From, nil)
	}
	return r, o.placeState(ctx, info.Size())
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

// placeState makes a data folder that has the state and nothing else.
func (o *RestoreOptions) placeState(ctx context.Context, bytes int64) (err error) {
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
	return backup.Restore(ctx, none, o.Data, backup.PutFile(o.From))
}
