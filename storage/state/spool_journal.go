package state

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"burnline/alerting"
)

// mostJournal bounds what is remembered between two copies; what is older is in the copy, unless the
// copy can't be written.
const mostJournal = 20_000

// journal is what this node wrote to PostgreSQL since the last copy began, in order, as the
// writes that bring a spool up to it. So nothing that was committed is missing there, however
// suddenly PostgreSQL ends.
type journal struct {
	mu      sync.Mutex
	entries []func(writer) error
	// dropped is how many entries came before the first.
	dropped int
}

func (j *journal) add(entry func(writer) error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
	if extra := len(j.entries) - mostJournal; extra > 0 {
		j.drop(extra)
	}
}

// mark is the place after the last entry.
func (j *journal) mark() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.dropped + len(j.entries)
}

// forget drops what came before a mark.
func (j *journal) forget(mark int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.drop(mark - j.dropped)
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.drop(len(j.entries))
}

func (j *journal) drop(n int) {
	if n = min(n, len(j.entries)); n > 0 {
		j.entries, j.dropped = j.entries[n:], j.dropped+n
	}
}

// replay writes all entries to a spool.
func (j *journal) replay(w writer) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, entry := range j.entries {
		if err := entry(w); err != nil {
			return err
		}
	}
	return nil
}

// wrote takes note of a write to PostgreSQL, and asks for a copy. A write that was answered after
// calls went elsewhere is made there at once.
func (s *Spooled) wrote(ctx context.Context, entry func(writer) error) error {
	if s.local == nil {
		return nil
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.isAway() {
		return s.local.write(context.WithoutCancel(ctx), time.Now(), entry)
	}
	s.journal.add(entry)
	notify(s.nudged)
	return nil
}

// told is the entry of incidents as a transaction left them.
func told(keys []string, left story) func(writer) error {
	return func(w writer) error {
		for _, key := range keys {
			if _, err := w.merge(key, left); err != nil {
				return err
			}
		}
		return nil
	}
}

// claimed is the entry of a claim.
func claimed(rows []alerting.Row, until time.Time) func(writer) error {
	return func(w writer) error {
		for _, r := range rows {
			if _, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET attempts = max(attempts, $1), leased_until = max(leased_until, $2)
				WHERE `+sameRow(3), append([]any{r.Attempts, nanos(until)}, rowIdentity(r)...)...); err != nil {
				return err
			}
		}
		return nil
	}
}

// settled is the entry of an answer.
func settled(row alerting.Row, o alerting.Outcome, now time.Time) func(writer) error {
	return func(w writer) (err error) {
		if row.ID, err = w.numberOf(row); err != nil || row.ID == 0 {
			return err
		}
		return w.settle([]*settlement{{row: row, outcome: o, now: now}}, func(*settlement) time.Time { return now })
	}
}

// sameRow is the condition that a row of the outbox is the same in both databases, whatever
// number and place in its chain it has; from is its first placeholder. No plan writes an
// integration two messages that ask for the same.
func sameRow(from int) string {
	return conditions(from, "dedup_key", "receiver", "integration", "action", "created_at")
}

// rowIdentity are the arguments of sameRow.
func rowIdentity(r alerting.Row) []any {
	return []any{r.Key, r.Receiver, r.Integration, string(r.Action), nanos(r.CreatedAt)}
}

// conditions compares columns with placeholders, from one on.
func conditions(from int, columns ...string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = fmt.Sprintf("%s = $%d", c, from+i)
	}
	return strings.Join(all, " AND ")
}
