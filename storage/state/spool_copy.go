package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// settingsCopied is how old silences, changes, maintenances and posts that the spool has may be at most: what is older
// is not shown while PostgreSQL is away.
const settingsCopied = 8 * 24 * time.Hour

// copier is what is known of the copy.
type copier struct {
	// known are the versions of incidents and settings that the spool has, by key; nil before
	// the first copy and after PostgreSQL was away.
	known map[string]string
	// stale asks for a whole copy, and at is when the last copy began, in nanoseconds.
	stale atomic.Bool
	at    atomic.Int64
}

// liveVersions are the incidents that are open, or of which something waits to be sent, each with a text that
// is another one when anything of it changed: PostgreSQL gives each row the number of
// the transaction that wrote it, and steps and the like are never changed.
const liveVersions = `WITH live AS (SELECT dedup_key FROM incidents WHERE closed = 0 UNION SELECT dedup_key FROM outbox WHERE state = 'pending')
	SELECT i.dedup_key, md5(concat_ws(';', i.xmin,
		(SELECT string_agg(o.xmin::text, ',' ORDER BY o.id) FROM outbox o WHERE o.dedup_key = i.dedup_key),
		(SELECT COUNT(*) FROM steps s WHERE s.dedup_key = i.dedup_key),
		(SELECT COUNT(*) FROM decisions d WHERE d.dedup_key = i.dedup_key),
		(SELECT COUNT(*) FROM acknowledgements a WHERE a.dedup_key = i.dedup_key),
		(SELECT COUNT(*) FROM aliases b WHERE b.dedup_key = i.dedup_key),
		(SELECT g.xmin::text FROM alert_groups g WHERE g.dedup_key = i.dedup_key),
		(SELECT string_agg(concat(m.xmin, '.', a.xmin), ',' ORDER BY m.alert_id) FROM alert_members m
			JOIN alert_groups g ON g.id = m.group_id JOIN alerts a ON a.id = m.alert_id WHERE g.dedup_key = i.dedup_key)))
	FROM incidents i JOIN live ON live.dedup_key = i.dedup_key WHERE ` + notHeartbeat

// copied is what one look at PostgreSQL found to be different from the copy.
type copied struct {
	// versions are all that there are, keys those of incidents that differ.
	versions map[string]string
	keys     []string
	story    story
	settings []table
}

// copyAll makes the spool a copy of what is open.
func (s *Spooled) copyAll(ctx context.Context) error {
	known, err := s.local.liveKeys(ctx)
	if err != nil {
		return err
	}
	s.copier.known = known
	return s.copy(ctx)
}

// liveKeys are the incidents that a spool holds as open or to be told, of unknown versions.
func (s *Store) liveKeys(ctx context.Context) (map[string]string, error) {
	known := map[string]string{}
	err := eachRow(ctx, s.reads, `SELECT dedup_key FROM incidents WHERE closed = 0 UNION SELECT dedup_key FROM outbox WHERE state = 'pending'`, nil,
		func(rows *sql.Rows) error {
			var key string
			err := rows.Scan(&key)
			known[key] = ""
			return err
		})
	delete(known, heartbeatKey)
	return known, s.dialect.explain(err)
}

// copy brings the spool up to what is in PostgreSQL now, and forgets what the journal held
// for it.
func (s *Spooled) copy(ctx context.Context) error {
	began, mark := time.Now(), s.journal.mark()
	var now copied
	if err := s.there(ctx, func(ctx context.Context, at *Store) (err error) {
		now, err = at.differences(ctx, s.copier.known, began)
		return err
	}); err != nil {
		return fmt.Errorf("read what is open: %w", err)
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.isAway() {
		return ErrAway
	}
	if len(now.keys)+len(now.settings) > 0 || s.copier.at.Load() == 0 {
		if err := s.local.write(ctx, began, func(w writer) error { return w.takeCopy(now) }); err != nil {
			return fmt.Errorf("write the copy: %w", err)
		}
	}
	s.copier.known = now.versions
	s.copier.at.Store(nanos(began))
	s.journal.forget(mark)
	return nil
}

// differences reads, as of one moment, what is not as it is known.
func (s *Store) differences(ctx context.Context, known map[string]string, at time.Time) (now copied, err error) {
	tx, err := s.asOf(ctx)
	if err != nil {
		return now, err
	}
	defer func() {
		if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
			err = errors.Join(err, e)
		}
	}()
	now.versions = map[string]string{}
	if err := versions(ctx, tx, liveVersions, now.versions); err != nil {
		return now, err
	}
	for key, version := range now.versions {
		if known[key] != version {
			now.keys = append(now.keys, key)
		}
	}
	for key := range known { // what is over by now is copied once more
		if _, live := now.versions[key]; !live && !strings.HasPrefix(key, settingPrefix) {
			now.keys = append(now.keys, key)
		}
	}
	slices.Sort(now.keys)
	if now.story, err = readStory(ctx, tx, now.keys); err != nil {
		return now, err
	}
	return now, now.readSettings(ctx, tx, known, at)
}

// settingPrefix begins the keys of tables that are copied as a whole; no incident's does.
const settingPrefix = "table "

// readSettings reads the tables of settings that changed.
func (c *copied) readSettings(ctx context.Context, q queryer, known map[string]string, at time.Time) error {
	for _, t := range settingTables() {
		from := ` FROM ` + t.name()
		if first := t.columns()[0]; first == "ends_at" || first == "at" {
			from += fmt.Sprintf(` WHERE %s > %d`, first, nanos(at.Add(-settingsCopied)))
		}
		key := settingPrefix + t.name()
		if err := versions(ctx, q, `SELECT '`+key+`', COALESCE(md5(string_agg(xmin::text, ',' ORDER BY `+strings.Join(t.columns()[:2], ", ")+`)), '-')`+from, c.versions); err != nil {
			return err
		}
		if known[key] == c.versions[key] {
			continue
		}
		c.settings = append(c.settings, t)
		if err := c.story.lines(ctx, q, t, `SELECT `+strings.Join(t.columns(), ", ")+from, nil); err != nil {
			return err
		}
	}
	return nil
}

// versions reads keys with their versions.
func versions(ctx context.Context, q queryer, query string, into map[string]string) error {
	return eachRow(ctx, q, query, nil, func(rows *sql.Rows) error {
		var key, version string
		err := rows.Scan(&key, &version)
		into[key] = version
		return err
	})
}

// takeCopy writes what differs into the spool.
func (w writer) takeCopy(c copied) error {
	if err := w.replace(c.keys, c.story); err != nil {
		return err
	}
	for _, t := range c.settings {
		if err := w.deleteAll(nil, `DELETE FROM `+t.name()); err != nil {
			return err
		}
		if err := w.insertLines(t, c.story[t.name()], ""); err != nil {
			return err
		}
	}
	_, err := w.tx.ExecContext(w.ctx, `UPDATE spool SET filled = $1`, nanos(w.now))
	return err
}

// replace writes incidents as a story tells them, in the place of what is there of them.
func (w writer) replace(keys []string, s story) error {
	for some := range filled(keys) {
		in := ` WHERE dedup_key IN (` + list(1, len(some)) + `)`
		statements := []string{`DELETE FROM alert_members WHERE group_id IN (SELECT id FROM alert_groups` + in + `)`}
		for _, t := range slices.Backward(spoolTables()) {
			statements = append(statements, `DELETE FROM `+t.name()+in)
		}
		if err := w.deleteAll(some, statements...); err != nil {
			return err
		}
	}
	for _, t := range spoolTables() {
		if err := w.insertLines(t, s[t.name()], ""); err != nil {
			return err
		}
	}
	if err := w.insertLines(alertTable, s[alertTable.name()], ` ON CONFLICT (print) DO UPDATE SET `+excluded(alertTable.columns()[1:])); err != nil {
		return err
	}
	return w.insertMembers(s[memberTable.name()], "")
}

// excluded takes columns over from a line that is there already.
func excluded(columns []string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c + " = excluded." + c
	}
	return strings.Join(all, ", ")
}

// copying keeps the spool a copy until ctx ends: soon after each write of this node, and every
// few seconds because of the others. It takes a tenth of the time at most.
func (s *Spooled) copying(ctx context.Context) {
	const least, most = 100 * time.Millisecond, 2 * time.Second
	failed := false
	forget := time.Now()
	for {
		began := time.Now()
		err := s.copyOnce(ctx)
		if err != nil && !failed && ctx.Err() == nil && !errors.Is(err, ErrAway) {
			s.logger.Warn("the spool can't be kept up to date, so that it would miss what is open if PostgreSQL went away", "error", err)
		}
		failed = err != nil && !errors.Is(err, ErrAway)
		if began.Sub(forget) > time.Hour && err == nil {
			forget = began
			if _, err := s.local.Forget(ctx, began.Add(-spoolKept), began.Add(-spoolKept)); err != nil && ctx.Err() == nil {
				s.logger.Warn("what is over can't be deleted from the spool", "error", err)
			}
		}
		if !pause(ctx, max(least, 9*time.Since(began)), nil) || !pause(ctx, most, s.nudged) {
			return
		}
	}
}

// spoolKept is how long incidents that are over stay in the spool.
const spoolKept = 3 * 24 * time.Hour

// copyOnce copies what changed, or everything where that is asked for.
func (s *Spooled) copyOnce(ctx context.Context) error {
	if s.copier.stale.CompareAndSwap(true, false) {
		if err := s.copyAll(ctx); err != nil {
			s.copier.stale.Store(true)
			return err
		}
		return nil
	}
	return s.copy(ctx)
}

// pause waits for a time or for a token; false when ctx ends.
func pause(ctx context.Context, d time.Duration, token <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-token:
	}
	return true
}
