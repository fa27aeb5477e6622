package state

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

var _ alerting.AlertStore = (*Store)(nil)

// AlertTx implements alerting.AlertStore.
func (s *Store) AlertTx(ctx context.Context, now time.Time, do func(alerting.AlertTx) error) error {
	return s.write(ctx, now, func(w writer) error { return do(alertTx{w}) })
}

// alertTx is one transaction over outside alerts. It locks alerts before groups, groups before incidents, and these
// before their rows, all of a kind at once and in one order, which for incidents and rows is that of
// revisions: so none waits for another in a circle.
type alertTx struct{ writer }

var _ alerting.AlertTx = alertTx{}

// Commit implements alerting.AlertTx.
func (w alertTx) Commit(changes ...alerting.Change) error {
	for _, c := range changes {
		if err := check(c.Transition); err != nil {
			return err
		}
	}
	if err := w.hold(changes); err != nil {
		return err
	}
	for _, c := range changes {
		if err := w.commit(c); err != nil {
			return err
		}
	}
	return nil
}

// hold locks the incidents that changes are about, and then their rows, where rows are locked at all. What opens is
// not there yet, and one alone is locked in that order anyway.
func (w alertTx) hold(changes []alerting.Change) error {
	var keys []string
	for _, c := range changes {
		if c.Transition.Kind != slo.IncidentOpened {
			keys = append(keys, c.Transition.Incident.Key)
		}
	}
	if w.s.dialect.lock == "" || len(keys) < 2 {
		return nil
	}
	var held []string
	err := w.each(`SELECT dedup_key FROM incidents
		WHERE dedup_key IN (SELECT unnest($1::TEXT[]) UNION SELECT dedup_key FROM aliases WHERE alias = ANY($1))`+inOrder+w.s.dialect.lock,
		[]any{keys}, func(rows *sql.Rows) error {
			var key string
			err := rows.Scan(&key)
			held = append(held, key)
			return err
		})
	if err != nil {
		return fmt.Errorf("hold incidents: %w", err)
	}
	return w.holdRows(held)
}

// Alerts implements alerting.AlertTx.
func (w alertTx) Alerts(prints []string) (map[string]*alerting.OutsideAlert, error) {
	all, err := readPrints(w.ctx, w.tx, w.s.dialect, prints, w.s.dialect.lock)
	if err != nil || len(all) == 0 {
		return all, err
	}
	byID := make(map[int64]*alerting.OutsideAlert, len(all))
	ids := make([]int64, 0, len(all))
	for _, a := range all {
		byID[a.ID] = a
		ids = append(ids, a.ID)
	}
	for part := range filled(ids) {
		err := w.each(`SELECT `+memberColumns+`, m.alert_id FROM alert_members m
			JOIN alert_groups g ON g.id = m.group_id AND g.closed = 0
			WHERE m.alert_id IN (`+w.s.dialect.places(1, len(part))+`) ORDER BY m.group_id`, part, func(rows *sql.Rows) error {
			var id int64
			m, err := scanMember(rows, &id)
			if err == nil {
				m.Alert = byID[id]
				m.Alert.Members = append(m.Alert.Members, m)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read groups of alerts: %w", err)
		}
	}
	return all, nil
}

// Groups implements alerting.AlertTx.
func (w alertTx) Groups(ids []int64, identities []string) ([]*alerting.AlertGroup, error) {
	found := map[int64]*alerting.AlertGroup{}
	for part := range filled(ids) {
		if err := w.findGroups(found, `g.id IN (`+w.s.dialect.places(1, len(part))+`)`, "", part); err != nil {
			return nil, err
		}
	}
	for part := range filled(identities) {
		if err := w.findGroups(found, `g.identity IN (`+w.s.dialect.places(1, len(part))+`)`, "", part); err != nil {
			return nil, err
		}
	}
	order := slices.Sorted(maps.Keys(found))
	if w.s.dialect.lock != "" {
		found = map[int64]*alerting.AlertGroup{} // as they stand once they are locked, in order
		for part := range filled(order) {
			if err := w.findGroups(found, `g.id IN (`+w.s.dialect.places(1, len(part))+`)`, ` ORDER BY g.id`+w.s.dialect.lock, part); err != nil {
				return nil, err
			}
		}
	}
	groups := make([]*alerting.AlertGroup, 0, len(found))
	for _, id := range order {
		if g := found[id]; g != nil {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

// findGroups finds open groups.
func (w alertTx) findGroups(found map[int64]*alerting.AlertGroup, condition, order string, args []any) error {
	err := w.each(`SELECT `+groupColumns+` FROM alert_groups g WHERE g.closed = 0 AND `+condition+order, args, func(rows *sql.Rows) error {
		g, err := scanGroup(rows)
		found[g.ID] = g
		return err
	})
	if err != nil {
		return fmt.Errorf("read groups of alerts: %w", err)
	}
	return nil
}

// Members implements alerting.AlertTx.
func (w alertTx) Members(group int64, limit int) ([]*alerting.AlertMember, error) {
	return readMembers(w.ctx, w.tx, group, limit)
}

// each runs a query and hands over its rows.
func (w writer) each(query string, args []any, do func(*sql.Rows) error) error {
	return eachRow(w.ctx, w.tx, query, args, do)
}

// queryer is a transaction, or the database outside of one.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func eachRow(ctx context.Context, q queryer, query string, args []any, do func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// StoredAlerts implements alerting.AlertStore.
func (s *Store) StoredAlerts(ctx context.Context, prints []string) (map[string]*alerting.OutsideAlert, error) {
	all, err := readPrints(ctx, s.reads, s.dialect, prints, "")
	return all, s.dialect.explain(err)
}

// FiringAlerts implements alerting.AlertStore.
func (s *Store) FiringAlerts(ctx context.Context, origin string, after int64, limit int) ([]*alerting.OutsideAlert, error) {
	query, args := `a.id > $1 ORDER BY a.id LIMIT $2`, []any{after, limit}
	if origin != "" {
		query, args = `a.origin = $1 AND a.id > $2 ORDER BY a.id LIMIT $3`, []any{origin, after, limit}
	}
	var all []*alerting.OutsideAlert
	err := eachRow(ctx, s.reads, `SELECT `+alertColumns+` FROM alerts a WHERE a.ended = 0 AND `+query, args,
		func(rows *sql.Rows) error {
			a, err := scanAlert(rows)
			all = append(all, a)
			return err
		})
	return all, s.dialect.explain(err)
}

// DueAlerts implements alerting.AlertStore.
func (s *Store) DueAlerts(ctx context.Context, now time.Time, limit int) (expired []string, flush []int64, _ error) {
	err := eachRow(ctx, s.reads, `SELECT print FROM alerts WHERE ended = 0 AND expires > 0 AND expires <= $1 ORDER BY expires LIMIT $2`,
		[]any{nanos(now), limit}, func(rows *sql.Rows) error {
			var print string
			err := rows.Scan(&print)
			expired = append(expired, print)
			return err
		})
	if err != nil {
		return nil, nil, fmt.Errorf("look for alerts that expire: %w", s.dialect.explain(err))
	}
	err = eachRow(ctx, s.reads, `SELECT id FROM alert_groups WHERE closed = 0 AND flush > 0 AND (flush <= $1 OR told > $2) ORDER BY flush LIMIT $3`,
		[]any{nanos(now), nanos(now.Add(alerting.ClockSkew)), limit}, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			flush = append(flush, id)
			return err
		})
	if err != nil {
		return nil, nil, fmt.Errorf("look for groups of alerts to tell: %w", s.dialect.explain(err))
	}
	return expired, flush, nil
}

// readPrints reads alerts by their prints.
func readPrints(ctx context.Context, q queryer, d dialect, prints []string, lock string) (map[string]*alerting.OutsideAlert, error) {
	all := map[string]*alerting.OutsideAlert{}
	for part := range filled(slices.Sorted(slices.Values(prints))) {
		err := eachRow(ctx, q, `SELECT `+alertColumns+` FROM alerts a WHERE a.print IN (`+d.places(1, len(part))+`) ORDER BY a.print`+lock, part,
			func(rows *sql.Rows) error {
				a, err := scanAlert(rows)
				all[a.Print] = a
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("read alerts: %w", err)
		}
	}
	return all, nil
}

// readMembers reads members of a group with their alerts.
func readMembers(ctx context.Context, q queryer, group int64, limit int) ([]*alerting.AlertMember, error) {
	query, args := `SELECT `+memberColumns+`, `+alertColumns+` FROM alert_members m JOIN alerts a ON a.id = m.alert_id
		WHERE m.group_id = $1 ORDER BY m.fate <> 'send', m.ended > 0, m.ended DESC, m.starts DESC, a.labels`, []any{group}
	if limit > 0 {
		query, args = query+` LIMIT $2`, append(args, limit)
	}
	var all []*alerting.AlertMember
	err := eachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		a := &alerting.OutsideAlert{}
		m, err := scanMember(rows, alertTargets(a)...)
		if err == nil {
			m.Alert = a
		}
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read alerts of a group: %w", err)
	}
	return all, nil
}
