package auth

import (
	"net/netip"
	"sync"
	"time"
)

// pace is how often something may fail, and how long it then waits: longer after each failure,
// never for good.
type pace struct {
	free        int
	first, most time.Duration
}

// The paces. One person at one address mistypes a few times; an address may be a whole office's;
// and a name that is tried from everywhere waits shortly, so that nobody is kept out by others.
func pairPace() pace    { return pace{free: 3, first: time.Second, most: 5 * time.Minute} }
func addressPace() pace { return pace{free: 20, first: time.Second, most: 5 * time.Minute} }
func userPace() pace    { return pace{free: 20, first: time.Second, most: 30 * time.Second} }

const (
	// forgiven is how long after the last failure none counts any more.
	forgiven = time.Hour
	// mostTries bounds what is remembered of each kind.
	mostTries = 10_000
)

// wait is how long after so many failures.
func (p pace) wait(failures int) time.Duration {
	d := p.first
	if failures < p.free {
		return 0
	}
	for range failures - p.free {
		if d *= 2; d >= p.most {
			return p.most
		}
	}
	return d
}

// tries are the failures of one key.
type tries struct {
	failures int
	last     time.Time
}

// Attempts remembers who failed to sign in. It is kept in memory, by each node for itself. The
// zero value is ready, and safe for concurrent use.
type Attempts struct {
	mu    sync.Mutex
	pairs ledger
	// addresses and users are tries by one address of all users, and at one user of all addresses.
	addresses, users ledger
	// known are users at addresses where they got in.
	known ledger
}

// ledger are tries by key.
type ledger map[string]tries

// Try asks whether somebody may try now, and if not, how long to wait. One that may counts as
// failed until Succeeded, so that many at once are no way around.
func (a *Attempts) Try(user, address string, at time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	address = network(address)
	pair := user + "\x00" + address
	wait := max(a.pairs.wait(pair, pairPace(), at), a.addresses.wait(address, addressPace(), at))
	if _, known := a.known[pair]; !known {
		wait = max(wait, a.users.wait(user, userPace(), at))
	}
	if wait > 0 {
		return wait
	}
	a.pairs.fail(pair, at)
	a.addresses.fail(address, at)
	a.users.fail(user, at)
	return 0
}

// Succeeded forgets the failures of somebody who got in.
func (a *Attempts) Succeeded(user, address string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	address = network(address)
	pair := user + "\x00" + address
	delete(a.pairs, pair)
	delete(a.users, user)
	if t := a.addresses[address]; t.failures > 0 { // the one that was counted before it succeeded
		t.failures--
		a.addresses[address] = t
	}
	a.known.fail(pair, at)
}

// wait is how long a key has to wait at a moment.
func (l ledger) wait(key string, p pace, at time.Time) time.Duration {
	t := l[key]
	if at.Sub(t.last) > forgiven {
		return 0
	}
	return max(0, t.last.Add(p.wait(t.failures)).Sub(at))
}

// fail counts a failure.
func (l *ledger) fail(key string, at time.Time) {
	if *l == nil {
		*l = ledger{}
	}
	t := (*l)[key]
	if at.Sub(t.last) > forgiven {
		t.failures = 0
	}
	(*l)[key] = tries{t.failures + 1, at}
	if len(*l) > mostTries {
		l.shrink(at)
	}
}

// shrink drops what is forgiven, and where that is nothing the oldest.
func (l *ledger) shrink(at time.Time) {
	oldest, since := "", at.Add(time.Second)
	for key, t := range *l {
		if at.Sub(t.last) > forgiven {
			delete(*l, key)
		} else if t.last.Before(since) {
			oldest, since = key, t.last
		}
	}
	if len(*l) > mostTries {
		delete(*l, oldest)
	}
}

// network is the address of who tries, for IPv6 the network that one customer has.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	if p, err := ip.Prefix(64); err == nil {
		return p.String()
	}
	return address
}
