package app

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// patientFor is how long a place has to answer whoever looks at it.
const patientFor = 2 * time.Second

// places are files and folders that may lie on a disk that does not answer, of which nothing can end a call of the system. One
// question at most is under way to each.
type places struct {
	// patience is how long each has to answer.
	patience time.Duration
	mu       sync.Mutex
	asked    map[string]bool
}

func newPlaces(patience time.Duration) *places {
	return &places{patience: patience, asked: map[string]bool{}}
}

// silent says that a place does not answer.
func silent(path string) error {
	return fmt.Errorf("%s does not answer: its disk hangs, or nobody writes to what is no file", path)
}

// answer looks at a place. It fails where no answer comes in time, or none has come yet to a question of before.
func answer[T any](ctx context.Context, p *places, path string, look func() (T, error)) (T, error) {
	var none T
	if !p.take(path) {
		return none, silent(path)
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := look()
		p.leave(path) // before who waits asks again
		done <- result{value, err}
	}()
	over := time.NewTimer(p.patience)
	defer over.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-over.C:
	case <-ctx.Done():
	}
	return none, silent(path)
}

// take reports whether nobody asks a place, and asks it from then on.
func (p *places) take(path string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked[path] {
		return false
	}
	p.asked[path] = true
	return true
}

func (p *places) leave(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.asked, path)
}
