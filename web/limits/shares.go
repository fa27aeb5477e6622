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
func (s *Shares) Take(client string) Full {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.all >= s.most:
		return FullAll
	case s.ofOne[client] >= s.each:
		return FullClient
	}
	s.all++
	s.ofOne[client]++
	return NotFull
}

// Leave gives one of a client's back.
func (s *Shares) Leave(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.ofOne[client]--; s.ofOne[client] <= 0 {
		delete(s.ofOne, client)
	}
}
