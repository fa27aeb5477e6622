package auth

import (
	"context"
	"sync"
	"time"
)

// guessPace is how often an address may bring tokens that are none. It waits shortly: programs that
// bring telemetry may share the address with who guesses.
func guessPace() pace { return pace{free: 20, first: time.Second, most: 30 * time.Second} }

// Guesses remembers which addresses brought wrong tokens. A token that was wrong already is no
// further guess, so that a program with an old token locks out nobody, and a token that was right from an
// address is never made to wait there. It is kept in memory, by each node for itself. The zero value is
// ready, and safe for concurrent use.
type Guesses struct {
	mu sync.Mutex
	// addresses count the wrong tokens of each; wrong and right are tokens at addresses.
	addresses, wrong, right ledger
}

// Wait is how long an address has to wait before a token of this digest is looked up; 0 where it need
// not.
func (g *Guesses) Wait(digest, address string, at time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	address = network(address)
	if _, known := g.right[digest+address]; known {
		return 0
	}
	return g.addresses.wait(address, guessPace(), at)
}

// Tell says whether a token of this digest was right.
func (g *Guesses) Tell(digest, address string, right bool, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	address = network(address)
	pair := digest + address
	if right {
		g.right.fail(pair, at)
		return
	}
	delete(g.right, pair)
	if _, before := g.wrong[pair]; !before {
		g.addresses.fail(address, at)
	}
	g.wrong.fail(pair, at)
}

// ByTokenFrom is ByToken for what comes over the network: it fails with *TooSoon where the address
// brought too many wrong tokens.
func (k *Keeper) ByTokenFrom(ctx context.Context, secret, address string) (Who, bool, error) {
	hash, now := digest(secret), k.o.Now()
	if wait := k.guesses.Wait(hash, address, now); wait > 0 {
		return Who{}, false, &TooSoon{wait}
	}
	who, found, err := k.ByToken(ctx, secret)
	if err == nil {
		k.guesses.Tell(hash, address, found, now)
	}
	return who, found, err
}
