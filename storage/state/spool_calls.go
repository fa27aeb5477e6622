package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/alerting/drills"
	"burnline/alerting/reviews"
	"burnline/alerting/shadow"
	"burnline/slo"
	"burnline/slo/changes"
	"burnline/slo/impact"
)

// What follows goes to PostgreSQL, or to the spool while that is away.
var (
	_ alerting.Store            = (*Spooled)(nil)
	_ alerting.Ledger           = (*Spooled)(nil)
	_ alerting.Queue            = (*Spooled)(nil)
	_ alerting.AlertStore       = (*Spooled)(nil)
	_ alerting.AlertReader      = (*Spooled)(nil)
	_ alerting.HeartbeatStore   = (*Spooled)(nil)
	_ alerting.SilenceStore     = (*Spooled)(nil)
	_ shadow.Store              = (*Spooled)(nil)
	_ impact.Store              = (*Spooled)(nil)
	_ changes.Store             = (*Spooled)(nil)
	_ drills.Store              = (*Spooled)(nil)
	_ alerting.MaintenanceStore = (*Spooled)(nil)
	_ alerting.StatusPostStore  = (*Spooled)(nil)
	_ reviews.Store             = (*Spooled)(nil)
)

// keeping runs a write that touches incidents, whose keys it returns, and remembers how it left
// them.
func (s *Spooled) keeping(ctx context.Context, now time.Time, delivers bool, do func(writer) (keys []string, _ error)) error {
	var keys []string
	var left story
	local := false
	err := s.on(ctx, func(ctx context.Context, at *Store) error {
		local = at != s.Store
		return at.try(ctx, now, delivers, func(w writer) (err error) {
			touched, err := do(w)
			if err != nil || s.local == nil || local || len(touched) == 0 {
				return err
			}
			if keys, err = w.canonicals(touched); err == nil {
				left, err = readStory(ctx, w.tx, keys)
			}
			return err
		})
	})
	if err != nil || local || left == nil {
		return err
	}
	return s.wrote(ctx, told(keys, left))
}

// Commit implements alerting.Store.
func (s *Spooled) Commit(ctx context.Context, c alerting.Change, now time.Time) error {
	if err := check(c.Transition); err != nil {
		return err
	}
	return s.keeping(ctx, now, true, func(w writer) ([]string, error) {
		return []string{c.Transition.Incident.Key, c.Transition.Incident.Replaces}, w.commit(c)
	})
}

// canonicals are the keys under which incidents are kept; "" is none.
func (w writer) canonicals(keys []string) (all []string, _ error) {
	for _, key := range keys {
		if key == "" {
			continue
		}
		key, err := w.canonical(key)
		if err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	return all, nil
}

// Revise implements alerting.Store.
func (s *Spooled) Revise(ctx context.Context, r alerting.Revision, now time.Time) (n int, _ error) {
	plan := r.Plan
	err := s.keeping(ctx, now, false, func(w writer) (keys []string, err error) {
		if plan != nil {
			r.Plan = func(open []alerting.Standing) []alerting.Plan {
				plans := plan(open)
				for i, p := range plans {
					if len(p.Rows)+len(p.Supersede)+len(p.Decisions)+len(p.Acks) > 0 {
						keys = append(keys, open[i].Incident.Key)
					}
				}
				return plans
			}
		}
		n, err = w.revise(r)
		return keys, err
	})
	if err != nil {
		return 0, fmt.Errorf("revise open incidents: %w", err)
	}
	return n, nil
}

// passages notes the incidents of which a transaction over alerts tells something. What joins a group
// and is told later is not among them: its sender repeats it.
type passages struct {
	alertTx
	keys *[]string
}

// Commit implements alerting.AlertTx.
func (p passages) Commit(changes ...alerting.Change) error {
	for _, c := range changes {
		*p.keys = append(*p.keys, c.Transition.Incident.Key)
	}
	return p.alertTx.Commit(changes...)
}

// AlertTx implements alerting.AlertStore.
func (s *Spooled) AlertTx(ctx context.Context, now time.Time, do func(alerting.AlertTx) error) error {
	err := s.keeping(ctx, now, false, func(w writer) (keys []string, _ error) {
		err := do(passages{alertTx{w}, &keys})
		return keys, err
	})
	if err == nil {
		notify(s.nudged)
	}
	return err
}

// OpenIncidents implements alerting.Store; oldest first.
func (s *Spooled) OpenIncidents(ctx context.Context) ([]slo.Incident, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]slo.Incident, error) { return at.OpenIncidents(ctx) })
}

// OpenMark implements alerting.Store.
func (s *Spooled) OpenMark(ctx context.Context) (alerting.OpenMark, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (alerting.OpenMark, error) { return at.OpenMark(ctx) })
}

// Failing implements alerting.Store.
func (s *Spooled) Failing(ctx context.Context, look alerting.FailingLook) (alerting.Failing, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (alerting.Failing, error) { return at.Failing(ctx, look) })
}

// Due implements alerting.Queue.
func (s *Spooled) Due(ctx context.Context, now time.Time) ([]alerting.Target, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.Target, error) { return at.Due(ctx, now) })
}

// Claim implements alerting.Queue.
func (s *Spooled) Claim(ctx context.Context, c alerting.Claim, now time.Time) (alerting.Claimed, error) {
	local := false
	got, err := ask(ctx, s, func(ctx context.Context, at *Store) (alerting.Claimed, error) {
		local = at != s.Store
		return at.Claim(ctx, c, now)
	})
	if err != nil || local || len(got.Rows) == 0 {
		return got, err
	}
	// What can't be noted is sent all the same: the claim is committed.
	if err := s.wrote(ctx, claimed(got.Rows, now.Add(c.Lease))); err != nil {
		s.logger.Warn("a claim could not be noted in the spool", "error", err)
	}
	return got, nil
}

// Settle implements alerting.Queue. The row may have been claimed at the other database. The time for which
// all calls wait for a reconciliation does not count: an answer that is given up is sent for again.
func (s *Spooled) Settle(ctx context.Context, row alerting.Row, o alerting.Outcome, now time.Time) error {
	ctx, cancel := s.throughGate(ctx)
	defer cancel()
	local := false
	err := s.on(ctx, func(ctx context.Context, at *Store) error {
		local = at != s.Store
		r := row
		if local != (row.ID >= firstLocal) && s.local != nil {
			id, err := at.numberOf(ctx, row)
			if err != nil || id == 0 {
				return err // nobody there waits for the answer
			}
			r.ID = id
		}
		return at.Settle(ctx, r, o, now)
	})
	if err != nil || local {
		return err
	}
	return s.wrote(ctx, settled(row, o, now))
}

// throughGate waits for the gate, and returns a context that has as much time left after that as it had
// before.
func (s *Spooled) throughGate(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, bounded := ctx.Deadline()
	if s.local == nil || !bounded || ctx.Err() != nil {
		return ctx, func() {}
	}
	left := time.Until(deadline)
	s.gate.RLock()
	s.gate.RUnlock() //nolint:staticcheck // who holds it is waited for
	return context.WithTimeout(context.WithoutCancel(ctx), left)
}

// numberOf returns the number of a row that the other database numbered; 0 where there is none.
func (s *Store) numberOf(ctx context.Context, row alerting.Row) (id int64, _ error) {
	err := s.reads.QueryRowContext(ctx, `SELECT id FROM outbox WHERE `+sameRow(1), rowIdentity(row)...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, s.dialect.explain(err)
}

// numberOf is that of a transaction.
func (w writer) numberOf(row alerting.Row) (id int64, _ error) {
	err := w.tx.QueryRowContext(w.ctx, `SELECT id FROM outbox WHERE `+sameRow(1), rowIdentity(row)...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// Defer implements alerting.Queue.
func (s *Spooled) Defer(ctx context.Context, d alerting.Deferral, now time.Time) (alerting.Deferred, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (alerting.Deferred, error) { return at.Defer(ctx, d, now) })
}

// outboxDepth is what OutboxDepth returned at a moment.
type outboxDepth struct {
	rows   int
	oldest time.Duration
	at     time.Time
}

// OutboxDepth implements alerting.Queue and alerting.Ledger. While all calls wait for a reconciliation it is what it
// was before that, so that who asks how Burnline fares is answered at once.
func (s *Spooled) OutboxDepth(ctx context.Context, now time.Time) (depth int, oldest time.Duration, err error) {
	if last := s.depth.Load(); last != nil && s.closed() {
		if last.rows > 0 {
			oldest = last.oldest + now.Sub(last.at)
		}
		return last.rows, oldest, nil
	}
	err = s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		depth, oldest, err = at.OutboxDepth(ctx, now)
		return err
	})
	if err == nil {
		s.depth.Store(&outboxDepth{depth, oldest, now})
	}
	return depth, oldest, err
}

// closed reports whether calls have to wait at the gate now.
func (s *Spooled) closed() bool {
	if s.gate.TryRLock() {
		s.gate.RUnlock()
		return false
	}
	return true
}

// Incidents implements alerting.Ledger. The spool knows what is open, and what closed lately.
func (s *Spooled) Incidents(ctx context.Context, f alerting.Filter) ([]alerting.Record, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]alerting.Record, error) { return at.Incidents(ctx, f) })
}

// Incident implements alerting.Ledger.
func (s *Spooled) Incident(ctx context.Context, key string) (r alerting.Record, found bool, err error) {
	err = s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		r, found, err = at.Incident(ctx, key)
		return err
	})
	return r, found, err
}

// OpenCount implements alerting.Ledger.
func (s *Spooled) OpenCount(ctx context.Context) (int, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) (int, error) { return at.OpenCount(ctx) })
}
