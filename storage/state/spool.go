package state

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/slo"
)

// SpoolName is the name of the file in the data folder that stands in for PostgreSQL.
const SpoolName = "spool.db"

// ErrAway means that PostgreSQL is away and that only it can do what was asked. Nothing of it
// was done; it may be asked again.
var ErrAway = errors.New("PostgreSQL is away and pages go out by the local spool, which can't keep this; try again when the system page says that it is back")

// SpoolOptions say where the state is kept and who hears of it.
type SpoolOptions struct {
	Options
	// Registerer may be nil.
	Registerer prometheus.Registerer
}

// Spooled is the state with a stand-in. In PostgreSQL it keeps a copy of all that is open in a
// SQLite file of its own; while PostgreSQL is away, or can't keep anything, that file is where
// incidents are committed and messages are claimed, by the same code, and what happened
// there is reconciled when PostgreSQL is back. What a Spooled has no method of its own for goes to
// PostgreSQL. A state in SQLite has no stand-in and needs none. It is safe for concurrent use.
type Spooled struct {
	*Store
	// local is the stand-in; nil without PostgreSQL.
	local   *Store
	config  *pgx.ConnConfig
	options Options
	wait    time.Duration
	logger  *slog.Logger
	metrics *spoolMetrics

	// gate is held for reading by calls to the stand-in, and for writing by who changes what
	// calls go to, which is absence: nil while PostgreSQL is there. Who only tells of it waits for nobody.
	gate    sync.RWMutex
	absence atomic.Pointer[absence]
	// depth is what OutboxDepth returned last, for those who ask while the gate is closed.
	depth   atomic.Pointer[outboxDepth]
	flights flights
	journal journal
	// nudged asks for a copy soon, and switched says that calls go elsewhere now.
	nudged, switched chan struct{}
	copier           copier
	// waiting is how many incidents waited to be reconciled when it was last looked.
	waiting atomic.Int64

	changed func()
	endings func() Ending
}

// absence is why and since when PostgreSQL is away.
type absence struct {
	since time.Time
	why   error
}

// Ending plans what is told of an incident that is found to be over, given what was
// written of it. It must be pure.
type Ending func(in slo.Incident, have alerting.Existing) alerting.Plan

// OpenSpooled opens the state. With PostgreSQL it opens the spool too; where that holds a copy,
// the state opens without PostgreSQL as well, and goes on by the spool.
func OpenSpooled(ctx context.Context, o SpoolOptions) (*Spooled, error) {
	o.Options = o.withDefaults()
	if o.DSN == "" {
		store, err := Open(ctx, o.Options)
		if err != nil {
			return nil, err
		}
		s := newSpooled(o, store)
		if err := s.metrics.register(o.Registerer); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		return s, nil
	}
	config, err := parsePostgres(o.Options)
	if err != nil {
		return nil, err
	}
	s := newSpooled(o, postgresStore(config, o.Options))
	s.config = config
	s.local, err = Open(ctx, Options{Dir: o.Dir, Wait: o.Wait, Logger: slog.New(slog.DiscardHandler), Program: o.Program, file: SpoolName})
	if err == nil {
		err = s.begin(ctx)
	}
	if err == nil {
		err = s.metrics.register(o.Registerer)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func newSpooled(o SpoolOptions, store *Store) *Spooled {
	s := &Spooled{Store: store, options: o.Options, wait: o.Wait, logger: o.Logger, nudged: make(chan struct{}, 1), switched: make(chan struct{}, 1),
		changed: func() {}, endings: func() Ending { return nil }}
	s.metrics = newSpoolMetrics(s)
	return s
}

// begin finds out where to go on: at PostgreSQL, with a fresh copy, or at the spool.
func (s *Spooled) begin(ctx context.Context) error {
	if err := s.local.prepareSpool(ctx); err != nil {
		return fmt.Errorf("prepare %s: %w", SpoolName, err)
	}
	held, err := s.local.spoolState(ctx)
	if err != nil {
		return fmt.Errorf("read %s: %w", SpoolName, err)
	}
	err = s.meet(ctx, held)
	switch {
	case err != nil && (held.filled.IsZero() || !gone(err) && !errors.Is(err, context.DeadlineExceeded)):
		return err
	case err != nil:
	case held.waiting+held.unsaid > 0:
		s.waiting.Store(int64(held.waiting))
		err = fmt.Errorf("%d incidents and %d entries of the audit log of the time without it are being reconciled", held.waiting, held.unsaid)
	default:
		if err = s.local.back(ctx); err == nil {
			err = s.copyAll(ctx)
		}
		return err
	}
	if held.away.IsZero() {
		held.away = time.Now()
	}
	return s.depart(ctx, held.away, err)
}

// errOther means that the spool belongs to another database.
var errOther = errors.New(SpoolName + " in the data folder holds what happened that another PostgreSQL database has not been told yet; " +
	"put that one's address in state.dsn once, or move the file away to give it up")

// mostMigrating is how long the schema may take to be brought up to date.
const mostMigrating = 10 * time.Minute

// meet connects to PostgreSQL, brings its schema up to date, and sees whether it is the
// database that the spool belongs to. Each step ends where the server hangs in the middle of it.
func (s *Spooled) meet(ctx context.Context, held spoolState) error {
	if err := s.reach(ctx, s.wait); err != nil {
		return err
	}
	most := s.wait
	err := within(ctx, s.wait, func(ctx context.Context) error {
		have, want, err := s.schema(ctx)
		if have != want {
			most = mostMigrating
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := within(ctx, most, func(ctx context.Context) error { return s.migrate(ctx, s.options) }); err != nil {
		return err
	}
	var id string
	err = within(ctx, s.wait, func(ctx context.Context) (err error) {
		id, err = s.identify(ctx)
		return err
	})
	if err != nil || id == held.of {
		return err
	}
	if held.waiting+held.unsaid > 0 {
		return errOther
	}
	return s.local.emptySpool(ctx, id)
}

// within bounds how long something may take.
func within(ctx context.Context, most time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return do(ctx)
}

// Follow says whom to tell that calls go elsewhere now, and who plans the ends of incidents that are found
// to be over when two stories of them are joined. Call it before Run.
func (s *Spooled) Follow(changed func(), endings func() Ending) {
	s.changed, s.endings = changed, endings
}

// Close releases both databases.
func (s *Spooled) Close() error {
	if s.local == nil {
		return s.Store.Close()
	}
	return errors.Join(s.Store.Close(), s.local.Close())
}

// Absence returns since when PostgreSQL is away, how many incidents wait to be reconciled, and
// why it is away; the zero time while it is there.
func (s *Spooled) Absence() (since time.Time, waiting int, why error) {
	a := s.absence.Load()
	if a == nil {
		return time.Time{}, 0, nil
	}
	// What was being done when it went away says nothing to whoever reads why.
	var said *explained
	if errors.As(a.why, &said) {
		return a.since, int(s.waiting.Load()), said
	}
	return a.since, int(s.waiting.Load()), a.why
}

// Trouble is that of the database that is in use.
func (s *Spooled) Trouble() error {
	if s.isAway() {
		return s.local.Trouble()
	}
	return s.Store.Trouble()
}
