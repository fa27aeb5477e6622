package datadir

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrFull is what errors of a full disk are, by errors.Is: a disk, or what this user may take of it.
var ErrFull error = syscall.ENOSPC

// Full marks an error that says in its own way that the disk is full, such as a database's.
func Full(err error) error { return full{err} }

// full is an error that is ErrFull too.
type full struct{ error }

// Unwrap implements errors.Is and errors.As.
func (f full) Unwrap() []error { return []error{f.error, ErrFull} }

// IsFull reports whether an error comes of a full disk.
func IsFull(err error) bool { return errors.Is(err, ErrFull) || errors.Is(err, syscall.EDQUOT) }

// Room is what a disk has, in bytes: Free is what this user may still write.
type Room struct{ Free, Size int64 }

// RoomOf returns the room of the disk that a folder lies on.
func RoomOf(dir string) (Room, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return Room{}, fmt.Errorf("ask for the room on the disk of %s: %w", dir, err)
	}
	return Room{Free: int64(s.Bavail) * s.Bsize, Size: int64(s.Blocks) * s.Bsize}, nil
}
