package state

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// defaultLimit is how many records are returned when no limit is given.
const defaultLimit = 100

// OpenIncidents implements alerting.Store; oldest first.
func (s *Store) OpenIncidents(ctx context.Context) ([]slo.Incident, error) {
	records, err := s.incidents(ctx, `SELECT incident, title, message FROM incidents WHERE closed = 0 ORDER BY opened, dedup_key`)
	if err != nil {
		return nil, err
	}
	open := make([]slo.Incident, len(records))
	for i, r := range records {
		open[i] = r.Incident
	}
	return open, nil
}

// Incidents implements alerting.Ledger. From and To keep incidents that were
// open at some moment between them.
func (s *Store) Incidents(ctx context.Context, f alerting.Filter) ([]alerting.Record, error) {
	where := []string{notHeartbeat}
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.SLO != "" {
		add("slo = $%d", indexed(f.SLO))
	}
	if f.Find != "" {
		condition, more := finding(f.Find, len(args)+1)
		where, args = append(where, condition), append(args, more...)
	}
	if f.Severity != "" {
		add("severity = $%d", string(f.Severity))
	}
	if f.OnlyOpen {
		where = append(where, "closed = 0")
	}
	if !f.From.IsZero() {
		add("(closed = 0 OR closed >= $%d)", nanos(f.From))
	}
	if !f.To.IsZero() {
		add("opened < $%d", nanos(f.To))
	}
	query := `SELECT incident, title, message FROM incidents WHERE ` + strings.Join(where, " AND ")
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	args = append(args, limit)
	records, err := s.incidents(ctx, fmt.Sprintf("%s ORDER BY opened DESC, dedup_key DESC LIMIT $%d", query, len(args)), args...)
	if err != nil {
		return nil, err
	}
	return records, s.fill(ctx, records)
}

// Incident implements alerting.Ledger. A key that stands for another incident
// returns that one.
func (s *Store) Incident(ctx context.Context, key string) (alerting.Record, bool, error) {
	records, err := s.incidents(ctx, `SELECT incident, title, message FROM incidents
		WHERE dedup_key = $1 OR dedup_key IN (SELECT dedup_key FROM aliases WHERE alias = $1)
		ORDER BY closed = 0 DESC LIMIT 1`, plain(key))
	if err != nil || len(records) == 0 {
		return alerting.Record{}, false, err
	}
	err = s.fill(ctx, records)
	return records[0], err == nil, err
}

// OpenCount implements alerting.Ledger. A page asks it each time: the index of open
// incidents answers.
func (s *Store) OpenCount(ctx context.Context) (int, error) {
	var n int
	if err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*) FROM incidents WHERE closed = 0`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count open incidents: %w", s.dialect.explain(err))
	}
	return n, nil
}

// OutboxDepth implements alerting.Ledger.
func (s *Store) OutboxDepth(ctx context.Context, now time.Time) (int, time.Duration, error) {
	var depth int
	var oldest int64
	err := s.reads.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM outbox WHERE state = 'pending'`).Scan(&depth, &oldest)
	if err != nil {
		return 0, 0, fmt.Errorf("measure outbox: %w", s.dialect.explain(err))
	}
	if depth == 0 {
		return 0, 0, nil
	}
	return depth, max(0, now.Sub(fromNanos(oldest))), nil
}

// incidents reads records without their rows and steps.
func (s *Store) incidents(ctx context.Context, query string, args ...any) ([]alerting.Record, error) {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", s.dialect.explain(err))
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var records []alerting.Record
	for rows.Next() {
		var r alerting.Record
		var body, message string
		if err := rows.Scan(&body, &r.Title, &message); err != nil {
			return nil, fmt.Errorf("read incidents: %w", err)
		}
		newest, err := decodeMessage(message)
		if err != nil {
			return nil, err
		}
		r.Newest, r.Summary = newest, newest.Summary
		if r.Incident, err = decodeIncident(body); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

// fill reads the rows, steps, decisions and acknowledgements of all records, each in one query.
func (s *Store) fill(ctx context.Context, records []alerting.Record) error {
	if len(records) == 0 {
		return nil
	}
	at := make(map[string]*alerting.Record, len(records))
	keys := make([]any, len(records))
	for i := range records {
		keys[i] = records[i].Incident.Key
		at[records[i].Incident.Key] = &records[i]
	}
	in := " WHERE dedup_key IN (" + list(1, len(keys)) + ")"
	found, err := s.reads.QueryContext(ctx, `SELECT `+columns+` FROM outbox`+in+` ORDER BY id`, keys...)
	rows, err := scanRows(found, err)
	if err != nil {
		return s.dialect.explain(err)
	}
	for _, r := range rows {
		at[r.Key].Rows = append(at[r.Key].Rows, r)
	}
	steps, err := s.reads.QueryContext(ctx, `SELECT dedup_key, kind, at, reason FROM steps`+in+` ORDER BY dedup_key, seq`, keys...)
	if err != nil {
		return fmt.Errorf("read steps: %w", s.dialect.explain(err))
	}
	if err := scanSteps(steps, at); err != nil {
		return err
	}
	decided, err := s.reads.QueryContext(ctx, `SELECT `+decisionColumns+` FROM decisions`+in+` ORDER BY dedup_key, seq`, keys...)
	if err != nil {
		return fmt.Errorf("read decisions: %w", s.dialect.explain(err))
	}
	if err := scanDecisions(decided, func(key string, d alerting.Decision) { at[key].Decisions = append(at[key].Decisions, d) }); err != nil {
		return err
	}
	acks, err := s.reads.QueryContext(ctx, `SELECT `+ackColumns+` FROM acknowledgements`+in+` ORDER BY dedup_key, seq`, keys...)
	if err != nil {
		return fmt.Errorf("read acknowledgements: %w", s.dialect.explain(err))
	}
	return scanAcks(acks, func(key string, a alerting.Acknowledgement) { at[key].Acks = append(at[key].Acks, a) })
}

// scanSteps adds the steps to their records.
func scanSteps(rows *sql.Rows, at map[string]*alerting.Record) error {
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var key string
		var when int64
		var step alerting.Step
		if err := rows.Scan(&key, &step.Kind, &when, &step.Reason); err != nil {
			return fmt.Errorf("read steps: %w", err)
		}
		step.At = fromNanos(when)
		at[key].Transitions = append(at[key].Transitions, step)
	}
	return rows.Err()
}
