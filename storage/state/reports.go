package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"burnline/alerting"
	"burnline/slo"
	"burnline/slo/report"
)

// SaveReport keeps a closed report for good. Where its period and scope already have a revision of
// its number, that one stays and false is returned: another node was faster.
func (s *Store) SaveReport(ctx context.Context, r report.Report, basis string) (saved bool, _ error) {
	body, err := json.Marshal(r)
	if err != nil {
		return false, fmt.Errorf("write the report of %s as JSON: %w", r.Period.Name, err)
	}
	err = s.write(ctx, time.Time{}, func(w writer) error {
		done, err := w.tx.ExecContext(w.ctx, `INSERT INTO reports (period, scope, revision, made_at, reason, basis, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (period, scope, revision) DO NOTHING`,
			plain(r.Period.Name), plain(r.Team), r.Revision, nanos(r.Made), plain(r.Reason), basis, plain(string(body)))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		saved = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("save the report of %s: %w", r.Period.Name, err)
	}
	return saved, nil
}

// Report returns a closed report: the newest revision where revision is 0; false where there is
// none.
func (s *Store) Report(ctx context.Context, period, team string, revision int) (r report.Report, found bool, _ error) {
	var body string
	err := s.reads.QueryRowContext(ctx, `SELECT body FROM reports WHERE period = $1 AND scope = $2 AND ($3 = 0 OR revision = $4) ORDER BY revision DESC LIMIT 1`,
		plain(period), plain(team), revision, revision).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return report.Report{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &r)
	}
	if err != nil {
		return report.Report{}, false, fmt.Errorf("read the report of %s: %w", period, s.dialect.explain(err))
	}
	return r, true, nil
}

// ReportHeads lists all revisions of closed reports: of the newest made first. A period of ""
// is every one.
func (s *Store) ReportHeads(ctx context.Context, period string, limit int) (all []report.Head, _ error) {
	err := eachRow(ctx, s.reads, `SELECT period, scope, revision, made_at, reason, basis FROM reports WHERE $1 = '' OR period = $2
		ORDER BY made_at DESC, period, scope, revision DESC LIMIT $3`, []any{plain(period), plain(period), limit}, func(rows *sql.Rows) error {
		var h report.Head
		var made int64
		if err := rows.Scan(&h.Period, &h.Team, &h.Revision, &made, &h.Reason, &h.Basis); err != nil {
			return err
		}
		h.Made = fromNanos(made)
		all = append(all, h)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", s.dialect.explain(err))
	}
	return all, nil
}

// reportKey begins the key of the record that the rows of one report belong to. It is no incident.
const reportKey = "burnline-report/"

// TellReport writes a row for each target that was not told of the report yet, which name
// identifies; true where it wrote any.
func (s *Store) TellReport(ctx context.Context, name string, targets []alerting.Target, m alerting.Message, now time.Time) (told bool, _ error) {
	key := plain(reportKey + name)
	err := s.write(ctx, now, func(w writer) error {
		told = false
		known, err := w.load(key)
		if err != nil {
			return err
		}
		if !known.found {
			in := slo.Incident{Key: key, SLO: "burnline/reports", Severity: slo.Ticket, Cause: slo.CauseReport, Started: now, Opened: now, Closed: now}
			if err := w.insert(in, "Reports", m); err != nil {
				return err
			}
		}
		rows, err := w.rows(key)
		if err != nil {
			return err
		}
		for _, to := range targets {
			if slices.ContainsFunc(rows, func(r alerting.Row) bool { return r.Receiver == to.Receiver && r.Integration == to.Integration }) {
				continue
			}
			told = true
			if err := w.add(alerting.Row{Key: key, Receiver: to.Receiver, Integration: to.Integration, Seq: 1, Action: alerting.ActionReport, Message: m}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("tell of the report %s: %w", name, err)
	}
	return told, nil
}
