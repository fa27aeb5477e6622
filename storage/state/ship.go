package state

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
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
	// mostHeld is how much that was committed may wait in the log for the copy.
	mostHeld = 256 << 20
	// baseName is the database of a copy, walName its logs, and asOfName says as of when it is: times of files get lost
	// where a folder is copied.
	baseName = "base.db"
	walName  = "%08d.wal"
	asOfName = "as-of"
	// copyForm is the name of a copy, and asOfForm what asOfName holds, always of the same length.
	copyForm = "20060102T150405.000000000Z"
	asOfForm = "2006-01-02T15:04:05.000000000Z\n"
)

// ShipOptions say where a copy is kept.
type ShipOptions struct {
	// To is its folder, which is made where only its last part is missing.
	To string
	// Mine has to say, before each new copy, that what is there is this state's, since the new one takes its place.
	Mine func(context.Context) error
	// Room says why the disk of the state has no room for a log that waits; nil where it always has.
	Room func() error
}

// Shipper keeps a copy of a state in SQLite in another folder, at most a second behind: the database as
// it was once, and the logs of all that was committed since, as SQLite writes them. It alone has the logs
// written to the database, so that it has taken each commit before SQLite forgets it. A folder that hangs holds up
// only Step: Hold gives the copy up rather than let the log grow.
type Shipper struct {
	s    *Store
	path string // of the database
	// db is the database's file. It stays open until the process ends: closing any descriptor of the file would end all the
	// locks that SQLite holds on it in this process, and other programs could then remove the log under it. (sqlite.org, "How To
	// Corrupt An SQLite Database File", 2.2)
	db      *os.File
	o       ShipOptions
	logger  *slog.Logger
	current atomic.Int64
	// stepping has room for one: who steps. It alone writes to the folder, and changes generations but for givenUp.
	stepping chan struct{}
	// mu guards what follows, and is held while the log is read or written to the database; never while the folder is
	// touched.
	mu     sync.Mutex
	copied *generation
	// held is mostHeld.
	held int64
	// ended is set once nobody waits for a step any more.
	ended bool
}

// generation is a copy of the database with its logs.
type generation struct {
	dir string
	// logs is the number of the log that is written, and tail how far.
	logs int
	tail walTail
	// after is how large the log's file was when the copy began.
	after int64
	// sealed is set while the database has all that was taken, so that SQLite may begin a new log.
	sealed bool
	// moved is set while something was taken that asOfName does not say yet.
	moved bool
	// givenUp is set once the log may lack what this copy did not take.
	givenUp bool
	// whole is set once it can be restored from; base are its bytes then, and shipped those of its logs since.
	whole   bool
	base    int64
	shipped int64
}

// NewShipper returns what keeps a copy. With PostgreSQL there is none: nil. It starts nothing. SQLite does not write the log to
// the database by itself any more.
func (s *Spooled) NewShipper(ctx context.Context, o ShipOptions) (*Shipper, error) {
	if s.local != nil {
		return nil, nil //nolint:nilnil // PostgreSQL has its own ways
	}
	// A log that grew large once is cut when it begins anew.
	for _, pragma := range []string{`PRAGMA wal_autocheckpoint = 0`, fmt.Sprintf(`PRAGMA journal_size_limit = %d`, checkpointAt)} {
		if _, err := s.writes.ExecContext(ctx, pragma); err != nil {
			return nil, s.dialect.explain(fmt.Errorf("take the log of the state over: %w", err))
		}
	}
	return &Shipper{s: s.Store, path: filepath.Join(s.options.Dir, s.options.fileName()), o: o, logger: s.logger,
		stepping: make(chan struct{}, 1), held: mostHeld}, nil
}

// Current returns the moment as of which the copy has everything; zero before the first.
func (h *Shipper) Current() time.Time { return fromNanos(h.current.Load()) }

// Run keeps the copy until ctx ends. It does not wait for a step that hangs: nothing can end one but its folder. Last does, for a while.
func (h *Shipper) Run(ctx context.Context) error {
	go func() {
		_ = repeat.Every(ctx, shipEvery, h.Step, func(err error) { // it returns nil
			h.logger.Error("the state is not copied; a lost disk would lose what happens now", "folder", h.o.To, "error", err)
		})
	}()
	return repeat.Every(ctx, shipEvery, h.Hold, func(err error) {
		h.logger.Warn("the log of the state can't be written to its database", "error", err)
	})
}

// Last takes what was committed last; call it before the state is closed. When ctx ends before the folder answers nothing more
// is taken, and the next start begins a new copy.
func (h *Shipper) Last(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- h.Step(ctx) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = fmt.Errorf("copy the state to %s: the folder does not answer: %w", h.o.To, ctx.Err())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	return err
}

// Step takes once what was committed since. After an error it goes on, or begins a new copy.
func (h *Shipper) Step(ctx context.Context) error {
	select {
	case h.stepping <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("copy the state to %s: the folder does not answer: %w", h.o.To, ctx.Err())
	}
	defer func() { <-h.stepping }()
	began := time.Now()
	err := h.step(ctx, began)
	if err != nil {
		return fmt.Errorf("copy the state to %s: %w", h.o.To, err)
	}
	h.current.Store(nanos(began))
	return nil
}

func (h *Shipper) step(ctx context.Context, began time.Time) error {
	err := h.tryStep(ctx, began)
	if errors.Is(err, errGap) {
		// A copy may begin with a log that the database has all of, and which SQLite leaves with the next commit: the one that
		// begins now is followed.
		err = h.tryStep(ctx, began)
	}
	return err
}

func (h *Shipper) tryStep(ctx context.Context, began time.Time) error {
	g := h.good()
	if g == nil || g.shipped > max(restartAt, g.base) {
		var err error
		if g, err = h.begin(ctx); err != nil {
			return errors.Join(err, h.Hold(ctx))
		}
	}
	var err error
	if g.whole {
		err = g.there()
	}
	if err == nil {
		err = errors.Join(h.take(g), h.bound(ctx, g))
	}
	if err == nil && (g.moved || !g.whole) {
		err = g.note(began)
	}
	if lost(err) {
		h.giveUp(g)
	}
	if err != nil || g.whole {
		return err
	}
	if err = h.finish(g); err != nil && !g.whole { // what the disk has of it is not known any more
		h.giveUp(g)
		err = errors.Join(err, os.RemoveAll(g.dir))
	}
	return err
}

// giveUp has the next step begin a new copy.
func (h *Shipper) giveUp(g *generation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	g.givenUp = true
}

// there says why a copy can't be restored from any more, as when another disk was mounted in its place or somebody cleaned up: without
// this a copy that has nothing to take would pass for current.
func (g *generation) there() error {
	if _, err := os.Stat(filepath.Join(g.dir, baseName)); err != nil || g.logs == 0 {
		return err
	}
	log, err := os.Stat(g.log(g.logs))
	if err == nil && log.Size() < g.tail.offset {
		err = fmt.Errorf("%s was cut: %w", log.Name(), os.ErrNotExist)
	}
	return err
}

// note writes down that all from before a moment was taken.
func (g *generation) note(at time.Time) error {
	file, err := os.OpenFile(filepath.Join(g.dir, asOfName), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(at.UTC().Format(asOfForm))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		g.moved = false
	}
	return err
}

// log is the path of a log by its number.
func (g *generation) log(n int) string { return filepath.Join(g.dir, fmt.Sprintf(walName, n)) }

// lost reports whether an error means that the files of a copy are not there any more, so that it can't be gone on with.
func lost(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ESTALE)
}

// good returns the copy that is kept; nil where none is, or it was given up.
func (h *Shipper) good() *generation {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.copied != nil && h.copied.givenUp {
		h.copied = nil
	}
	return h.copied
}

// begin copies the database itself. Nobody writes to it meanwhile: commits go to the log, until this copy is given up.
func (h *Shipper) begin(ctx context.Context) (*generation, error) {
	if err := h.o.Mine(ctx); err != nil {
		return nil, err
	}
	if err := os.Mkdir(h.o.To, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	name, err := nextName(h.o.To, time.Now())
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(h.o.To, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	g := &generation{dir: dir}
	h.keep(g)
	if g.base, err = h.copyBase(filepath.Join(dir, baseName+".unfinished")); err == nil {
		err = h.stands(g)
	}
	if err != nil {
		h.keep(nil)
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return g, nil
}

// nextName is the name of a copy that begins now. It comes after all that are there, also where a clock was ahead when they were named: the last
// one is the newest.
func nextName(to string, now time.Time) (string, error) {
	entries, err := os.ReadDir(to)
	for _, e := range entries {
		if at, err := time.Parse(copyForm, e.Name()); err == nil && !at.Before(now) {
			now = at.Add(1)
		}
	}
	return now.UTC().Format(copyForm), err
}

// keep has a copy be the one that is kept.
func (h *Shipper) keep(g *generation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.copied = g; g != nil {
		g.after = h.logSize()
	}
}

// errGivenUp means that a copy can't be gone on with.
var errGivenUp = errors.New("it did not keep up, and the log that it needs is gone; it begins anew")

// stands says why what was read of the state until now may not be as of one moment, or not be followed by what comes.
func (h *Shipper) stands(g *generation) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if g.givenUp || h.ended {
		return errGivenUp
	}
	return nil
}

// finish makes a copy the one that is restored from, and removes all others.
func (h *Shipper) finish(g *generation) error {
	base := filepath.Join(g.dir, baseName)
	if err := errors.Join(os.Rename(base+".unfinished", base), syncPath(g.dir), syncPath(h.o.To)); err != nil {
		return err
	}
	g.whole, g.base, g.shipped = true, g.base+g.shipped, 0
	entries, err := os.ReadDir(h.o.To)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, is := time.Parse(copyForm, e.Name()); is == nil && e.IsDir() && e.Name() != filepath.Base(g.dir) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(h.o.To, e.Name())))
		}
	}
	return err
}
