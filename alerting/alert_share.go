package alerting

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// mostShared is how many alerts batches that wait for each other have together when they
// become one. More would keep deliveries waiting for longer than the disk takes.
const mostShared = 512

// sharing gathers batches that come while another one is judged: a transaction is a wait for
// the disk, and one writes what several have to say of a group.
type sharing struct {
	mu      sync.Mutex
	waiting []*telling
}

// telling is one batch of news on its way to the disk.
type telling struct {
	news map[string]*incoming
	now  time.Time
	// done is true once it is on disk, and alone once a transaction that it shared failed:
	// what failed may be another's. Whoever holds the desk may touch both.
	done, alone bool
}

// add puts a batch into the queue.
func (s *sharing) add(one *telling) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, one)
}

// drop removes a batch from the queue.
func (s *sharing) drop(one *telling) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(t *telling) bool { return t == one })
}

// take removes a batch from the queue, and with it those that may be one with it: what tells of
// an alert that another one tells of comes after it.
func (s *sharing) take(one *telling) (shared []*telling, news map[string]*incoming) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shared, news = []*telling{one}, maps.Clone(one.news)
	var left []*telling
	for _, t := range s.waiting {
		switch {
		case t == one:
		case one.alone || t.alone || len(news)+len(t.news) > mostShared || meet(news, t.news):
			left = append(left, t)
		default:
			shared = append(shared, t)
			maps.Copy(news, t.news)
		}
	}
	s.waiting = left
	return shared, news
}

// meet reports whether some alert is in both.
func meet(all, more map[string]*incoming) bool {
	for print := range more {
		if all[print] != nil {
			return true
		}
	}
	return false
}

// mostJudging is how long a transaction over alerts may take that was begun. Senders give up sooner, and bring the same
// and more again: what was begun for them is ended, or a database that is slow for a while would never get to the end of any.
const mostJudging = time.Minute

// share judges a batch, together with others that wait. One whose sender has gone before its turn is left to the next attempt.
func (r *Router) share(ctx context.Context, news map[string]*incoming, now time.Time) error {
	one := &telling{news: news, now: now}
	desk := &r.alerts
	desk.sharing.add(one)
	desk.mu.Lock()
	defer desk.mu.Unlock()
	if one.done {
		return nil // it was written along with another one
	}
	if err := ctx.Err(); err != nil {
		desk.sharing.drop(one)
		r.wasAway(ctx)
		return fmt.Errorf("wait for the alerts before these: %w", err)
	}
	shared, all := desk.sharing.take(one)
	for _, t := range shared {
		now = later(now, t.now)
	}
	judging, end := context.WithTimeout(context.WithoutCancel(ctx), mostJudging)
	defer end()
	err := r.judgeAlone(judging, now, func(b *alertBatch, tx AlertTx) error { return b.run(tx, all) })
	for _, t := range shared {
		switch {
		case err == nil:
			t.done = true
		case t != one:
			t.alone = true
			desk.sharing.add(t) // its sender waits for the desk, and tries itself
		}
	}
	return err
}
