package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// watchEvery is how often it is looked whether calls hang, and returnEvery how often PostgreSQL is
	// tried while it is away.
	watchEvery  = 250 * time.Millisecond
	returnEvery = time.Second
	// mostGated bounds how long calls wait for the end of the reconciliation.
	mostGated = 15 * time.Second
	// answered is after what time an answer that waited for that is recorded.
	answered = 5 * time.Second
	// repeatWhy is how often a failed return is logged.
	repeatWhy = time.Minute
)

// Run keeps the spool a copy, sees that no call hangs with PostgreSQL, and goes back to it when it
// is there again, until ctx ends.
func (s *Spooled) Run(ctx context.Context) error {
	if s.local == nil {
		<-ctx.Done()
		return nil
	}
	var copying sync.WaitGroup
	copying.Go(func() { s.copying(ctx) })
	defer copying.Wait()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var tried, logged time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.switched:
			s.changed()
		case <-tick.C:
		}
		now := time.Now()
		switch {
		case s.isAway() && now.Sub(tried) >= returnEvery:
			err := s.comeBack(ctx)
			tried = time.Now()
			if err != nil && ctx.Err() == nil && now.Sub(logged) > repeatWhy {
				logged = now
				s.logger.Warn("PostgreSQL is still away", "error", err)
			}
		case !s.isAway() && s.flights.hang(now) && now.Sub(tried) >= returnEvery:
			s.doubt(ctx)
			tried = time.Now()
		}
	}
}

func (s *Spooled) isAway() bool { return s.absence.Load() != nil }

// doubt asks whether PostgreSQL still keeps what it is told, since a call takes long.
func (s *Spooled) doubt(ctx context.Context) {
	err := s.probe(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	if err := s.depart(ctx, time.Now(), err); err != nil {
		s.logger.Error("PostgreSQL does not answer, and the spool can't be written; pages wait", "error", err)
	}
}

// comeBack reconciles and sends all calls to PostgreSQL again. What has nothing left to be sent is
// reconciled while pages still go out by the spool; the rest, so that no node sends what another one
// is sending, while all calls wait.
func (s *Spooled) comeBack(ctx context.Context) error {
	held, err := s.local.spoolState(ctx)
	if err != nil {
		return err
	}
	s.waiting.Store(int64(held.waiting))
	if err := s.probe(ctx); err != nil {
		return err
	}
	if err := s.meet(ctx, held); err != nil {
		return err
	}
	ending := s.endings() // it waits for nobody later
	if err := s.reconcile(ctx, ending, true); err != nil {
		return err
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	err = within(ctx, mostGated, func(ctx context.Context) error {
		if err := s.local.holdOn(ctx, time.Now()); err != nil {
			return err
		}
		if err := s.reconcile(ctx, ending, false); err != nil {
			return err
		}
		if err := s.reconcileLimits(ctx); err != nil {
			return fmt.Errorf("reconcile what was sent: %w", err)
		}
		if err := s.reconcileAccess(ctx); err != nil {
			return fmt.Errorf("reconcile sessions and the audit log: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.local.back(ctx); err != nil {
		return err
	}
	s.logger.Info("PostgreSQL is back and reconciled", "away", time.Since(s.absence.Load().since).Round(time.Millisecond), "incidents", held.waiting)
	s.absence.Store(nil)
	s.waiting.Store(0)
	s.copier.stale.Store(true)
	notify(s.nudged)
	notify(s.switched)
	return nil
}

// holdOn keeps what is being sent leased until its answers can be recorded again: they wait while PostgreSQL is told, and
// nobody may send the same meanwhile.
func (s *Store) holdOn(ctx context.Context, now time.Time) error {
	return s.write(ctx, now, func(w writer) error {
		_, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET leased_until = $1 WHERE state = 'pending' AND leased_until > $2 AND leased_until < $1`,
			nanos(now.Add(mostGated+answered)), nanos(now))
		if err != nil {
			return fmt.Errorf("hold what is being sent: %w", err)
		}
		return nil
	})
}

// changedKey is an incident that waits to be reconciled.
type changedKey struct {
	key string
	n   int64
}

// waitingKeys are the incidents that wait, oldest first; quiet leaves out those of which
// something is still to be sent.
func (s *Store) waitingKeys(ctx context.Context, quiet bool) (all []changedKey, _ error) {
	query := `SELECT c.dedup_key, c.n FROM spool_changed c LEFT JOIN incidents i ON i.dedup_key = c.dedup_key`
	if quiet {
		query += ` WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.dedup_key = c.dedup_key AND o.state = 'pending')`
	}
	err := eachRow(ctx, s.reads, query+` ORDER BY i.opened, c.dedup_key`, nil, func(rows *sql.Rows) error {
		var c changedKey
		err := rows.Scan(&c.key, &c.n)
		all = append(all, c)
		return err
	})
	return all, s.dialect.explain(err)
}

// reconcile tells PostgreSQL what happened to incidents while it was away, each in a transaction
// of its own. An incident is only then taken off the list, so that a kill in between repeats it.
func (s *Spooled) reconcile(ctx context.Context, ending Ending, quiet bool) error {
	keys, err := s.local.waitingKeys(ctx, quiet)
	if err != nil {
		return fmt.Errorf("read what waits to be reconciled: %w", err)
	}
	for _, c := range keys {
		// A server that hangs with one of them is tried again.
		if err := within(ctx, 3*s.wait, func(ctx context.Context) error { return s.reconcileOne(ctx, c.key, ending) }); err != nil {
			return fmt.Errorf("reconcile incident %s: %w", c.key, err)
		}
		if _, err := s.local.writes.ExecContext(ctx, `DELETE FROM spool_changed WHERE dedup_key = $1 AND n = $2`, c.key, c.n); err != nil {
			return fmt.Errorf("note that incident %s is reconciled: %w", c.key, s.local.dialect.explain(err))
		}
		s.metrics.reconciled.Inc()
	}
	return nil
}

// reconcileOne tells PostgreSQL what happened to one incident.
func (s *Spooled) reconcileOne(ctx context.Context, key string, ending Ending) error {
	told, err := s.local.storyOf(ctx, key)
	if err != nil {
		return err
	}
	return s.try(ctx, time.Now(), false, func(w writer) error {
		m, err := w.merge(key, told)
		if err != nil || !m.parted || m.incident.Closed.IsZero() || ending == nil {
			return err
		}
		have, err := w.existing(key, m.newest)
		if err != nil {
			return err
		}
		p := ending(m.incident, have)
		if err := w.decide(key, len(have.Decisions), p.Decisions); err != nil {
			return err
		}
		return w.outbox(p, have)
	})
}

// storyOf reads an incident as of one moment.
func (s *Store) storyOf(ctx context.Context, key string) (told story, err error) {
	tx, err := s.reads.BeginTx(ctx, nil)
	if err != nil {
		return nil, s.dialect.explain(err)
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	return readStory(ctx, tx, []string{key})
}

// reconcileLimits tells PostgreSQL what counts against limits, what destinations asked for, and
// which webhooks were taken.
func (s *Spooled) reconcileLimits(ctx context.Context) error {
	const taken table = "taken id at"
	all := story{}
	for _, t := range []table{destinationTable, sendTable, taken} {
		if err := all.lines(ctx, s.local.reads, t, `SELECT `+strings.Join(t.columns(), ", ")+` FROM `+t.name(), nil); err != nil {
			return err
		}
	}
	return s.try(ctx, time.Now(), false, func(w writer) error {
		if err := w.insertLines(taken, all[taken.name()], ` ON CONFLICT DO NOTHING`); err != nil {
			return err
		}
		if err := w.insertLines(destinationTable, all[destinationTable.name()],
			` ON CONFLICT (name) DO UPDATE SET held_until = excluded.held_until WHERE destinations.held_until < excluded.held_until`); err != nil {
			return err
		}
		for _, l := range all[sendTable.name()] {
			if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO sends (destination, at, attempts) SELECT `+casts(l)+`
				WHERE NOT EXISTS (SELECT 1 FROM sends WHERE destination = $1 AND at = $2)`, l...); err != nil {
				return err
			}
		}
		return nil
	})
}
