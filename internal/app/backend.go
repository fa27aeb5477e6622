package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"burnline/storage/metrics/remote"
)

const (
	// longestPing is how long the remote backend may take to answer before the start goes on without it.
	longestPing = 10 * time.Second
	// pingEvery is how often a backend that was away at the start is asked again.
	pingEvery = time.Second
)

// backend is the remote metric backend of a server that starts without it where it is away: who ends can't take alerts, send what
// waits, or acknowledge. From its first answer on, those who read and write tell of its failures themselves.
type backend struct {
	ping   func(context.Context) error
	logger *slog.Logger
	// answered has what waits for the backend go on.
	answered func()
	// absence is nil once the backend answered.
	absence atomic.Pointer[backendAbsence]
}

// backendAbsence is since when a backend has not answered, and why.
type backendAbsence struct {
	since time.Time
	why   error
}

// meet asks the backend whether it answers and lets this server in. One that is away is no error and told once; one that refuses is an error,
// because it would go on refusing until the configuration is another one.
func (b *backend) meet(ctx context.Context, now time.Time) error {
	err := b.ask(ctx)
	if err == nil || !remote.Away(err) {
		return err
	}
	b.absence.Store(&backendAbsence{now, err})
	b.logger.Error("the metric backend is away; SLOs are judged and samples taken once it answers, and alerts from outside page meanwhile", "error", err)
	return nil
}

func (b *backend) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longestPing)
	defer cancel()
	return b.ping(ctx)
}

// Run asks a backend that was away at the start until it answers. What it says when it is back may be that it lets nobody in: a
// server that pages does not end for that, and says so.
func (b *backend) Run(ctx context.Context) error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for refused := false; b.absence.Load() != nil; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := b.ask(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			b.logger.Info("the metric backend answers; SLOs are judged and samples taken", "after", time.Since(b.absence.Load().since).Round(time.Second))
			b.absence.Store(nil)
			b.answered()
			break
		}
		if !refused && !remote.Away(err) {
			refused = true
			b.logger.Error("the metric backend is back and refuses this server; no SLO is judged until that is mended", "error", err)
		}
		b.absence.Store(&backendAbsence{b.absence.Load().since, err})
	}
	<-ctx.Done()
	return nil
}

// trouble says why the backend has not answered since the start, and what that means; nil once it did, and without one.
func (b *backend) trouble() error {
	if b == nil {
		return nil
	}
	a := b.absence.Load()
	if a == nil {
		return nil
	}
	return fmt.Errorf("the metric backend has not answered since the start at %s; SLOs are judged and samples taken once it does, and alerts from outside page meanwhile: %w",
		a.since.UTC().Format("15:04:05 UTC"), a.why)
}
