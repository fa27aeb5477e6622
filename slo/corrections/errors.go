package corrections

import "errors"

var (
	// ErrTaken says that the ID belongs to another correction, which may have been
	// removed: it is kept.
	ErrTaken = errors.New("another correction has this ID, or had it")
	// ErrUnknown says that no correction in force has the ID.
	ErrUnknown = errors.New("no correction in force has this ID")
	// ErrFile says that the correction stands in a file, where alone it can be removed.
	ErrFile = errors.New("the correction stands in a file; remove it there")
)
