package state

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// firstLocal is the first number that a spool gives to a row, alert or group. PostgreSQL never
// comes that far, so that a number tells who gave it.
const firstLocal int64 = 1 << 40

// spoolSchema is what a spool has beside the schema of every state. Triggers note, in the
// transaction itself, what changes while PostgreSQL is away; n tells a later change from one that is
// being reconciled.
const spoolSchema = `
CREATE TABLE IF NOT EXISTS spool (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    of     TEXT NOT NULL DEFAULT '',
    filled BIGINT NOT NULL DEFAULT 0,
    away   BIGINT NOT NULL DEFAULT 0
);
INSERT OR IGNORE INTO spool (one) VALUES (1);
CREATE TABLE IF NOT EXISTS spool_changed (
    dedup_key TEXT PRIMARY KEY,
    n         BIGINT NOT NULL DEFAULT 1
);
`

// prepareSpool makes a spool of a state.
func (s *Store) prepareSpool(ctx context.Context) error {
	var script strings.Builder
	script.WriteString(spoolSchema)
	script.WriteString(openAudit)
	for _, table := range []string{"outbox", "alerts", "alert_groups"} {
		fmt.Fprintf(&script, "INSERT INTO sqlite_sequence (name, seq) SELECT '%s', %d WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '%[1]s');\n",
			table, firstLocal)
	}
	for _, t := range spoolTables() {
		trigger(&script, t.name(), "SELECT NEW.dedup_key WHERE NEW.dedup_key <> '"+heartbeatKey+"'")
	}
	trigger(&script, "alert_members", "SELECT dedup_key FROM alert_groups WHERE id = NEW.group_id")
	return s.inTx(ctx, false, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, script.String())
		return err
	})
}

// trigger notes the incident that a change of a table belongs to.
func trigger(script *strings.Builder, table, key string) {
	for _, change := range []string{"INSERT", "UPDATE"} {
		// WHERE keeps SQLite from taking ON CONFLICT for a part of a join.
		fmt.Fprintf(script, `CREATE TRIGGER IF NOT EXISTS spool_%s_%s AFTER %s ON %s WHEN (SELECT away FROM spool) > 0 BEGIN
			INSERT INTO spool_changed (dedup_key) SELECT * FROM (%s) WHERE true ON CONFLICT (dedup_key) DO UPDATE SET n = n + 1; END;
			`, table, strings.ToLower(change), change, table, key)
	}
}

// spoolState is what a spool knows of itself.
type spoolState struct {
	// of is the database that it belongs to, filled when it was first copied, and away since
	// when that database is away; zero for never and not.
	of           string
	filled, away time.Time
	// waiting is how many incidents wait to be reconciled, and unsaid how many entries of the audit
	// log.
	waiting, unsaid int
}

func (s *Store) spoolState(ctx context.Context) (held spoolState, err error) {
	var filled, away int64
	err = s.reads.QueryRowContext(ctx, `SELECT of, filled, away, (SELECT COUNT(*) FROM spool_changed), (SELECT COUNT(*) FROM audit) FROM spool`).Scan(&held.of, &filled, &away, &held.waiting, &held.unsaid)
	held.filled, held.away = fromNanos(filled), fromNanos(away)
	return held, s.dialect.explain(err)
}

// identify returns the name that a database has for itself, and gives it one.
func (s *Store) identify(ctx context.Context) (id string, _ error) {
	_, err := s.writes.ExecContext(ctx, `INSERT INTO identity (one, id) VALUES (1, $1) ON CONFLICT DO NOTHING`, rand.Text())
	if err == nil {
		err = s.writes.QueryRowContext(ctx, `SELECT id FROM identity`).Scan(&id)
	}
	if err != nil {
		return "", s.dialect.explain(fmt.Errorf("read which database this is: %w", err))
	}
	return id, nil
}

// Identity returns what tells this state from every other one; a copy of it that is restored has the same.
func (s *Spooled) Identity(ctx context.Context) (string, error) {
	return askThere(ctx, s, func(ctx context.Context, at *Store) (string, error) { return at.identify(ctx) })
}

// emptySpool makes a spool that of another database.
func (s *Store) emptySpool(ctx context.Context, of string) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		if _, err := w.tx.ExecContext(ctx, `UPDATE spool SET of = $1, filled = 0, away = 0`, of); err != nil {
			return err
		}
		statements := []string{`DELETE FROM alert_members`, `DELETE FROM alerts`}
		for _, t := range slices.Backward(spoolTables()) {
			statements = append(statements, `DELETE FROM `+t.name())
		}
		for _, t := range settingTables() {
			statements = append(statements, `DELETE FROM `+t.name())
		}
		return w.deleteAll(nil, append(statements, `DELETE FROM taken`, `DELETE FROM impacts`, `DELETE FROM audit`)...)
	})
}

// setAway notes since when the database is away.
func (w writer) setAway(since time.Time) error {
	_, err := w.tx.ExecContext(w.ctx, `UPDATE spool SET away = `+strconv.FormatInt(nanos(since), 10))
	return err
}

// back notes that the database is there again. Heartbeats of the time without it are over.
func (s *Store) back(ctx context.Context) error {
	return s.write(ctx, time.Time{}, func(w writer) error {
		if err := w.setAway(time.Time{}); err != nil {
			return err
		}
		return w.deleteAll(nil, `DELETE FROM outbox WHERE dedup_key = '`+heartbeatKey+`'`, `DELETE FROM taken`, `DELETE FROM audit`)
	})
}
