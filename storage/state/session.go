package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// mostIdle is how long a transaction may do nothing. A node that is frozen or cut off in the middle of one holds what
	// others wait for until then; it is as long as a lease, after which others take over what it was sending.
	mostIdle = 8 * time.Second
	// mostLocked is how long one lock is waited for before the transaction gives up what it holds and begins again: longer than
	// mostIdle, so that a frozen node is outlived by the first wait.
	mostLocked = 10 * time.Second
	// mostThought is how long a transaction that locks nothing for others may do nothing.
	mostThought = 5 * time.Minute
	// thinking is how long a transaction over manyThoughts incidents or more may plan for each, beside mostIdle.
	thinking, manyThoughts = time.Millisecond, 1000
)

// settings are those of every connection to PostgreSQL, but for what the address sets itself.
func settings() [][2]string {
	return [][2]string{
		{"synchronous_commit", "on"}, // a commit is on disk when it returns, whatever the server's default says
		{"idle_in_transaction_session_timeout", setting(mostIdle)},
		{"lock_timeout", setting(mostLocked)},
		{"tcp_user_timeout", setting(mostIdle)}, // of who is cut off while it is being answered
	}
}

// withSettings puts settings in force on a connection. They aren't sent with its start, as poolers such as PgBouncer refuse those that they don't
// know.
func withSettings(given map[string]string) pgconn.AfterConnectFunc {
	var all []string
	for _, s := range settings() {
		if given[s[0]] == "" {
			all = append(all, fmt.Sprintf("SET %s = '%s'", s[0], s[1]))
		}
	}
	return func(ctx context.Context, conn *pgconn.PgConn) error {
		if _, err := conn.Exec(ctx, strings.Join(all, "; ")).ReadAll(); err != nil {
			return fmt.Errorf("set up the connection: %w", err)
		}
		return nil
	}
}

// asOf begins a look at PostgreSQL as of one moment. Others don't wait for what it reads, so that it may pause in between.
func (s *Store) asOf(ctx context.Context) (*sql.Tx, error) {
	tx, err := s.reads.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `SELECT set_config('idle_in_transaction_session_timeout', $1, true), set_config('tcp_user_timeout', $1, true)`, setting(mostThought))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin to read: %w", err), tx.Rollback())
	}
	return tx, nil
}

// think lets a transaction that plans for many incidents do nothing for longer.
func (w writer) think(incidents int) error {
	if w.s.dialect.name != postgresName || incidents < manyThoughts {
		return nil
	}
	most := mostIdle + time.Duration(incidents)*thinking
	if _, err := w.tx.ExecContext(w.ctx, `SELECT set_config('idle_in_transaction_session_timeout', $1, true)`, setting(most)); err != nil {
		return fmt.Errorf("make time for a plan: %w", err)
	}
	return nil
}

// setting is a time as PostgreSQL reads it.
func setting(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) }
