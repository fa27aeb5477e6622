package state

import (
	"context"
	"database/sql"
	"fmt"

	"burnline/alerting"
	"burnline/slo"
)

// alertsVersion is the schema that brought tables of alerts.
const alertsVersion = 5

// adoptAlerts gives the open incidents of schemas before it, each of which rests on one
// alert of a rule, their alerts and groups. Without them nothing could end them.
func (s *Store) adoptAlerts(ctx context.Context, tx *sql.Tx) error {
	w := alertTx{writer{ctx: ctx, tx: tx, s: s}}
	var open []slo.Incident
	err := w.each(`SELECT incident FROM incidents WHERE closed = 0 AND cause = $1 ORDER BY opened, dedup_key`, []any{string(slo.CauseAlert)},
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
