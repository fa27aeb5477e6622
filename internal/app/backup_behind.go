package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"burnline/alerting/drills"
	"burnline/internal/repeat"
	"burnline/slo"
)

const (
	// lateCopy is how old the copy of the state may be.
	lateCopy = time.Minute
	// copyAlert is the alertname of one that is older. It is looked for every copyLook, told for copyBelieved and, while it
	// lasts, again every copyRenewed.
	copyAlert    = "BurnlineStateCopyBehind"
	copyLook     = 5 * time.Second
	copyBelieved = 15 * time.Minute
	copyRenewed  = 5 * time.Minute
	// lastCopy is how long the end waits for what was committed last, and lastBackup for a backup or a drill that is broken off.
	lastCopy   = 2 * time.Second
	lastBackup = 2 * time.Second
	// mostSilent is how long a backup or a drill may take for one step.
	mostSilent = 6 * time.Hour
)

// copyWatch tells when the copy of the state is too old. Step is its only user.
type copyWatch struct {
	// folder is where the copy is, and current as of when it has everything; zero before the first, which
	// may take a while from began.
	folder  string
	began   time.Time
	current func() time.Time
	alert   func(context.Context, []slo.Alert) error
	// told is the alert that was told last, if it has not ended, and at when.
	told *slo.Alert
	at   time.Time
}

// Run looks until ctx ends.
func (w *copyWatch) Run(ctx context.Context, warn func(error)) error {
	return repeat.Every(ctx, copyLook, func(ctx context.Context) error { return w.Step(ctx, time.Now()) }, warn)
}

// since returns since when the copy has not what is committed.
func (w *copyWatch) since() time.Time {
	if at := w.current(); !at.IsZero() {
		return at
	}
	return w.began
}

// late reports whether the copy is too old.
func (w *copyWatch) late(now time.Time) bool { return now.Sub(w.since()) > lateCopy }

// Step tells of a copy that became too old, goes on telling, and tells of its end.
func (w *copyWatch) Step(ctx context.Context, now time.Time) error {
	late := w.late(now)
	if late && w.told != nil && now.Sub(w.at) < copyRenewed || !late && w.told == nil {
		return nil
	}
	a := w.told
	if a == nil {
		a = w.behind()
	}
	a.EndsAt = now.Add(copyBelieved)
	if !late {
		a.EndsAt = now
	}
	if err := w.alert(ctx, []slo.Alert{*a}); err != nil {
		return fmt.Errorf("tell how old the copy of the state is: %w", err)
	}
	if w.told, w.at = a, now; !late {
		w.told = nil
	}
	return nil
}

// behind is what is told: a ticket, since no customer is known to suffer.
func (w *copyWatch) behind() *slo.Alert {
	since := w.since()
	at := since.UTC().Format("15:04:05 UTC on 2 January")
	return &slo.Alert{
		Origin: drills.Origin,
		Labels: slo.NewLabels("alertname", copyAlert, "service", "burnline", "severity", string(slo.Ticket)),
		Annotations: map[string]string{
			"summary": fmt.Sprintf("The copy of the state in %s has nothing of what happened since %s: a lost disk would lose it. "+
				"Pages go on, and no service is known to fail. See whether the folder answers and has room; it goes on by itself.", w.folder, at),
			"description": "The log of Burnline says what fails; where it says nothing the folder hangs.",
		},
		StartsAt: since.Add(lateCopy),
	}
}

// guardedOf is guarded for what a schedule does.
func guardedOf(do func(context.Context, string, func(drills.Step)) error) func(context.Context, string, func(drills.Step)) error {
	return func(ctx context.Context, receiver string, tell func(drills.Step)) error {
		return guarded(ctx, tell, func(ctx context.Context, tell func(drills.Step)) error { return do(ctx, receiver, tell) })
	}
}

// guarded does what reads or writes the folder of backups, and gives up waiting for it when it hangs: nothing can end a call of the system to a
// disk that does not answer. It goes on by itself when the disk does, and its steps are not told any more.
func guarded(ctx context.Context, tell func(drills.Step), do func(context.Context, func(drills.Step)) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	left := false
	done, steps := make(chan error, 1), make(chan struct{}, 1)
	go func() {
		done <- do(ctx, func(s drills.Step) {
			mu.Lock()
			defer mu.Unlock()
			if left {
				return
			}
			tell(s)
			select {
			case steps <- struct{}{}:
			default:
			}
		})
	}()
	leave := func(format string, args ...any) error {
		mu.Lock()
		defer mu.Unlock()
		left = true
		return fmt.Errorf(format, args...)
	}
	silent := time.NewTimer(mostSilent)
	defer silent.Stop()
	for over, gone := ctx.Done(), (<-chan time.Time)(nil); ; {
		select {
		case err := <-done:
			return err
		case <-steps:
			silent.Reset(mostSilent)
		case <-silent.C:
			return leave("no step of it was done for %.0f hours: the folder of backups hangs; see whether its disk answers", mostSilent.Hours())
		case <-over:
			over, gone = nil, time.After(lastBackup)
		case <-gone:
			return leave("the folder of backups does not answer: %w", ctx.Err())
		}
	}
}
