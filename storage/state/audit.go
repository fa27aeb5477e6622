package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"burnline/internal/auth"
)

// auditTable is the audit log.
const auditTable table = "audit entry at who outcome search body"

// AppendAudit implements auth.AuditStore.
func (s *Store) AppendAudit(ctx context.Context, e auth.Entry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write an entry of the audit log: %w", err)
	}
	return s.write(ctx, time.Time{}, func(w writer) error {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO audit (entry, at, who, outcome, search, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			e.ID, nanos(e.At), plain(e.Who), string(e.Outcome), plain(strings.ToLower(e.Act+"\n"+e.Object+"\n"+e.Route)), plain(string(body)))
		return err
	})
}

// Audit implements auth.AuditStore.
func (s *Store) Audit(ctx context.Context, f auth.EntryFilter) ([]auth.Entry, error) {
	where, args := `1 = 1`, []any{}
	narrow := func(condition string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(" AND "+condition, len(args))
	}
	if f.Who != "" {
		narrow(`who = $%d`, plain(f.Who))
	}
	if f.What != "" {
		narrow(`search LIKE $%d ESCAPE '!'`, "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(plain(f.What)))+"%")
	}
	if f.Outcome != "" {
		narrow(`outcome = $%d`, plain(string(f.Outcome)))
	}
	if !f.From.IsZero() {
		narrow(`at >= $%d`, nanos(f.From))
	}
	if !f.To.IsZero() {
		narrow(`at < $%d`, nanos(f.To))
	}
	if f.Before != "" {
		narrow(`(at, entry) < (SELECT at, entry FROM audit WHERE entry = $%d)`, plain(f.Before))
	}
	args = append(args, f.Limit)
	return bodies[auth.Entry](ctx, s, "entries of the audit log", `SELECT body FROM audit WHERE `+where+fmt.Sprintf(` ORDER BY at DESC, entry DESC LIMIT $%d`, len(args)), args...)
}

// guardSQLite and guardPostgres keep the audit log as it was written.
const (
	guardSQLite = `
CREATE TRIGGER audit_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_whole BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
`
	guardPostgres = `
CREATE OR REPLACE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $guard$;
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();
`
)
