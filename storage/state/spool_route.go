package state

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// mostHang is how long a call to PostgreSQL may take before it is asked whether it is
	// there at all, and probeTime how long it has to answer that.
	mostHang  = 1500 * time.Millisecond
	probeTime = 2 * time.Second
)

// errDeparted ends calls to PostgreSQL that are under way when it is found to be away.
var errDeparted = errors.New("PostgreSQL is away")

// flights are the calls to PostgreSQL that are under way.
type flights struct {
	mu  sync.Mutex
	all map[*flight]bool
}

// flight is one call.
type flight struct {
	began  time.Time
	cancel context.CancelCauseFunc
}

// begin notes a call and returns the context in which it runs.
func (f *flights) begin(ctx context.Context) (context.Context, func()) {
	within, cancel := context.WithCancelCause(ctx)
	one := &flight{began: time.Now(), cancel: cancel}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = map[*flight]bool{}
	}
	f.all[one] = true
	return within, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.all, one)
		cancel(nil)
	}
}

// end ends all calls that are under way.
func (f *flights) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for one := range f.all {
		one.cancel(errDeparted)
	}
}

// hang reports whether a call takes longer than is likely.
func (f *flights) hang(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for one := range f.all {
		if now.Sub(one.began) > mostHang {
			return true
		}
	}
	return false
}

// on runs a call at PostgreSQL, or at the spool while that is away. A call that fails because PostgreSQL
// is away, or hangs with it, runs at the spool then: all of them may be repeated.
func (s *Spooled) on(ctx context.Context, call func(context.Context, *Store) error) error {
	if s.local == nil {
		return call(ctx, s.Store)
	}
	for tries := 1; ; tries++ {
		away, err, departed := s.once(ctx, call)
		if away || err == nil || ctx.Err() != nil {
			return err
		}
		switch {
		case departed:
			continue
		case !gone(err):
			return err
		case tries == 1 && s.probe(ctx) == nil:
			continue // a connection was lost, and not the server
		}
		if e := s.depart(context.WithoutCancel(ctx), time.Now(), err); e != nil {
			return errors.Join(err, e)
		}
	}
}

// once runs a call once, and says whether that was at the spool, or PostgreSQL was found to be
// away meanwhile.
func (s *Spooled) once(ctx context.Context, call func(context.Context, *Store) error) (away bool, _ error, departed bool) {
	s.gate.RLock()
	if s.isAway() {
		defer s.gate.RUnlock()
		return true, call(ctx, s.local), false
	}
	within, end := s.flights.begin(ctx)
	defer end()
	s.gate.RUnlock()
	err := call(within, s.Store)
	return false, err, errors.Is(context.Cause(within), errDeparted)
}

// there runs a call that only PostgreSQL can answer.
func (s *Spooled) there(ctx context.Context, call func(context.Context, *Store) error) error {
	if s.local == nil {
		return call(ctx, s.Store)
	}
	s.gate.RLock()
	if a := s.absence.Load(); a != nil {
		s.gate.RUnlock()
		return fmt.Errorf("%w (away since %s)", ErrAway, a.since.UTC().Format("15:04:05 MST"))
	}
	within, end := s.flights.begin(ctx)
	defer end()
	s.gate.RUnlock()
	err := call(within, s.Store)
	if err != nil && errors.Is(context.Cause(within), errDeparted) {
		return ErrAway
	}
	return err
}

// ask is on for calls that return something.
func ask[T any](ctx context.Context, s *Spooled, call func(context.Context, *Store) (T, error)) (answer T, _ error) {
	err := s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		answer, err = call(ctx, at)
		return err
	})
	return answer, err
}

// askThere is there for calls that return something.
func askThere[T any](ctx context.Context, s *Spooled, call func(context.Context, *Store) (T, error)) (answer T, _ error) {
	err := s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		answer, err = call(ctx, at)
		return err
	})
	return answer, err
}

// probe asks PostgreSQL for a commit over a connection of its own.
func (s *Spooled) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return s.dialect.explain(err)
	}
	defer func() { _ = conn.Close(ctx) }() // what it answered counts
	var readOnly string
	if err := conn.QueryRow(ctx, `SELECT current_setting('transaction_read_only') WHERE pg_current_xact_id() IS NOT NULL`).Scan(&readOnly); err != nil {
		return s.dialect.explain(err)
	}
	if readOnly == "on" {
		return errors.New("PostgreSQL takes no writes; see whether state.dsn names a standby")
	}
	return nil
}

// depart sends all calls to the spool from now on. What PostgreSQL answered and the copy does
// not have yet is written there first.
func (s *Spooled) depart(ctx context.Context, since time.Time, why error) error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.isAway() {
		return nil
	}
	err := s.local.write(ctx, since, func(w writer) error {
		if err := s.journal.replay(w); err != nil {
			return err
		}
		return w.setAway(since)
	})
	if err != nil {
		return fmt.Errorf("go on by the local spool: %w", err)
	}
	s.journal.clear()
	s.absence.Store(&absence{since: since, why: why})
	s.flights.end()
	s.writes.SetMaxIdleConns(0) // none of the connections there are is used again
	s.writes.SetMaxIdleConns(keptConnections)
	s.metrics.departures.Inc()
	s.logger.Error("PostgreSQL is away; pages go out by the local spool until it is back", "error", why)
	notify(s.switched)
	return nil
}

// notify leaves a token for whoever waits. It never blocks.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
