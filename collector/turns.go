package collector

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// bytesAtOnce is how many bytes of bodies are decoded and stored at the same
	// time; a decoded body takes many times its bytes.
	bytesAtOnce = 64 << 20
	// shareBytes is the unit in which bodies share bytesAtOnce.
	shareBytes = 1 << 20
	// waitForTurn is how long a body waits before its sender is told to retry.
	waitForTurn = 10 * time.Second
)

// turns lets bodies through as long as they are not too many bytes together.
type turns struct {
	// shares holds one value for each share in use.
	shares chan struct{}
	// entry is held by the one body that gathers its shares, so that two large
	// ones never wait for each other.
	entry chan struct{}
	wait  time.Duration
}

func newTurns(bytes int, wait time.Duration) *turns {
	return &turns{shares: make(chan struct{}, max(1, bytes/shareBytes)), entry: make(chan struct{}, 1), wait: wait}
}

// take waits until a body of so many bytes may be worked on and returns what
// ends its turn. The error tells the sender to try again.
func (t *turns) take(ctx context.Context, bytes int) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, t.wait)
	defer cancel()
	want, have := min(bytes/shareBytes+1, cap(t.shares)), 0
	release := func() {
		for range have {
			<-t.shares
		}
	}
	select {
	case t.entry <- struct{}{}:
		defer func() { <-t.entry }()
	case <-ctx.Done():
		return nil, errBusy()
	}
	for have < want {
		select {
		case t.shares <- struct{}{}:
			have++
		case <-ctx.Done():
			release()
			return nil, errBusy()
		}
	}
	return release, nil
}

func errBusy() error {
	return status.Error(codes.Unavailable, "too many large requests at once; send this one again")
}
