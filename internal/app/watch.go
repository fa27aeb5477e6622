package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long watched files must rest before they are read: editors and
// Kubernetes write in several steps.
const settle = 200 * time.Millisecond

// watcher calls changed after what is in any of the watched files has changed.
type watcher struct {
	paths func() []string
	// taken is what the files held when they were read first: what was written
	// between that and Run is a change too.
	taken   digest
	changed func(context.Context)
	logger  *slog.Logger
}

// Run watches until ctx ends. The paths are asked for again after each change,
// because a reload may have brought new ones and editors replace files. What happens
// in a watched folder is only a hint: whether to reload is told by what the files
// hold, so that a log written beside them is no change, and one that the
// reload itself writes does not lead in a circle.
func (w *watcher) Run(ctx context.Context) error {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		// Reloads by signal and by HTTP still work.
		w.logger.Warn("files are not watched; reload with SIGHUP or POST /-/reload", "error", err)
		<-ctx.Done()
		return nil
	}
	defer func() { _ = notify.Close() }()
	w.watch(ctx, notify, w.taken)
	return nil
}

// watch waits for changes of what was taken, until ctx ends.
func (w *watcher) watch(ctx context.Context, notify *fsnotify.Watcher, taken digest) {
	rest := time.NewTimer(settle)
	seen, waiting := w.follow(notify), true
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-notify.Events:
			if !waiting && e.Op != fsnotify.Chmod {
				waiting = true
				rest.Reset(settle)
			}
		case err := <-notify.Errors: // among them that events were lost
			w.logger.Warn("watching files", "error", err)
			waiting = true
			rest.Reset(settle)
		case <-rest.C:
			waiting = false
			now := w.follow(notify)
			switch {
			case now != seen: // still being written, perhaps
				seen, waiting = now, true
				rest.Reset(settle)
			case now != taken:
				taken = now
				w.changed(ctx)
				seen = w.follow(notify)
				if waiting = seen != taken; waiting {
					rest.Reset(settle)
				}
			}
		}
	}
}

// follow watches all folders that matter now and returns what the files hold.
func (w *watcher) follow(notify *fsnotify.Watcher) digest {
	found := survey(w.paths())
	for folder := range found.folders {
		if err := notify.Add(folder); err != nil {
			w.logger.Debug("folder is not watched", "folder", folder, "error", err)
		}
	}
	return found.digest()
}
