package state

import (
	"context"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

var _ alerting.HeartbeatStore = (*Store)(nil)

// heartbeatKey names the record that rows of heartbeats belong to. It is no incident: it is never
// open, and no list shows it.
const heartbeatKey = "burnline-heartbeat"

// notHeartbeat is the condition that leaves that record, and those of changes and reports, out of
// lists.
const notHeartbeat = "cause NOT IN ('" + string(slo.CauseHeartbeat) + "', '" + string(slo.CauseChange) + "', '" + string(slo.CauseReport) + "')"

// Beat implements alerting.HeartbeatStore.
func (s *Store) Beat(ctx context.Context, h alerting.Heartbeat, m alerting.Message, now time.Time) error {
	err := s.write(ctx, now, func(w writer) error {
		known, err := w.load(heartbeatKey)
		if err != nil {
			return err
		}
		if !known.found {
			in := slo.Incident{Key: heartbeatKey, SLO: "burnline/heartbeat", Severity: slo.Ticket, Cause: slo.CauseHeartbeat,
				Started: now, Opened: now, Closed: now}
			if err := w.insert(in, "Heartbeat", m); err != nil {
				return err
			}
		}
		for _, to := range h.Targets {
			if err := w.beat(to, h.Every, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write heartbeat: %w", err)
	}
	return nil
}

// beat writes one row where it is due.
func (w writer) beat(to alerting.Target, every time.Duration, m alerting.Message) error {
	rows, err := w.rows(heartbeatKey)
	if err != nil {
		return err
	}
	seq, delivered := 0, int64(0)
	for _, r := range rows {
		if r.Receiver != to.Receiver || r.Integration != to.Integration {
			continue
		}
		seq = max(seq, r.Seq)
		if r.State == alerting.RowPending && r.Attempts > 0 || w.now.Sub(r.CreatedAt) < every-every/10 {
			return nil
		}
		if r.State == alerting.RowDelivered {
			delivered = max(delivered, r.ID)
		}
	}
	if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM outbox WHERE dedup_key = $1 AND receiver = $2 AND integration = $3 AND id <> $4`,
		heartbeatKey, to.Receiver, to.Integration, delivered); err != nil {
		return fmt.Errorf("forget heartbeats: %w", err)
	}
	return w.add(alerting.Row{Key: heartbeatKey, Receiver: to.Receiver, Integration: to.Integration, Seq: seq + 1, Action: alerting.ActionTrigger, Message: m})
}

// LastBeat implements alerting.HeartbeatStore.
func (s *Store) LastBeat(ctx context.Context) (time.Time, error) {
	var at int64
	err := s.reads.QueryRowContext(ctx, `SELECT COALESCE(MAX(settled_at), 0) FROM outbox WHERE dedup_key = $1 AND state = 'delivered'`, heartbeatKey).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("read heartbeats: %w", s.dialect.explain(err))
	}
	return fromNanos(at), nil
}
