package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"burnline/alerting"
	"burnline/slo"
)

// Commit implements alerting.Store. It knows a transition that it has committed
// by the incident as it stands: an open incident can't open, a closed one can't
// close, a group or SLO that is listed can't join. An opening later than the closing
// of the same key opens the incident again, because telling twice is better
// than not telling.
func (s *Store) Commit(ctx context.Context, c alerting.Change, now time.Time) error {
	if err := check(c.Transition); err != nil {
		return err
	}
	return s.deliver(ctx, now, func(w writer) error { return w.commit(c) })
}

// write runs do in one transaction, and again when it lost against another one.
func (s *Store) write(ctx context.Context, now time.Time, do func(writer) error) error {
	return s.try(ctx, now, false, do)
}

// deliver is write for what brings a message on its way, which batches of alerts let pass.
func (s *Store) deliver(ctx context.Context, now time.Time, do func(writer) error) error {
	return s.try(ctx, now, true, do)
}

func (s *Store) try(ctx context.Context, now time.Time, delivers bool, do func(writer) error) error {
	for try := 1; ; try++ {
		err := s.inTx(ctx, delivers, func(tx *sql.Tx) error {
			return do(writer{ctx: s.dialect.begun(ctx), tx: tx, s: s, now: now})
		})
		if try == mostTries || !again(err) {
			return err
		}
		// What it lost against may end meanwhile: two that begin again at once meet again.
		if !pause(ctx, rand.N(time.Duration(try)*50*time.Millisecond), nil) {
			return err
		}
	}
}

// mostTries is how often a transaction is begun that loses against others.
const mostTries = 10

// errRaced means that another node opened the same incident in between.
var errRaced = errors.New("another node opened the incident at the same moment")

// again reports whether a transaction lost against another one and may win now.
func again(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		switch server.Code {
		case "40001", "40P01", // serialization failure, deadlock
			"55P03", // it waited for a lock for too long
			"25P03": // it was ended since it did nothing
			return true
		}
		return false
	}
	return errors.Is(err, errRaced)
}

// check refuses a transition that names nothing, which no store could keep.
func check(t slo.Transition) error {
	switch t.Kind {
	case slo.IncidentOpened, slo.IncidentJoined, slo.IncidentUpdated, slo.IncidentClosed, slo.IncidentRecorded:
	default:
		return fmt.Errorf("commit transition: unknown kind %q", t.Kind)
	}
	if t.Incident.Key == "" || t.Incident.SLO == "" || t.Incident.Severity == "" {
		return errors.New("commit transition: the incident has no key, SLO or severity")
	}
	return nil
}

// writer is one transaction at work.
type writer struct {
	ctx context.Context
	tx  *sql.Tx
	s   *Store
	now time.Time
}

// commit writes the transition, the incident and the planned rows.
func (w writer) commit(c alerting.Change) error {
	t := c.Transition
	known, err := w.resolve(&t)
	if err != nil {
		return err
	}
	ticket, err := w.ticket(&t)
	if err != nil {
		return err
	}
	if known.done(t) && !ticket.open() {
		return nil
	}
	have := alerting.Existing{Key: t.Incident.Key} // nothing is written of what is not known
	if known.found {
		if have, err = w.existing(t.Incident.Key, known.newest); err != nil {
			return err
		}
	}
	have.Reopened = t.Kind == slo.IncidentOpened && known.found && !known.open()
	if ticket.open() {
		if have.Replaced, err = w.rows(ticket.incident.Key); err != nil {
			return err
		}
	}
	var p alerting.Plan
	if c.Plan != nil {
		p = c.Plan(have)
	}
	if err := w.save(t, known, p); err != nil {
		return err
	}
	if err := w.decide(t.Incident.Key, len(have.Decisions), p.Decisions); err != nil {
		return err
	}
	if ticket.open() {
		if err := w.closeTicket(t, ticket.incident); err != nil {
			return err
		}
	}
	return w.outbox(p, have)
}

// ticket loads the ticket that an opening page rises from.
func (w writer) ticket(t *slo.Transition) (stored, error) {
	if t.Kind != slo.IncidentOpened || t.Incident.Replaces == "" {
		return stored{}, nil
	}
	key, err := w.canonical(t.Incident.Replaces)
	if err != nil {
		return stored{}, err
	}
	t.Incident.Replaces = key
	return w.load(key)
}

// stored is an incident as the database has it.
type stored struct {
	found    bool
	incident slo.Incident
	newest   alerting.Message
}

// open reports whether the incident exists and is open.
func (k stored) open() bool { return k.found && k.incident.Closed.IsZero() }

// done reports whether the transition has been committed before.
func (k stored) done(t slo.Transition) bool {
	if !k.found {
		return false
	}
	switch t.Kind {
	case slo.IncidentRecorded:
		return true
	case slo.IncidentOpened:
		return k.open() || !t.At.After(k.incident.Closed)
	case slo.IncidentClosed, slo.IncidentUpdated: // an update is made once, with the group that it tells of
		return !k.open()
	}
	// What has closed is joined by nobody.
	return !k.open() || len(union(k.incident.Groups, t.Incident.Groups)) == len(k.incident.Groups) &&
		len(unionSLOs(k.incident.SLOs, t.Incident.SLOs)) == len(k.incident.SLOs)
}

// union returns the groups with those added that they lack.
func union(groups, more []slo.Labels) []slo.Labels {
	all := slices.Clone(groups)
	for _, g := range more {
		if !slices.ContainsFunc(all, func(have slo.Labels) bool { return have.String() == g.String() }) {
			all = append(all, g)
		}
	}
	return all
}

// unionSLOs returns the SLOs of an incident without data with those added that
// it lacks.
func unionSLOs(ids, more []string) []string {
	all := slices.Clone(ids)
	for _, id := range more {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// resolve finds the incident that the transition is about, locks it, and gives
// the transition its key: that of the open incident with the same SLO,
// cause, first group and severity, where the transition's own is not open.
func (w writer) resolve(t *slo.Transition) (stored, error) {
	key, err := w.canonical(t.Incident.Key)
	if err != nil {
		return stored{}, err
	}
	t.Incident.Key = key
	known, err := w.load(key)
	if err != nil || known.open() || known.done(*t) || t.Kind == slo.IncidentRecorded {
		return known, err
	}
	first, err := w.openLike(t.Incident)
	if err != nil || first == "" {
		return known, err
	}
	if first == key { // another node opened it since it was looked for
		return w.load(key)
	}
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO aliases (alias, dedup_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, first); err != nil {
		return stored{}, fmt.Errorf("note a second opening: %w", err)
	}
	t.Incident.Key = first
	return w.load(first)
}
