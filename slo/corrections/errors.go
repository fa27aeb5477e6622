package corrections

import "errors"

var (
	// ErrTaken says that the ID belongs to another correction, which may have been
	// removed: it is kept.
	ErrTaken = errors.New("another correction has this ID")
	// ErrUnknown says that no correction in force has the ID.
	ErrUnknown = errors.New("no correction has this ID")
)
