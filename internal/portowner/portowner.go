// Package portowner listens on TCP addresses and, when one is taken, says by
// which process, so that a newcomer knows at once what to stop or to change.
package portowner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// InUseError says that an address is taken, by whom, and what to do. Its text
// is one line.
type InUseError struct {
	// What names the use of the port, such as "OTLP gRPC".
	What string
	// Addr is the address that could not be had.
	Addr string
	// Owner is the process that listens there; nil when it can't be found,
	// for instance because it belongs to another user's container.
	Owner *Process
	// Instead says how to choose another address; may be empty.
	Instead string

	err error
}

// Error implements error.
func (e *InUseError) Error() string {
	owner := "another process"
	if e.Owner != nil {
		owner = e.Owner.String()
	}
	s := fmt.Sprintf("%s can't listen on %s: the port is in use by %s", e.What, e.Addr, owner)
	if e.Instead != "" {
		s += "; " + e.Instead
	}
	return s
}

// Unwrap returns the error of the operating system.
func (e *InUseError) Unwrap() error { return e.err }

// Listen listens on a TCP address. When the address is taken the error is an
// *InUseError; what and instead are its What and Instead.
func Listen(ctx context.Context, addr, what, instead string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, Explain(err, addr, what, instead)
	}
	return l, nil
}

// Explain turns an error of listening on addr into one that names the owner of
// the port; any other error is returned with the address and its use.
func Explain(err error, addr, what, instead string) error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return &InUseError{What: what, Addr: addr, Owner: find(addr), Instead: instead, err: err}
}

// find is best effort: without an owner the message is still true.
func find(addr string) *Process {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil
	}
	p, ok := Find("/proc", n)
	if !ok {
		return nil
	}
	return &p
}
