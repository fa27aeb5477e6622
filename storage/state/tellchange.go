package state

import (
	"context"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

var _ alerting.ChangeStore = (*Store)(nil)

const (
	// changeKey names the record that rows of changes belong to. It is no incident, as that of
	// heartbeats is none.
	changeKey = "burnline-changes"
	// toldFor is how long rows of changes stay after they ended.
	toldFor = 24 * time.Hour
)

// TellChange implements alerting.ChangeStore.
func (s *Store) TellChange(ctx context.Context, targets []alerting.Target, m alerting.Message, now time.Time) error {
	err := s.write(ctx, now, func(w writer) error {
		known, err := w.load(changeKey)
		if err != nil {
			return err
		}
		if !known.found {
			in := slo.Incident{Key: changeKey, SLO: "burnline/changes", Severity: slo.Ticket, Cause: slo.CauseChange, Started: now, Opened: now, Closed: now}
			if err := w.insert(in, "Changes", m); err != nil {
				return err
			}
		}
		for _, to := range targets {
			if err := w.tellChange(to, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tell of a change: %w", err)
	}
	return nil
}

// tellChange writes the row of one target, after those that it waits for.
func (w writer) tellChange(to alerting.Target, m alerting.Message) error {
	rows, err := w.rows(changeKey)
	if err != nil {
		return err
	}
	seq, newest := 0, int64(0)
	for _, r := range rows {
		if r.Receiver == to.Receiver && r.Integration == to.Integration && r.Seq > seq {
			seq, newest = r.Seq, r.ID
		}
	}
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM outbox WHERE dedup_key = $1 AND receiver = $2 AND integration = $3 AND state <> 'pending' AND id <> $4 AND settled_at < $5`,
		changeKey, to.Receiver, to.Integration, newest, nanos(w.now.Add(-toldFor))); err != nil {
		return fmt.Errorf("forget what was told of changes: %w", err)
	}
	return w.add(alerting.Row{Key: changeKey, Receiver: to.Receiver, Integration: to.Integration, Seq: seq + 1, Action: alerting.ActionChange, Message: m})
}
