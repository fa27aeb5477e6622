package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"burnline/internal/repeat"
)

const (
	// shipEvery is how often what was committed is taken to the copy.
	shipEvery = time.Second
	// checkpointAt is how large the log may be until its pages are written to the database, and
	// restartAt how much of it is kept behind a copy, at least, until that is made anew.
	checkpointAt = 4 << 20
	restartAt    = 64 << 20
	// baseName is the database of a copy, and walName its logs.
	baseName = "base.db"
	walName  = "%08d.wal"
)

// Shipper keeps a copy of a state in SQLite in another folder, at most a second behind: the database as
// it was once, and the logs of all that was committed since, as SQLite writes them. It alone has the logs
// written to the database, so that it has taken each commit before SQLite forgets it. Run is its only
// user, but for Current.
type Shipper struct {
	s    *Store
	path string // of the database
	// db is the database's file. It stays open until the process ends: closing any descriptor of the file would end all the
	// locks that SQLite holds on it in this process, and other programs could then remove the log under it. (sqlite.org, "How To
	// Corrupt An SQLite Database File", 2.2)
	db      *os.File
	to      string
	mine    func(context.Context) error
	logger  *slog.Logger
	current atomic.Int64
	copied  *generation
}

// generation is a copy of the database with its logs.
type generation struct {
	dir string
	// logs is the number of the log that is written, and tail how far.
	logs int
	tail walTail
	// sealed is set while the database has all that was taken, so that SQLite may begin a new log.
	sealed bool
	// whole is set once it can be restored from; shipped are the bytes of its logs.
	whole   bool
	base    int64
	shipped int64
}

// NewShipper returns what keeps a copy in a folder, which is made where only its last part is missing. With PostgreSQL there
// is none: nil. Before each new copy mine has to say that what is there is this state's, since the new one takes its place.
// It starts nothing. SQLite does not write the log to the database by itself any more.
func (s *Spooled) NewShipper(ctx context.Context, to string, mine func(context.Context) error) (*Shipper, error) {
	if s.local != nil {
		return nil, nil //nolint:nilnil // PostgreSQL has its own ways
	}
	if _, err := s.writes.ExecContext(ctx, `PRAGMA wal_autocheckpoint = 0`); err != nil {
		return nil, s.dialect.explain(fmt.Errorf("take the log of the state over: %w", err))
	}
	return &Shipper{s: s.Store, path: filepath.Join(s.options.Dir, s.options.fileName()), to: to, mine: mine, logger: s.logger}, nil
}

// Current returns the moment as of which the copy has everything; zero before the first.
func (h *Shipper) Current() time.Time { return fromNanos(h.current.Load()) }

// Run keeps the copy until ctx ends.
func (h *Shipper) Run(ctx context.Context) error {
	return repeat.Every(ctx, shipEvery, h.Step, func(err error) {
		h.logger.Error("the state is not copied; a lost disk would lose what happens now", "folder", h.to, "error", err)
	})
}

// Step takes once what was committed since; call it also after the last commit, before the state is closed. After an error it goes on, or begins a new copy.
func (h *Shipper) Step(ctx context.Context) error {
	began := time.Now()
	err := h.step(ctx)
	if err != nil {
		return fmt.Errorf("copy the state to %s: %w", h.to, err)
	}
	h.current.Store(nanos(began))
	return nil
}

func (h *Shipper) step(ctx context.Context) error {
	if g := h.copied; g == nil || g.shipped > max(restartAt, g.base) {
		next, err := h.begin(ctx)
		if err != nil {
			return errors.Join(err, h.bound(ctx))
		}
		h.copied = next
	}
	err := h.take(ctx)
	if errors.Is(err, errGap) {
		h.copied = nil
	}
	if e := h.bound(ctx); e != nil {
		return errors.Join(err, e)
	}
	if err != nil || h.copied == nil || h.copied.whole {
		return err
	}
	return h.finish(h.copied)
}

// begin copies the database itself. Nobody writes to it meanwhile: commits go to the log.
func (h *Shipper) begin(ctx context.Context) (*generation, error) {
	if err := h.mine(ctx); err != nil {
		return nil, err
	}
	if err := os.Mkdir(h.to, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	dir := filepath.Join(h.to, time.Now().UTC().Format("20060102T150405.000000000Z"))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	size, err := h.copyBase(filepath.Join(dir, baseName+".unfinished"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &generation{dir: dir, base: size}, nil
}

// copyBase copies the database's file.
func (h *Shipper) copyBase(to string) (size int64, err error) {
	if h.db == nil {
		if h.db, err = os.Open(h.path); err != nil {
			return 0, err
		}
	}
	return writeFile(io.NewSectionReader(h.db, 0, math.MaxInt64), to)
}

// finish makes a copy the one that is restored from, and removes those before it.
func (h *Shipper) finish(g *generation) error {
	base := filepath.Join(g.dir, baseName)
	if err := errors.Join(os.Rename(base+".unfinished", base), syncPath(g.dir), syncPath(h.to)); err != nil {
		return err
	}
	g.whole = true
	entries, err := os.ReadDir(h.to)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() < filepath.Base(g.dir) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(h.to, e.Name())))
		}
	}
	return err
}

// errGap means that commits went by that were not taken.
var errGap = errors.New("the log began anew before all of it was taken")

// take copies what was committed since, all of it.
func (h *Shipper) take(context.Context) error {
	for {
		some, from, to, err := h.read()
		if err != nil || len(some) == 0 {
			return err
		}
		if err := h.write(some, from, to); err != nil {
			return err
		}
	}
}

// read returns what was committed since, from where in the log to where; none where there is nothing.
func (h *Shipper) read() (some []byte, from, to walTail, err error) {
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
	switch g := h.copied; {
	case g.logs > 0 && g.tail.follows(from):
		from = g.tail
	case g.logs > 0 && !g.sealed:
		return nil, from, to, errGap
	}
	some, to, err = from.next(file)
	return some, from, to, err
}

// write writes commits where they stand in the log.
func (h *Shipper) write(some []byte, from, to walTail) (err error) {
	g := h.copied
	logs := g.logs
	if logs == 0 || !g.tail.follows(from) {
		logs++
		some = append(append([]byte(nil), from.header[:]...), some...)
		from.offset = 0
	}
	file, err := os.OpenFile(filepath.Join(g.dir, fmt.Sprintf(walName, logs)), os.O_CREATE|os.O_WRONLY, 0o600)
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
	g.logs, g.tail, g.sealed = logs, to, false
	g.shipped += int64(len(some))
	return nil
}

// bound has a log that grew large written to the database, so that SQLite begins a new one. The place that
// the copy goes to is written to afterwards, since it may fail.
func (h *Shipper) bound(ctx context.Context) error {
	if !h.large() {
		return nil
	}
	some, from, to, all, err := h.checkpoint(ctx)
	if err != nil || h.copied == nil {
		return err
	}
	if len(some) > 0 {
		if err := h.write(some, from, to); err != nil {
			h.copied = nil // the log may be gone before the place can be written to again
			return err
		}
	}
	h.copied.sealed = all
	return nil
}

// large reports whether the log is to be written to the database.
func (h *Shipper) large() bool {
	if g := h.copied; g != nil && g.logs > 0 {
		return g.tail.offset > checkpointAt && !g.sealed
	}
	info, err := os.Stat(h.path + "-wal")
	return err == nil && info.Size() > checkpointAt
}

// checkpoint has the log written to the database, and returns what was not taken of it yet. Nothing is committed
// meanwhile. It says whether all of the log was written, which whoever reads an older state prevents.
func (h *Shipper) checkpoint(ctx context.Context) (some []byte, from, to walTail, all bool, err error) {
	conn, err := h.s.writes.Conn(ctx)
	if err != nil {
		return nil, from, to, false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if h.copied != nil {
		if some, from, to, err = h.read(); err != nil || len(some) >= walChunk {
			return nil, from, to, false, err // the rest comes the next time
		}
	}
	var busy, log, done int
	if err := conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &log, &done); err != nil {
		return nil, from, to, false, h.s.dialect.explain(err)
	}
	return some, from, to, log == done, nil
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
