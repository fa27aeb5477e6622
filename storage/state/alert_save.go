package state

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"burnline/alerting"
)

// Save implements alerting.AlertTx.
func (w alertTx) Save(alerts []*alerting.OutsideAlert, groups []*alerting.AlertGroup, members []*alerting.AlertMember) error {
	if err := w.saveAlerts(alerts); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	if err := w.saveGroups(groups); err != nil {
		return fmt.Errorf("write groups of alerts: %w", err)
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
	for part := range parts(rows) {
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
	for part := range parts(known) {
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

// saveGroups rewrites groups, and inserts new ones, which take their numbers.
func (w alertTx) saveGroups(groups []*alerting.AlertGroup) error {
	var known []*alerting.AlertGroup
	for _, g := range groups {
		if g.ID != 0 {
			known = append(known, g)
			continue
		}
		if err := w.insertGroup(g); err != nil {
			return err
		}
	}
	const width = 9
	for part := range parts(known) {
		args := make([]any, 0, len(part)*width)
		for _, g := range part {
			args = append(args, g.ID, nanos(g.Started), nanos(g.Closed), g.Firing, g.Resolved, g.Unproven, g.News, nanos(g.Told), nanos(g.Flush))
		}
		_, err := w.tx.ExecContext(w.ctx, `UPDATE alert_groups SET started = v.column2, closed = v.column3, firing = v.column4, resolved = v.column5,
			unproven = v.column6, news = v.column7, told = v.column8, flush = v.column9
			FROM (VALUES `+w.s.dialect.values(len(part), width)+`) AS v WHERE alert_groups.id = v.column1`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// insertGroup writes a new group.
func (w alertTx) insertGroup(g *alerting.AlertGroup) error {
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
	for part := range parts(members) {
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
