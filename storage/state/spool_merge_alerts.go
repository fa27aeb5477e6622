package state

import (
	"fmt"
	"slices"
	"strings"
)

// over says of an alert that the group in which it fired had closed elsewhere.
const over = "its group ended while PostgreSQL was away; it fires again when it is sent again"

// mergeAlerts joins the group of alerts that an incident rests on, if it is one. Of an alert, and
// of its place in a group, what was written last counts. A group that is over in one story is
// over: what still fires in it begins anew when it is told again, rather than being thought to be
// told.
func (w writer) mergeAlerts(m *merged, told story) error {
	key := m.incident.Key
	groups, members := told.of(groupTable, key), told.of(memberTable, key)
	if len(groups) == 0 {
		return nil
	}
	if err := w.mergeOutside(members, told); err != nil {
		return err
	}
	joined := m.into != key
	if joined {
		members = slices.DeleteFunc(slices.Clone(members), func(l line) bool { return memberTable.number(l, "ended") > 0 })
		for i, l := range members {
			members[i] = append(line{m.into}, l[1:]...)
		}
	} else if err := w.insertLines(groupTable, groups, ` ON CONFLICT (dedup_key) DO UPDATE SET `+newerGroup()); err != nil {
		return err
	}
	if err := w.insertMembers(members, ` ON CONFLICT (alert_id, group_id) DO UPDATE SET `+excluded(memberTable.columns()[2:])+`
		WHERE excluded.starts > alert_members.starts OR excluded.starts = alert_members.starts
		AND (excluded.ended > alert_members.ended OR excluded.at > alert_members.at)`); err != nil {
		return err
	}
	if err := w.endPlaceless(members); err != nil {
		return err
	}
	ended, err := w.endPlaces(m.into)
	if err != nil {
		return err
	}
	return w.concludeGroup(m.into, joined && len(members) > 0 || ended)
}

// endPlaces ends the places in a group in which alerts fire that are over by what is known of them here, and reports
// whether there were any: their senders have said so, and say no more.
func (w writer) endPlaces(key string) (bool, error) {
	result, err := w.tx.ExecContext(w.ctx, `UPDATE alert_members AS m SET ended = (SELECT a.ended FROM alerts a WHERE a.id = m.alert_id)
		WHERE m.ended = 0 AND m.group_id IN (SELECT id FROM alert_groups WHERE dedup_key = $1 AND closed = 0)
		AND EXISTS (SELECT 1 FROM alerts a WHERE a.id = m.alert_id AND a.ended > 0)`, key)
	if err != nil {
		return false, fmt.Errorf("reconcile places of alerts that are over: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// endPlaceless ends the alerts that fire by a story although the places in which they do are over here. As
// alerts that fire and are in no group they would be thought to be told for good.
func (w writer) endPlaceless(members []line) error {
	var firing []string
	for _, l := range members {
		if memberTable.number(l, "ended") == 0 {
			firing = append(firing, memberTable.text(l, "print"))
		}
	}
	for some := range filled(firing) {
		_, err := w.tx.ExecContext(w.ctx, `UPDATE alerts SET `+endsOver+` WHERE ended = 0 AND print IN (`+list(2, len(some))+`) AND NOT EXISTS (
			SELECT 1 FROM alert_members m JOIN alert_groups g ON g.id = m.group_id WHERE m.alert_id = alerts.id AND m.ended = 0 AND g.closed = 0)`,
			append([]any{nanos(w.now)}, some...)...)
		if err != nil {
			return fmt.Errorf("reconcile alerts whose groups are over: %w", err)
		}
	}
	return nil
}

// endsOver ends an alert because its group is over; $1 is when.
const endsOver = `ended = $1, ending = 'idle', updated = $1, reason = '` + over + `'`

// newerGroup joins a group with a line of it.
func newerGroup() string {
	return strings.Join([]string{
		greater("unproven"), greater("news"), greater("told"),
		`flush = CASE WHEN excluded.told >= alert_groups.told THEN excluded.flush ELSE alert_groups.flush END`,
		`closed = CASE WHEN alert_groups.closed = 0 THEN excluded.closed ELSE alert_groups.closed END`,
		`started = CASE WHEN excluded.started < alert_groups.started THEN excluded.started ELSE alert_groups.started END`,
	}, ", ")
}

// greater keeps the greater of two numbers.
func greater(column string) string {
	return fmt.Sprintf(`%s = CASE WHEN excluded.%[1]s > alert_groups.%[1]s THEN excluded.%[1]s ELSE alert_groups.%[1]s END`, column)
}

// mergeOutside keeps the alerts that stand in places.
func (w writer) mergeOutside(members []line, told story) error {
	prints := map[any]bool{}
	for _, l := range members {
		prints[memberTable.text(l, "print")] = true
	}
	alerts := slices.DeleteFunc(slices.Clone(told[alertTable.name()]), func(l line) bool { return !prints[l[0]] })
	return w.insertLines(alertTable, alerts, ` ON CONFLICT (print) DO UPDATE SET `+excluded(alertTable.columns()[1:])+` WHERE excluded.updated > alerts.updated`)
}

// concludeGroup counts the alerts of a group anew. Whoever is told of it hears of what joined it.
func (w writer) concludeGroup(key string, joined bool) error {
	const firing = `m.ended = 0 AND m.group_id IN (SELECT id FROM alert_groups WHERE dedup_key = $2 AND closed > 0)`
	now := nanos(w.now)
	if _, err := w.tx.ExecContext(w.ctx, `UPDATE alerts SET `+endsOver+`
		WHERE ended = 0 AND id IN (SELECT m.alert_id FROM alert_members m WHERE `+firing+`)`, now, key); err != nil {
		return fmt.Errorf("reconcile alerts: %w", err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `UPDATE alert_members AS m SET ended = $1 WHERE `+firing, now, key); err != nil {
		return fmt.Errorf("reconcile places of alerts: %w", err)
	}
	if _, err := w.tx.ExecContext(w.ctx, `UPDATE alert_groups AS g SET
		flush = CASE WHEN $1 = 1 AND g.closed = 0 AND g.flush = 0 THEN CAST($2 AS BIGINT) ELSE g.flush END, news = g.news + $1,
		firing = (SELECT COUNT(*) FROM alert_members m WHERE m.group_id = g.id AND m.ended = 0),
		resolved = (SELECT COUNT(*) FROM alert_members m WHERE m.group_id = g.id AND m.ended > 0)
		WHERE g.dedup_key = $3`, number(joined), now, key); err != nil {
		return fmt.Errorf("reconcile a group of alerts: %w", err)
	}
	return nil
}
