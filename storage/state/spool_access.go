package state

import (
	"context"
	"errors"
	"strings"
	"time"

	"burnline/internal/auth"
)

// People and programs get in while PostgreSQL is away: the spool has a copy of users, sessions and
// tokens. Sessions that begin or end then, and what the audit log is told, are reconciled. Users
// and tokens are changed in PostgreSQL alone.
var _ auth.Store = (*Spooled)(nil)

// Users implements auth.UserStore.
func (s *Spooled) Users(ctx context.Context) ([]auth.User, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]auth.User, error) { return at.Users(ctx) })
}

// EditUsers implements auth.UserStore.
func (s *Spooled) EditUsers(ctx context.Context, edit func([]auth.User) ([]auth.User, []string, error)) error {
	made, err := askThere(ctx, s, func(ctx context.Context, at *Store) (userChange, error) { return at.editUsers(ctx, edit) })
	if err != nil {
		return err
	}
	return s.wrote(ctx, func(w writer) error { return w.saveUsers(made) })
}

// SaveSession implements auth.SessionStore.
func (s *Spooled) SaveSession(ctx context.Context, one auth.Session, forget time.Time) error {
	local := false
	err := s.on(ctx, func(ctx context.Context, at *Store) error {
		if local = at != s.Store; local {
			forget = time.Time{} // its copy is what PostgreSQL has
		}
		return at.SaveSession(ctx, one, forget)
	})
	if err != nil || local {
		return err
	}
	return s.wrote(ctx, func(w writer) error { return w.saveSession(one, time.Time{}) })
}

// Session implements auth.SessionStore.
func (s *Spooled) Session(ctx context.Context, hash string) (one auth.Session, found bool, err error) {
	err = s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		one, found, err = at.Session(ctx, hash)
		return err
	})
	return one, found, err
}

// Tokens implements auth.TokenStore.
func (s *Spooled) Tokens(ctx context.Context) ([]auth.Token, error) {
	return ask(ctx, s, func(ctx context.Context, at *Store) ([]auth.Token, error) { return at.Tokens(ctx) })
}

// TokenOf implements auth.TokenStore.
func (s *Spooled) TokenOf(ctx context.Context, hash string) (t auth.Token, found bool, err error) {
	err = s.on(ctx, func(ctx context.Context, at *Store) (err error) {
		t, found, err = at.TokenOf(ctx, hash)
		return err
	})
	return t, found, err
}

// SaveToken implements auth.TokenStore.
func (s *Spooled) SaveToken(ctx context.Context, t auth.Token) error {
	if err := s.there(ctx, func(ctx context.Context, at *Store) error { return at.SaveToken(ctx, t) }); err != nil {
		return err
	}
	return s.wrote(ctx, func(w writer) error { return w.saveToken(t) })
}

// AppendAudit implements auth.AuditStore.
func (s *Spooled) AppendAudit(ctx context.Context, e auth.Entry) error {
	return s.on(ctx, func(ctx context.Context, at *Store) error { return at.AppendAudit(ctx, e) })
}

// Audit implements auth.AuditStore.
func (s *Spooled) Audit(ctx context.Context, f auth.EntryFilter) ([]auth.Entry, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) ([]auth.Entry, error) { return at.Audit(ctx, f) })
}

// reconcileAccess tells PostgreSQL of the sessions of the spool, and of what waits for the audit log.
func (s *Spooled) reconcileAccess(ctx context.Context) error {
	const sessions table = "sessions hash owner seen ended body"
	all := story{}
	for _, t := range []table{sessions, auditTable} {
		if err := all.lines(ctx, s.local.reads, t, `SELECT `+strings.Join(t.columns(), ", ")+` FROM `+t.name(), nil); err != nil {
			return err
		}
	}
	return s.try(ctx, time.Now(), false, func(w writer) error {
		return errors.Join(w.insertLines(sessions, all[sessions.name()], joinSessions),
			w.insertLines(auditTable, all[auditTable.name()], ` ON CONFLICT DO NOTHING`))
	})
}

// openAudit makes the audit log of a spool a list of what waits: it is emptied when it was told.
const openAudit = `DROP TRIGGER IF EXISTS audit_whole;
`
