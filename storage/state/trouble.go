package state

import (
	"sync"
	"time"
)

// recently is how long ago a write may have failed for the database to be in trouble.
// What can't be written is tried again every few seconds for as long as it is needed.
const recently = 15 * time.Second

// trouble remembers the last failure of the database itself: a full disk, a server that is
// away. A mistake in what is written is none.
type trouble struct {
	mu  sync.Mutex
	err error
	at  time.Time
}

// failed explains an error of a transaction, and remembers it where it is the database's.
func (s *Store) failed(err error) error {
	explained := s.dialect.explain(err)
	if explained.Error() == err.Error() {
		return err
	}
	s.trouble.mu.Lock()
	defer s.trouble.mu.Unlock()
	s.trouble.err, s.trouble.at = explained, time.Now()
	return explained
}

// Trouble returns why nothing can be written, in one line that says what to do; nil when no
// write failed in the last 15 seconds.
func (s *Store) Trouble() error {
	s.trouble.mu.Lock()
	defer s.trouble.mu.Unlock()
	if s.trouble.err == nil || time.Since(s.trouble.at) > recently {
		return nil
	}
	return s.trouble.err
}
