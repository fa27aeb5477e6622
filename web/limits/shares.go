package limits

import "sync"

// Shares bounds what is open at once, in all and of one client.
type Shares struct {
	most, each int

	mu    sync.Mutex
	all   int
	ofOne map[string]int
}

// NewShares lets so many be open in all, and so many of each client.
func NewShares(most, each int) *Shares {
	return &Shares{most: most, each: each, ofOne: map[string]int{}}
}

// Full is what keeps something from being opened.
type Full string

// What is full: the whole, the client's share, or nothing.
const (
	FullAll    Full = "total"
	FullClient Full = "client"
	NotFull    Full = ""
)

// Take opens one for a client, who has to give it back; or it says what is full.
func (s *Shares) Take(client string) Full { return s.take(client, 1) }

// take opens so many for a client, or none.
func (s *Shares) take(client string, n int) Full {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.all+n > s.most:
		return FullAll
	case s.ofOne[client]+n > s.each:
		return FullClient
	}
	s.all += n
	s.ofOne[client] += n
	return NotFull
}

// Leave gives one of a client's back.
func (s *Shares) Leave(client string) { s.leave(client, 1) }

// leave gives so many of a client's back.
func (s *Shares) leave(client string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all -= n
	if s.ofOne[client] -= n; s.ofOne[client] <= 0 {
		delete(s.ofOne, client)
	}
}
