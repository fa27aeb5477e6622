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
// further guess, so that a program with an old token locks out nobody. It is kept in memory, by each node
// for itself. The zero value is ready, and safe for concurrent use.
type Guesses struct {
	mu sync.Mutex
	// addresses count the wrong tokens of each; wrong are tokens at addresses.
	addresses, wrong ledger
}

// Wait is how long an address has to wait before a token that is none is looked up for it; 0 where it
// need not.
func (g *Guesses) Wait(address string, at time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.addresses.wait(network(address), guessPace(), at)
}

// Wrong notes that a token of this digest was none.
func (g *Guesses) Wrong(digest, address string, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	address = network(address)
	pair := digest + address
	if _, before := g.wrong[pair]; !before {
		g.addresses.fail(address, at)
	}
	g.wrong.fail(pair, at)
}

// listedFor is how long the list of issued tokens stands before it is read again for a token that is not
// on it: so often a second at most do all wrong tokens together cost more than a look into memory.
const listedFor = time.Second

// issued lists the digests of the tokens that hold, for addresses that have to wait.
type issued struct {
	mu   sync.Mutex
	of   map[string]struct{}
	read time.Time
}

// has reports whether a digest is on the list, and whether the list is too old to say that it is not.
func (l *issued) has(hash string, at time.Time) (found, old bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, found = l.of[hash]
	return found, at.Sub(l.read).Abs() >= listedFor
}

// isIssued reports whether a token of this digest was issued and holds. While the store does not answer it is
// said from the list of before.
//
// The digest is a SHA-256 of what was brought, so the time that the look takes tells nothing of tokens that
// there are: who could choose digests could choose tokens.
func (k *Keeper) isIssued(ctx context.Context, hash string, at time.Time) bool {
	found, old := k.issued.has(hash, at)
	if found || !old {
		return found
	}
	select { // one reads, and those who wait for it use what it has read
	case k.listing <- struct{}{}:
		defer func() { <-k.listing }()
	case <-ctx.Done():
		return false
	}
	if found, old = k.issued.has(hash, at); found || !old {
		return found
	}
	all, err := k.o.Store.Tokens(ctx)
	k.issued.mu.Lock()
	defer k.issued.mu.Unlock()
	k.issued.read = at
	if err == nil {
		k.issued.of = make(map[string]struct{}, len(all))
		for _, t := range all {
			if t.Holds(at) {
				k.issued.of[t.Hash] = struct{}{}
			}
		}
	}
	_, found = k.issued.of[hash]
	return found
}

// ByTokenFrom is ByToken for what comes over the network: a wrong token fails with *TooSoon where the
// address brought too many, and is not looked up in the store then. A right one is never made to wait, for
// strangers may share its address: behind a proxy, a NAT or a node of a cluster. (That a guesser would notice
// a hit at once is no loss: of 256 random bits nobody guesses any, at whatever pace. What the wait bounds is work.)
func (k *Keeper) ByTokenFrom(ctx context.Context, secret, address string) (Who, bool, error) {
	hash, now := digest(secret), k.o.Now()
	if wait := k.guesses.Wait(address, now); wait > 0 && !k.isIssued(ctx, hash, now) {
		return Who{}, false, &TooSoon{wait}
	}
	who, found, err := k.ByToken(ctx, secret)
	if err == nil && !found {
		k.guesses.Wrong(hash, address, now)
	}
	return who, found, err
}
