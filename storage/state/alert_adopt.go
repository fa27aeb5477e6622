package state

import (
	"context"
	"database/sql"
	"fmt"

	"burnline/alerting"
	"burnline/slo"
)

// alertsVersion is the schema from which on the tables of alerts, which came with the fifth, have
// all the columns that are written here.
const alertsVersion = 12

// adoptAlerts gives the open incidents of schemas before the fifth, each of which rests on one
// alert of a rule, their alerts and groups. Without them nothing could end them.
func (s *Store) adoptAlerts(ctx context.Context, tx *sql.Tx) error {
	w := alertTx{writer{ctx: ctx, tx: tx, s: s}}
	var open []slo.Incident
	err := w.each(`SELECT incident FROM incidents WHERE closed = 0 AND cause = $1
		AND NOT EXISTS (SELECT 1 FROM alert_groups g WHERE g.dedup_key = incidents.dedup_key) ORDER BY opened, dedup_key`, []any{string(slo.CauseAlert)},
		func(rows *sql.Rows) error {
			var body string
			if err := rows.Scan(&body); err != nil {
				return err
			}
			in, err := decodeIncident(body)
			open = append(open, in)
			return err
		})
	if err != nil {
		return fmt.Errorf("read incidents of alerts: %w", err)
	}
	for _, in := range open {
		a, g, m := alerting.Adopt(in)
		if err := w.Save([]*alerting.OutsideAlert{a}, []*alerting.AlertGroup{g}, []*alerting.AlertMember{m}); err != nil {
			return err
		}
	}
	return nil
}
