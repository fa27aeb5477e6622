package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// copyBase copies the database's file.
func (h *Shipper) copyBase(to string) (size int64, err error) {
	if h.db == nil {
		if h.db, err = os.Open(h.path); err != nil {
			return 0, err
		}
	}
	return writeFile(io.NewSectionReader(h.db, 0, math.MaxInt64), to)
}

// errGap means that commits went by that were not taken.
var errGap = errors.New("the log began anew before all of it was taken")

// take copies what was committed since, all of it.
func (h *Shipper) take(g *generation) error {
	for {
		some, from, to, err := h.next(g)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := h.write(g, some, from, to); err != nil {
			return err
		}
	}
}

// next returns what a copy has to take, see read.
func (h *Shipper) next(g *generation) (some []byte, from, to walTail, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g.givenUp || h.ended {
		return nil, from, to, errGivenUp
	}
	return h.read(g)
}

// read returns what was committed since, from where in the log to where; none where there is nothing. It needs mu.
func (h *Shipper) read(g *generation) (some []byte, from, to walTail, err error) {
	file, err := os.Open(h.path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return nil, from, to, nil
	}
	if err != nil {
		return nil, from, to, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	from, err = beginWAL(file)
	if errors.Is(err, errNoWAL) {
		return nil, from, to, nil
	}
	if err != nil {
		return nil, from, to, err
	}
	switch {
	case g.logs > 0 && g.tail.follows(from):
		from = g.tail
	case g.logs > 0 && !g.sealed:
		g.givenUp = true
		return nil, from, to, errGap
	}
	some, to, err = from.next(file)
	return some, from, to, err
}

// write writes commits where they stand in the log.
func (h *Shipper) write(g *generation, some []byte, from, to walTail) (err error) {
	logs := g.logs
	if logs == 0 || !g.tail.follows(from) {
		logs++
		some = append(append([]byte(nil), from.header[:]...), some...)
		from.offset = 0
	}
	flags := os.O_WRONLY
	if from.offset == 0 {
		flags |= os.O_CREATE // a log that is gone must not begin with a hole
	}
	file, err := os.OpenFile(g.log(logs), flags, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(some, from.offset)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if logs != g.logs {
		if err := syncPath(g.dir); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	g.logs, g.tail, g.sealed, g.moved = logs, to, false, true
	g.shipped += int64(len(some))
	return nil
}

// bound has a log that grew large written to the database, so that SQLite begins a new one. The folder that
// the copy goes to is written to afterwards, since it may fail.
func (h *Shipper) bound(ctx context.Context, g *generation) error {
	some, from, to, all, err := h.seal(ctx, g)
	if err != nil {
		return err
	}
	if len(some) > 0 {
		err = h.write(g, some, from, to)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		g.givenUp = true // the log may be gone before the folder can be written to again
		return err
	}
	g.sealed = g.sealed || all
	return nil
}

// seal has a large log written to the database, and returns what the copy has not taken of it yet. Nothing is committed
// meanwhile. It says whether all of the log was written, which whoever reads an older state prevents.
func (h *Shipper) seal(ctx context.Context, g *generation) (some []byte, from, to walTail, all bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g.givenUp || h.ended || g.sealed || g.tail.offset <= checkpointAt {
		return nil, from, to, false, nil
	}
	conn, err := h.s.writes.Conn(ctx)
	if err != nil {
		return nil, from, to, false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if some, from, to, err = h.read(g); err != nil || len(some) >= walChunk {
		return nil, from, to, false, err // the rest comes the next time
	}
	all, err = h.s.checkpoint(ctx, conn)
	return some, from, to, all, err
}

// Hold keeps the log small where no copy needs it, and gives up a copy that keeps too much of it: more than 256 MiB, or more than the disk of
// the state has room for. It never waits for the folder of the copy.
func (h *Shipper) Hold(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	waiting, g := h.logSize(), h.copied
	if g != nil && !g.givenUp {
		waiting -= min(max(g.tail.offset, g.after), waiting)
		if waiting <= checkpointAt || waiting <= h.held && (h.o.Room == nil || h.o.Room() == nil) {
			return nil
		}
		g.givenUp = true
		h.logger.Error("the copy of the state did not keep up and is given up; a new one begins once its folder answers", "folder", h.o.To, "waiting_bytes", waiting)
	}
	if waiting <= checkpointAt {
		return nil
	}
	// First beside those who commit, and then what little is left, without them.
	if _, err := h.s.checkpoint(ctx, h.s.reads); err != nil {
		return err
	}
	return h.s.emptyLog(ctx)
}

// logSize is how large the log's file is; 0 where there is none.
func (h *Shipper) logSize() int64 {
	info, err := os.Stat(h.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// checkpoint has the log written to the database, and says whether all of it was.
func (s *Store) checkpoint(ctx context.Context, conn queryRower) (all bool, err error) {
	var busy, log, done int
	if err := conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &log, &done); err != nil {
		return false, s.dialect.explain(fmt.Errorf("write the log of the state to its database: %w", err))
	}
	return log == done, nil
}

// emptyLog has the log written to the database and cut, unless somebody reads it: nobody is waited for, since commits
// wait for this.
func (s *Store) emptyLog(ctx context.Context) (err error) {
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return s.dialect.explain(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var wait, busy, log, done int
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&wait); err != nil {
		return s.dialect.explain(err)
	}
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
		return s.dialect.explain(err)
	}
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &done)
	_, back := conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf(`PRAGMA busy_timeout = %d`, wait))
	return s.dialect.explain(errors.Join(err, back))
}

// queryRower is a connection, or whatever has some.
type queryRower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// copyFile copies a file that no SQLite has open, and has the copy written to the disk.
func copyFile(from, to string) (size int64, err error) {
	in, err := os.Open(from) //nolint:gosec // a file of the program's own
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return writeFile(in, to)
}

// writeFile writes a new file, and has it written to the disk.
func writeFile(in io.Reader, to string) (size int64, err error) {
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // likewise
	if err != nil {
		return 0, err
	}
	size, err = io.Copy(out, in)
	return size, errors.Join(err, out.Sync(), out.Close())
}
