package state

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"burnline/alerting"
)

// mostAlerts is how many alerts of its group a claimed row is given.
const mostAlerts = 1000

// alertsOf gives claimed rows of groups of alerts their alerts as they stand: what
// fires, and what ended since the message before it. What is kept quiet is left out, unless all is: an attempt may
// have arrived before, and a message about nothing helps nobody. One
// statement reads the alerts and how much of the group's news they are.
func (s *Store) alertsOf(ctx context.Context, rows []alerting.Row) error {
	for i := range rows {
		if rows[i].Message.Class != alerting.ClassAlert {
			continue
		}
		for _, fate := range []string{` AND m.fate = $2`, ` AND m.fate <> $2`} {
			if err := s.alertsOfRow(ctx, &rows[i], fate); err != nil {
				return fmt.Errorf("read the alerts of a row: %w", err)
			}
			if len(rows[i].Alerts) > 0 {
				break
			}
		}
	}
	return nil
}

// alertsOfRow gives a row the alerts of one sort.
func (s *Store) alertsOfRow(ctx context.Context, row *alerting.Row, sort string) error {
	return eachRow(ctx, s.reads, `SELECT g.news, m.starts, m.ended, a.labels, a.annotations, a.generator FROM alert_groups g JOIN alert_members m ON m.group_id = g.id
		JOIN alerts a ON a.id = m.alert_id
		WHERE g.dedup_key = $1`+sort+` AND (m.ended = 0 OR m.ended_told = 0 OR m.ended_told >= $3)
		ORDER BY m.ended > 0, m.ended DESC, m.starts DESC, a.labels LIMIT $4`,
		[]any{row.Key, string(alerting.FateSend), nanos(row.CreatedAt), mostAlerts}, func(found *sql.Rows) error {
			var a alerting.OutsideAlert
			var starts, ended moment
			err := found.Scan(&row.News, &starts, &ended, (*labelText)(&a.Labels), (*noteText)(&a.Annotations), &a.GeneratorURL)
			row.Alerts = append(row.Alerts, a.Status(time.Time(starts), time.Time(ended)))
			return err
		})
}
