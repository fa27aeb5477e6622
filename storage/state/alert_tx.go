package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// chunk is how many rows one statement reads or writes. Databases bound the number of
// parameters.
const chunk = 500

var _ alerting.AlertStore = (*Store)(nil)

// AlertTx implements alerting.AlertStore.
func (s *Store) AlertTx(ctx context.Context, now time.Time, do func(alerting.AlertTx) error) error {
	return s.write(ctx, now, func(w writer) error { return do(alertTx{w}) })
}

// alertTx is one transaction over outside alerts. Of all transactions each locks alerts
// before groups, groups before incidents, and all of these in order, so that none waits for another
// in a circle.
type alertTx struct{ writer }

var _ alerting.AlertTx = alertTx{}

// Commit implements alerting.AlertTx.
func (w alertTx) Commit(c alerting.Change) error {
	if err := check(c.Transition); err != nil {
		return err
	}
	return w.commit(c)
}

// Alerts implements alerting.AlertTx.
func (w alertTx) Alerts(prints []string) (map[string]*alerting.OutsideAlert, error) {
	all, err := readPrints(w.ctx, w.tx, w.s.dialect, prints, w.s.dialect.lock)
	if err != nil || len(all) == 0 {
		return all, err
	}
	byID := make(map[int64]*alerting.OutsideAlert, len(all))
	ids := make([]any, 0, len(all))
	for _, a := range all {
		byID[a.ID] = a
		ids = append(ids, a.ID)
	}
	for part := range slices.Chunk(ids, chunk) {
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
	found := map[int64]bool{}
	byID, byIdentity := anys(ids), anys(identities)
	for part := range slices.Chunk(byID, chunk) {
		if err := w.groupIDs(found, `id IN (`+w.s.dialect.places(1, len(part))+`)`, part); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(byIdentity, chunk) {
		if err := w.groupIDs(found, `identity IN (`+w.s.dialect.places(1, len(part))+`)`, part); err != nil {
			return nil, err
		}
	}
	order := make([]int64, 0, len(found))
	for id := range found {
		order = append(order, id)
	}
	slices.Sort(order)
	var groups []*alerting.AlertGroup
	for part := range slices.Chunk(anys(order), chunk) {
		err := w.each(`SELECT `+groupColumns+` FROM alert_groups g WHERE g.closed = 0 AND g.id IN (`+w.s.dialect.places(1, len(part))+`) ORDER BY g.id`+w.s.dialect.lock,
			part, func(rows *sql.Rows) error {
				g, err := scanGroup(rows)
				groups = append(groups, g)
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("read groups of alerts: %w", err)
		}
	}
	return groups, nil
}

// groupIDs finds open groups.
func (w alertTx) groupIDs(found map[int64]bool, condition string, args []any) error {
	err := w.each(`SELECT id FROM alert_groups WHERE closed = 0 AND `+condition, args, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		found[id] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("look for groups of alerts: %w", err)
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

// Save implements alerting.AlertTx.
func (w alertTx) Save(alerts []*alerting.OutsideAlert, groups []*alerting.AlertGroup, members []*alerting.AlertMember) error {
	if err := w.saveAlerts(alerts); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	for _, g := range groups {
		if err := w.saveGroup(g); err != nil {
			return fmt.Errorf("write group of alerts: %w", err)
		}
	}
	if err := w.saveMembers(members); err != nil {
		return fmt.Errorf("write places of alerts: %w", err)
	}
	for _, g := range groups {
		if err := w.noteEnds(g); err != nil {
			return fmt.Errorf("note that ends of alerts are told: %w", err)
		}
	}
	return nil
}

// saveAlerts inserts new alerts and rewrites the others.
func (w alertTx) saveAlerts(alerts []*alerting.OutsideAlert) error {
	fresh, known := make(map[string]*alerting.OutsideAlert, len(alerts)), [][]any{}
	var rows [][]any
	for _, a := range alerts {
		row, err := alertRow(a)
		if err != nil {
			return err
		}
		if a.ID != 0 {
			known = append(known, row)
			continue
		}
		fresh[a.Print] = a
		rows = append(rows, row)
	}
	for part := range slices.Chunk(rows, chunk) {
		err := w.each(`INSERT INTO alerts (`+alertFields+`) VALUES `+w.s.dialect.tuples(len(part), len(part[0]))+
			` ON CONFLICT DO NOTHING RETURNING id, print`, slices.Concat(part...), func(rows *sql.Rows) error {
			var id int64
			var print string
			err := rows.Scan(&id, &print)
			fresh[print].ID = id
			delete(fresh, print)
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(fresh) > 0 {
		return errRaced
	}
	for part := range slices.Chunk(known, chunk) {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO alerts (`+alertFields+`) VALUES `+w.s.dialect.tuples(len(part), len(part[0]))+
			` ON CONFLICT (print) DO UPDATE SET annotations = excluded.annotations, generator = excluded.generator, origin = excluded.origin,
			starts = excluded.starts, ended = excluded.ended, expires = excluded.expires, ending = excluded.ending, reason = excluded.reason,
			updated = excluded.updated`, slices.Concat(part...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// saveGroup writes one group; a new one takes its number.
func (w alertTx) saveGroup(g *alerting.AlertGroup) error {
	if g.ID != 0 {
		_, err := w.tx.ExecContext(w.ctx, `UPDATE alert_groups SET started = $1, closed = $2, firing = $3, resolved = $4, unproven = $5, news = $6, told = $7, flush = $8
			WHERE id = $9`, nanos(g.Started), nanos(g.Closed), g.Firing, g.Resolved, g.Unproven, g.News, nanos(g.Told), nanos(g.Flush), g.ID)
		return err
	}
	ls, err := encodeLabels(g.Labels)
	if err != nil {
		return err
	}
	err = w.tx.QueryRowContext(w.ctx, `INSERT INTO alert_groups
		(dedup_key, identity, receiver, labels, severity, started, opened, firing, resolved, unproven, news, told, flush)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING id`,
		g.Key, g.Identity, plain(g.Receiver), ls, string(g.Severity), nanos(g.Started), nanos(g.Opened),
		g.Firing, g.Resolved, g.Unproven, g.News, nanos(g.Told), nanos(g.Flush)).Scan(&g.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return errRaced
	}
	return err
}

// noteEnds notes, in a group that is told now or closes, that the ends of its alerts are told.
func (w alertTx) noteEnds(g *alerting.AlertGroup) error {
	if !g.Told.Equal(w.now) && g.Closed.IsZero() || g.Resolved == 0 {
		return nil
	}
	_, err := w.tx.ExecContext(w.ctx, `UPDATE alert_members SET ended_told = $1 WHERE group_id = $2 AND ended > 0 AND ended_told = 0`, nanos(w.now), g.ID)
	return err
}

// saveMembers writes the places of alerts in groups.
func (w alertTx) saveMembers(members []*alerting.AlertMember) error {
	for part := range slices.Chunk(members, chunk) {
		args := make([]any, 0, len(part)*memberWidth)
		for _, m := range part {
			d := m.Decision
			args = append(args, m.Alert.ID, m.GroupID(), nanos(m.Starts), nanos(m.Ended),
				string(d.Fate), plain(d.By), nanos(d.Until), plain(d.Reason), nanos(d.At))
		}
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO alert_members (alert_id, group_id, starts, ended, fate, fate_by, until, reason, at)
			VALUES `+w.s.dialect.tuples(len(part), memberWidth)+` ON CONFLICT (alert_id, group_id) DO UPDATE SET
			starts = excluded.starts, ended = excluded.ended, ended_told = 0, fate = excluded.fate, fate_by = excluded.fate_by, until = excluded.until,
			reason = excluded.reason, at = excluded.at`, args...)
		if err != nil {
			return err
		}
	}
	return nil
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
	err = eachRow(ctx, s.reads, `SELECT id FROM alert_groups WHERE closed = 0 AND flush > 0 AND flush <= $1 ORDER BY flush LIMIT $2`,
		[]any{nanos(now), limit}, func(rows *sql.Rows) error {
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
	for part := range slices.Chunk(anys(slices.Sorted(slices.Values(prints))), chunk) {
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

// places are n placeholders. SQLite looks each of a statement's names up among all
// before it, so that thousands that have one take long; it takes them without.
func (d dialect) places(from, n int) string {
	if d.name == postgresName {
		return list(from, n)
	}
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

// tuples are the placeholders of n rows of a width.
func (d dialect) tuples(n, width int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + d.places(1+i*width, width) + ")")
	}
	return b.String()
}

// anys returns values as arguments of a statement.
func anys[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

// encodeLabels writes a set of labels as it is stored.
func encodeLabels(ls slo.Labels) (string, error) {
	flat := make([]string, 0, 2*len(ls))
	for _, l := range ls {
		flat = append(flat, l.Name, l.Value)
	}
	return encodeJSON(flat)
}
