package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/internal/auth"
)

var _ auth.Store = (*Store)(nil)

// Users implements auth.UserStore.
func (s *Store) Users(ctx context.Context) ([]auth.User, error) {
	all, err := users(ctx, s.reads, "")
	if err != nil {
		return nil, fmt.Errorf("read users: %w", s.dialect.explain(err))
	}
	return all, nil
}

// users reads all users in order; lock is what ends the statement.
func users(ctx context.Context, q queryer, lock string) ([]auth.User, error) {
	all, err := bodiesBy[auth.User](ctx, q, `SELECT body FROM users ORDER BY name`+lock)
	// A collation of the database is not ours.
	slices.SortFunc(all, func(a, b auth.User) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

// userChange is an edit of users as it was made.
type userChange struct {
	changed []auth.User
	gone    []string
}

// EditUsers implements auth.UserStore.
func (s *Store) EditUsers(ctx context.Context, edit func([]auth.User) ([]auth.User, []string, error)) error {
	_, err := s.editUsers(ctx, edit)
	return err
}

func (s *Store) editUsers(ctx context.Context, edit func([]auth.User) ([]auth.User, []string, error)) (made userChange, _ error) {
	err := s.write(ctx, time.Time{}, func(w writer) error {
		if s.dialect.name == postgresName { // rows that are not there yet can't be locked
			if _, err := w.tx.ExecContext(ctx, `LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE`); err != nil {
				return err
			}
		}
		all, err := users(w.ctx, w.tx, "")
		if err != nil {
			return err
		}
		made.changed, made.gone, err = edit(all)
		if err != nil {
			return err
		}
		return w.saveUsers(made)
	})
	return made, err
}

func (w writer) saveUsers(c userChange) error {
	for _, name := range c.gone {
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM users WHERE name = $1`, plain(name)); err != nil {
			return fmt.Errorf("delete user %s: %w", name, err)
		}
	}
	for _, u := range c.changed {
		body, err := json.Marshal(u)
		if err != nil {
			return fmt.Errorf("save user %s: %w", u.Name, err)
		}
		if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO users (name, changed, body) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET changed = excluded.changed, body = excluded.body`, plain(u.Name), nanos(u.Changed), plain(string(body))); err != nil {
			return fmt.Errorf("save user %s: %w", u.Name, err)
		}
	}
	return nil
}

// SaveSession implements auth.SessionStore. What is over stays over, in whatever order it is told.
func (s *Store) SaveSession(ctx context.Context, one auth.Session, forget time.Time) error {
	return s.write(ctx, time.Time{}, func(w writer) error { return w.saveSession(one, forget) })
}

func (w writer) saveSession(one auth.Session, forget time.Time) error {
	body, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("save a session: %w", err)
	}
	if !forget.IsZero() {
		if _, err := w.tx.ExecContext(w.ctx, `DELETE FROM sessions WHERE seen < $1`, nanos(forget)); err != nil {
			return fmt.Errorf("delete old sessions: %w", err)
		}
	}
	_, err = w.tx.ExecContext(w.ctx, `INSERT INTO sessions (hash, owner, seen, ended, body) VALUES ($1, $2, $3, $4, $5)`+joinSessions,
		one.Hash, plain(one.User), nanos(one.Seen), nanos(one.Ended), plain(string(body)))
	if err != nil {
		return fmt.Errorf("save a session: %w", err)
	}
	return nil
}

// joinSessions joins what is told of a session with what is known of it.
const joinSessions = ` ON CONFLICT (hash) DO UPDATE SET
	seen = CASE WHEN excluded.seen > sessions.seen THEN excluded.seen ELSE sessions.seen END,
	ended = CASE WHEN sessions.ended = 0 THEN excluded.ended ELSE sessions.ended END`

// Session implements auth.SessionStore.
func (s *Store) Session(ctx context.Context, hash string) (one auth.Session, found bool, _ error) {
	var body string
	var seen, ended int64
	err := s.reads.QueryRowContext(ctx, `SELECT body, seen, ended FROM sessions WHERE hash = $1`, plain(hash)).Scan(&body, &seen, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Session{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &one)
	}
	if err != nil {
		return auth.Session{}, false, fmt.Errorf("read a session: %w", s.dialect.explain(err))
	}
	one.Seen, one.Ended = fromNanos(seen), fromNanos(ended)
	return one, true, nil
}

const tokenColumns = `body, hash, used, revoked, revoked_by`

// Tokens implements auth.TokenStore.
func (s *Store) Tokens(ctx context.Context) (all []auth.Token, _ error) {
	err := eachRow(ctx, s.reads, `SELECT `+tokenColumns+` FROM tokens ORDER BY token`, nil, func(rows *sql.Rows) error {
		t, err := scanToken(rows.Scan)
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", s.dialect.explain(err))
	}
	return all, nil
}

// TokenOf implements auth.TokenStore.
func (s *Store) TokenOf(ctx context.Context, hash string) (auth.Token, bool, error) {
	t, err := scanToken(s.reads.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE hash = $1`, plain(hash)).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return auth.Token{}, false, nil
	case err != nil:
		return auth.Token{}, false, fmt.Errorf("read a token: %w", s.dialect.explain(err))
	}
	return t, true, nil
}

func scanToken(scan func(...any) error) (t auth.Token, _ error) {
	var body, hash, by string
	var used, revoked int64
	if err := scan(&body, &hash, &used, &revoked, &by); err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(body), &t); err != nil {
		return t, fmt.Errorf("read a stored token: %w", err)
	}
	t.Hash, t.Used, t.Revoked, t.RevokedBy = hash, fromNanos(used), fromNanos(revoked), by
	return t, nil
}

// SaveToken implements auth.TokenStore. What is revoked stays revoked, in whatever order it is told.
func (s *Store) SaveToken(ctx context.Context, t auth.Token) error {
	return s.write(ctx, time.Time{}, func(w writer) error { return w.saveToken(t) })
}

func (w writer) saveToken(t auth.Token) error {
	kept := t
	kept.Hash, kept.Used, kept.Revoked, kept.RevokedBy = "", time.Time{}, time.Time{}, ""
	body, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("save token %s: %w", t.ID, err)
	}
	_, err = w.tx.ExecContext(w.ctx, `INSERT INTO tokens (token, hash, used, revoked, revoked_by, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (token) DO UPDATE SET
		used = CASE WHEN excluded.used > tokens.used THEN excluded.used ELSE tokens.used END,
		revoked = CASE WHEN tokens.revoked = 0 THEN excluded.revoked ELSE tokens.revoked END,
		revoked_by = CASE WHEN tokens.revoked = 0 THEN excluded.revoked_by ELSE tokens.revoked_by END`,
		t.ID, t.Hash, nanos(t.Used), nanos(t.Revoked), plain(t.RevokedBy), plain(string(body)))
	if err != nil {
		return fmt.Errorf("save token %s: %w", t.ID, err)
	}
	return nil
}
