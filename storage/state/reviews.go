package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"burnline/alerting/reviews"
)

var _ reviews.Store = (*Store)(nil)

// AddReview implements reviews.Store.
func (s *Store) AddReview(ctx context.Context, more reviews.Review) error {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		key := plain(more.Incident)
		for _, n := range more.Notes {
			if err := w.run(`INSERT INTO incident_notes (id, dedup_key, at, person, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
				plain(n.ID), key, nanos(n.At), plain(n.By), plain(n.Text)); err != nil {
				return err
			}
		}
		for _, v := range more.Verdicts {
			if err := w.run(`INSERT INTO incident_verdicts (dedup_key, at, value, person, reason) VALUES ($1, $2, $3, $4, $5)`,
				key, nanos(v.At), string(v.Value), plain(v.By), plain(v.Why)); err != nil {
				return err
			}
		}
		for _, a := range more.Actions {
			if err := w.run(`INSERT INTO incident_actions (id, dedup_key, at, person, body, owner, due, done, done_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT (id) DO NOTHING`, plain(a.ID), key, nanos(a.At), plain(a.By), plain(a.Text), plain(a.Owner), plain(a.Due), nanos(a.Done), plain(a.DoneBy)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what is written of an incident: %w", err)
	}
	return nil
}

// run runs a statement of which only the error matters.
func (w writer) run(statement string, args ...any) error {
	_, err := w.tx.ExecContext(w.ctx, statement, args...)
	return err
}

// actionColumns are those of an action, in the order that scanAction reads.
const actionColumns = `id, dedup_key, at, person, body, owner, due, done, done_by`

func scanAction(row interface{ Scan(...any) error }) (a reviews.Action, _ error) {
	var at, done int64
	err := row.Scan(&a.ID, &a.Incident, &at, &a.By, &a.Text, &a.Owner, &a.Due, &done, &a.DoneBy)
	a.At, a.Done = fromNanos(at), fromNanos(done)
	return a, err
}

// EndAction implements reviews.Store.
func (s *Store) EndAction(ctx context.Context, incident, id string, done time.Time, by string) (a reviews.Action, _ error) {
	err := s.write(ctx, done, func(w writer) (err error) {
		a, err = scanAction(w.tx.QueryRowContext(w.ctx, `SELECT `+actionColumns+` FROM incident_actions WHERE id = $1 AND dedup_key = $2`+s.dialect.lock,
			plain(id), plain(incident)))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return reviews.ErrNoAction
		case err != nil || a.Open() == done.IsZero():
			return err // who said so first stays
		}
		a.Done, a.DoneBy = done, by
		return w.run(`UPDATE incident_actions SET done = $1, done_by = $2 WHERE id = $3 AND dedup_key = $4`, nanos(done), plain(by), plain(id), plain(incident))
	})
	if err != nil {
		return reviews.Action{}, fmt.Errorf("end an action: %w", err)
	}
	return a, nil
}

// Reviews implements reviews.Store.
func (s *Store) Reviews(ctx context.Context, incidents []string) (all []reviews.Review, _ error) {
	at := map[string]int{}
	of := func(key string) *reviews.Review {
		if _, is := at[key]; !is {
			at[key] = len(all)
			all = append(all, reviews.Review{Incident: key})
		}
		return &all[at[key]]
	}
	known := make([]string, len(incidents))
	for i, key := range incidents {
		known[i] = plain(key)
	}
	for keys := range filled(known) {
		in := ` WHERE dedup_key IN (` + list(1, len(keys)) + `)`
		err := eachRow(ctx, s.reads, `SELECT dedup_key, id, at, person, body FROM incident_notes`+in+` ORDER BY at, id`, keys, func(rows *sql.Rows) error {
			var key string
			var n reviews.Note
			var when int64
			err := rows.Scan(&key, &n.ID, &when, &n.By, &n.Text)
			n.At = fromNanos(when)
			of(key).Notes = append(of(key).Notes, n)
			return err
		})
		if err == nil {
			err = eachRow(ctx, s.reads, `SELECT dedup_key, at, value, person, reason FROM incident_verdicts`+in+` ORDER BY id`, keys, func(rows *sql.Rows) error {
				var key string
				var v reviews.Verdict
				var when int64
				err := rows.Scan(&key, &when, &v.Value, &v.By, &v.Why)
				v.At = fromNanos(when)
				of(key).Verdicts = append(of(key).Verdicts, v)
				return err
			})
		}
		if err == nil {
			err = eachRow(ctx, s.reads, `SELECT `+actionColumns+` FROM incident_actions`+in+` ORDER BY at, id`, keys, func(rows *sql.Rows) error {
				a, err := scanAction(rows)
				of(a.Incident).Actions = append(of(a.Incident).Actions, a)
				return err
			})
		}
		if err != nil {
			return nil, fmt.Errorf("read what is written of incidents: %w", s.dialect.explain(err))
		}
	}
	return all, nil
}

// OpenActions implements reviews.Store.
func (s *Store) OpenActions(ctx context.Context, limit int) (all []reviews.Action, _ error) {
	err := eachRow(ctx, s.reads, `SELECT `+actionColumns+` FROM incident_actions WHERE done = 0 ORDER BY due, at, id LIMIT $1`, []any{limit}, func(rows *sql.Rows) error {
		a, err := scanAction(rows)
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read open actions: %w", s.dialect.explain(err))
	}
	return all, nil
}
