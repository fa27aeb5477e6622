package state

import (
	"context"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Revise implements alerting.Store.
func (s *Store) Revise(ctx context.Context, r alerting.Revision, now time.Time) (int, error) {
	var n int
	err := s.write(ctx, now, func(w writer) (err error) {
		n, err = w.revise(r)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("revise open incidents: %w", err)
	}
	return n, nil
}

// OpenMark implements alerting.Store.
func (s *Store) OpenMark(ctx context.Context) (alerting.OpenMark, error) {
	var m alerting.OpenMark
	err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(opened % $1), 0) AS BIGINT) + $2 *
			(SELECT COUNT(*) FROM acknowledgements a JOIN incidents i ON i.dedup_key = a.dedup_key WHERE i.closed = 0)
		FROM incidents WHERE closed = 0`, int64(alerting.MarkPrime), int64(alerting.MarkAck)).Scan(&m.Count, &m.Sum)
	if err != nil {
		return alerting.OpenMark{}, fmt.Errorf("mark the open incidents: %w", s.dialect.explain(err))
	}
	return m, nil
}

// revise is one revision. The incidents are locked first: of two nodes that revise at once only one tells. Then
// come all their rows at once, in the order in which answers lock them.
func (w writer) revise(r alerting.Revision) (n int, err error) {
	if r.Once != "" {
		if first, err := w.take(r.Once); err != nil || !first {
			return 0, err
		}
	}
	open, err := w.standing(r.Keys)
	if err != nil {
		return 0, err
	}
	if err := w.holdRows(keysOf(open)); err != nil {
		return 0, err
	}
	if err := w.think(len(open)); err != nil {
		return 0, err
	}
	if r.Plan != nil {
		if err := w.gather(open); err != nil {
			return 0, err
		}
		for i, p := range r.Plan(open) {
			if err := w.revised(open[i], p); err != nil {
				return 0, err
			}
			n += len(p.Rows)
		}
	}
	if r.Requeue {
		again, err := w.requeue() // by the decisions that were just written
		if err != nil {
			return 0, err
		}
		return n + again, w.hurry()
	}
	return n, nil
}

// holdRows locks the rows of incidents in the order of their ids, where rows are locked at all. Incident by incident
// it would wait in a circle with answers to rows of several.
func (w writer) holdRows(keys []string) error {
	if w.s.dialect.lock == "" || len(keys) == 0 {
		return nil
	}
	if _, err := w.tx.ExecContext(w.ctx, `SELECT id FROM outbox WHERE dedup_key = ANY($1) ORDER BY id`+w.s.dialect.lock, keys); err != nil {
		return fmt.Errorf("hold the rows of incidents: %w", err)
	}
	return nil
}

// keysOf are the keys of incidents.
func keysOf(open []alerting.Standing) []string {
	keys := make([]string, len(open))
	for i := range open {
		keys[i] = open[i].Incident.Key
	}
	return keys
}

// hurry makes all that waits for its next attempt due now, and leaves no destination alone any longer. What was never
// tried waits for another reason than its receiver; what another transaction holds is being tried just now. As with
// answers, rows come before destinations.
func (w writer) hurry() error {
	now, err := w.s.clock(w.ctx, w.tx, w.now)
	if err != nil {
		return err
	}
	if _, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET next_at = $1 WHERE id IN (
		SELECT id FROM outbox WHERE state = 'pending' AND next_at > $1 AND attempts > 0`+w.s.dialect.skip+`)`, nanos(now)); err != nil {
		return fmt.Errorf("hurry what waits: %w", err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `UPDATE destinations SET held_until = 0 WHERE name IN (
		SELECT name FROM destinations WHERE held_until > 0 ORDER BY name`+w.s.dialect.lock+`)`); err != nil {
		return fmt.Errorf("leave no destination alone: %w", err)
	}
	return nil
}

// gather reads what was written of open incidents.
func (w writer) gather(open []alerting.Standing) error {
	all := make([]*alerting.Existing, len(open))
	for i := range open {
		all[i] = &open[i].Existing
		all[i].Key, all[i].Newest = open[i].Incident.Key, open[i].Newest
	}
	if err := w.readAll(all); err != nil {
		return err
	}
	outside := map[string]*alerting.Standing{}
	var keys []string
	for i := range open {
		if in := open[i].Incident; in.Cause == slo.CauseAlert && len(open[i].Rows) > 0 {
			outside[in.Key], keys = &open[i], append(keys, in.Key)
		}
	}
	for some := range slices.Chunk(keys, keysAtOnce) {
		if err := w.loud(some, func(key string, labels slo.Labels) { outside[key].Loud = labels }); err != nil {
			return err
		}
	}
	return nil
}

// existing reads and locks what was written of an incident.
func (w writer) existing(key string, newest alerting.Message) (alerting.Existing, error) {
	have := alerting.Existing{Key: key, Newest: newest}
	return have, w.readAll([]*alerting.Existing{&have})
}

// readAll reads and locks what was written of incidents, of many in one statement: tens of thousands may be open.
func (w writer) readAll(all []*alerting.Existing) error {
	for some := range slices.Chunk(all, keysAtOnce) {
		of, keys := make(map[string]*alerting.Existing, len(some)), make([]string, len(some))
		for i, have := range some {
			of[have.Key], keys[i] = have, have.Key
		}
		rows, err := w.rows(keys...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			of[r.Key].Rows = append(of[r.Key].Rows, r)
		}
		if err := w.decisions(keys, func(key string, d alerting.Decision) { of[key].Decisions = append(of[key].Decisions, d) }); err != nil {
			return err
		}
		if err := w.acknowledgements(keys, func(key string, a alerting.Acknowledgement) { of[key].Acks = append(of[key].Acks, a) }); err != nil {
			return err
		}
	}
	return nil
}

// among is the condition that a column names one of the keys, at most keysAtOnce, and the arguments of a statement of which the first are given.
func among(column string, keys []string, args ...any) (string, []any) {
	where := column + " IN (" + list(len(args)+1, len(keys)) + ")"
	for _, key := range keys {
		args = append(args, key)
	}
	return where, args
}

// revised writes what a revision plans for one incident.
func (w writer) revised(o alerting.Standing, p alerting.Plan) error {
	if p.Newest.Summary != "" {
		_, message, err := encode(o.Incident, p.Newest)
		if err != nil {
			return err
		}
		if _, err := w.tx.ExecContext(w.ctx, `UPDATE incidents SET message = $1 WHERE dedup_key = $2`, message, o.Incident.Key); err != nil {
			return fmt.Errorf("write incident: %w", err)
		}
	}
	if err := w.decide(o.Incident.Key, len(o.Decisions), p.Decisions); err != nil {
		return err
	}
	if err := w.acknowledge(o.Incident.Key, len(o.Acks), p.Acks); err != nil {
		return err
	}
	return w.outbox(p, o.Existing)
}

// requeue makes refused rows pending again where they are still needed, and where nothing keeps them quiet.
func (w writer) requeue() (int, error) {
	now, err := w.s.clock(w.ctx, w.tx, w.now)
	if err != nil {
		return 0, err
	}
	result, err := w.tx.ExecContext(w.ctx, `UPDATE outbox SET state = 'pending', settled_at = 0, next_at = $1
		WHERE state = 'refused'
		AND EXISTS (SELECT 1 FROM incidents i WHERE i.dedup_key = outbox.dedup_key AND i.closed = 0)
		AND NOT EXISTS (
			SELECT 1 FROM outbox later
			WHERE later.dedup_key = outbox.dedup_key AND later.receiver = outbox.receiver
			AND later.integration = outbox.integration AND later.seq > outbox.seq
			AND (later.state = 'delivered' OR later.state = 'pending' AND later.action = 'trigger'))
		AND COALESCE((SELECT d.fate FROM decisions d WHERE d.dedup_key = outbox.dedup_key AND d.receiver = outbox.receiver
			ORDER BY d.seq DESC LIMIT 1), '') NOT IN ($2, $3, $4)`,
		nanos(now), string(alerting.FateSilenced), string(alerting.FateInhibited), string(alerting.FateMuted))
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// standing reads and locks open incidents, oldest first: those of the keys, or all.
func (w writer) standing(keys []string) ([]alerting.Standing, error) {
	if keys == nil {
		return w.standingWhere("")
	}
	var all []alerting.Standing
	for some := range slices.Chunk(keys, keysAtOnce) {
		where, args := among("dedup_key", some)
		more, err := w.standingWhere(" AND "+where, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// keysAtOnce is how many keys one statement names.
const keysAtOnce = 500

// inOrder is the order in which incidents are locked where one transaction locks several.
const inOrder = ` ORDER BY opened, dedup_key`

func (w writer) standingWhere(and string, args ...any) ([]alerting.Standing, error) {
	found, err := w.tx.QueryContext(w.ctx, `SELECT incident, message FROM incidents WHERE closed = 0`+and+inOrder+w.s.dialect.lock, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // Err tells what went wrong
	var open []alerting.Standing
	for found.Next() {
		var body, message string
		var o alerting.Standing
		if err := found.Scan(&body, &message); err != nil {
			return nil, err
		}
		if o.Incident, err = decodeIncident(body); err != nil {
			return nil, err
		}
		if o.Newest, err = decodeMessage(message); err != nil {
			return nil, err
		}
		open = append(open, o)
	}
	return open, found.Err()
}
