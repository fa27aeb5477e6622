package auth

import (
	"sync"
	"time"
)

// guessPace is how often wrong tokens may come from an address. A token is never guessed; what is
// bounded is how much work wrong ones make. A whole cluster may have one address, so the wait is short.
func guessPace() pace { return pace{free: 20, first: time.Second, most: 10 * time.Second} }

// Guesses remembers from where wrong tokens come. It is kept in memory, by each node for itself. The
// zero value is ready, and safe for concurrent use.
type Guesses struct {
	mu        sync.Mutex
	addresses ledger
}

// Wait is how long an address has to wait before a token of which nothing is known is looked at; 0
// where it need not.
func (g *Guesses) Wait(address string, at time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.addresses.wait(network(address), guessPace(), at)
}

// Failed counts a wrong token.
func (g *Guesses) Failed(address string, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.addresses.fail(network(address), at)
}
