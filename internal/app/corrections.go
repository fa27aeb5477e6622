package app

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/slo"
	"burnline/slo/corrections"
	"burnline/web"
)

// rereadEvery is how often the entered corrections are read again, since another
// node on the same state may have changed them.
const rereadEvery = 30 * time.Second

// correctionStore keeps the corrections that people enter.
type correctionStore interface {
	Corrections(ctx context.Context) ([]slo.Correction, error)
	RemovedCorrections(ctx context.Context) ([]slo.Correction, error)
	SaveCorrection(ctx context.Context, c slo.Correction) error
	DeleteCorrection(ctx context.Context, id, by string, at time.Time) error
}

// corrected is what takes corrections: the engine.
type corrected interface {
	Correct(corrections []slo.Correction)
	Corrections(id string, from, to time.Time) []slo.Applied
}

// book holds all corrections, those of files and those that were entered, and
// gives every change to the engine.
type book struct {
	store  correctionStore
	engine corrected
	// also takes all corrections as well; it may be nil.
	also   func([]slo.Correction)
	now    func() time.Time
	logger *slog.Logger

	mu      sync.Mutex
	files   []slo.Correction
	stored  []slo.Correction // as they were read or written last
	entered []slo.Correction // those that compile
}

var _ web.Corrections = (*book)(nil)

// open reads the entered corrections, and puts all in force.
func (b *book) open(ctx context.Context, files []slo.Correction) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files = files
	if _, err := b.reread(ctx); err != nil {
		return err
	}
	b.tell()
	return nil
}

// replace puts the corrections of files in force as they are now.
func (b *book) replace(files []slo.Correction) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files = files
	b.tell()
}

// tell gives all corrections to the engine, and to who else takes them. The caller holds mu.
func (b *book) tell() {
	all := slices.Concat(b.files, b.entered)
	b.engine.Correct(all)
	if b.also != nil {
		b.also(all)
	}
}

// tellAlso gives all corrections once more to who takes them beside the engine, since SLOs changed.
func (b *book) tellAlso() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.also != nil {
		b.also(slices.Concat(b.files, b.entered))
	}
}

// all returns every correction that is in force, those of files before those that were entered.
func (b *book) all() []slo.Correction {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Concat(b.files, b.entered)
}

// reread reads the entered corrections and reports whether they changed. The caller
// holds mu.
func (b *book) reread(ctx context.Context) (bool, error) {
	all, err := b.store.Corrections(ctx)
	if err != nil {
		return false, fmt.Errorf("read the corrections: %w", err)
	}
	if reflect.DeepEqual(all, b.stored) {
		return false, nil
	}
	b.stored, b.entered = slices.Clone(all), nil
	for _, c := range all {
		if err := corrections.Compile(&c); err != nil {
			// It was sound when it was entered, so a time zone must be gone.
			b.logger.Error("a correction can't be applied", "id", c.ID, "error", err)
			continue
		}
		b.entered = append(b.entered, c)
	}
	return true, nil
}

// Run reads the entered corrections again from time to time until ctx ends.
func (b *book) Run(ctx context.Context) error {
	ticker := time.NewTicker(rereadEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := b.refresh(ctx); err != nil && ctx.Err() == nil {
			b.logger.Warn("the corrections can't be read again; those known stay in force", "error", err)
		}
	}
}

// refresh reads the entered corrections again, and puts in force what changed.
func (b *book) refresh(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed, err := b.reread(ctx)
	if changed {
		b.tell()
	}
	return err
}

// List implements web.Corrections. It reads what other nodes entered too: who may remove a correction
// follows from what it concerns.
func (b *book) List(ctx context.Context) (inForce, removed []slo.Correction, err error) {
	if err := b.refresh(ctx); err != nil {
		return nil, nil, err
	}
	if removed, err = b.store.RemovedCorrections(ctx); err != nil {
		return nil, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Concat(b.files, b.entered), removed, nil
}

// Add implements web.Corrections.
func (b *book) Add(ctx context.Context, c slo.Correction) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := indexOf(b.files, c.ID); i >= 0 {
		return fmt.Errorf("add correction %s: %w (%s:%d)", c.ID, corrections.ErrTaken, b.files[i].Source.File, b.files[i].Source.Line)
	}
	if err := b.store.SaveCorrection(ctx, c); err != nil {
		return err
	}
	b.entered = append(slices.Clone(b.entered), c)
	c.Schedule = nil
	b.stored = append(b.stored, c)
	slices.SortFunc(b.stored, func(x, y slo.Correction) int { return strings.Compare(x.ID, y.ID) })
	b.tell()
	return nil
}

// Remove implements web.Corrections.
func (b *book) Remove(ctx context.Context, id, by string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := indexOf(b.files, id)
	if i >= 0 && indexOf(b.entered, id) < 0 {
		return fmt.Errorf("remove correction %s: %w (%s:%d)", id, corrections.ErrFile, b.files[i].Source.File, b.files[i].Source.Line)
	}
	if err := b.store.DeleteCorrection(ctx, id, by, b.now()); err != nil {
		return err
	}
	named := func(c slo.Correction) bool { return c.ID == id }
	b.stored = slices.DeleteFunc(b.stored, named)
	b.entered = slices.DeleteFunc(slices.Clone(b.entered), named)
	b.tell()
	return nil
}

// Of implements web.Corrections.
func (b *book) Of(id string, from, to time.Time) []slo.Applied {
	return b.engine.Corrections(id, from, to)
}

func indexOf(all []slo.Correction, id string) int {
	return slices.IndexFunc(all, func(c slo.Correction) bool { return c.ID == id })
}
