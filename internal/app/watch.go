package app

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long watched files must rest before they are read: editors and
// Kubernetes write in several steps.
const settle = 200 * time.Millisecond

// retryRefused is how often a reload that was refused is tried again by itself.
const retryRefused = 30 * time.Second

// watcher calls changed after what is in any of the watched files has changed.
type watcher struct {
	paths func() []string
	// taken is what the files held when they were read first: what was written
	// between that and Run is a change too.
	taken   digest
	changed func(context.Context)
	// named are further files in which a mistake may be mended; nil has none. That they are named is no change,
	// and what happens to them afterwards is.
	named func() []string
	// retry is called now and then, for what can't be watched; nil does nothing.
	retry  func(context.Context)
	logger *slog.Logger
}

// held is what files hold: those that are watched, and by path those that are named beside.
type held struct {
	files digest
	named map[string]string
}

// still reports whether everything is as it was then. A file that was not named then has not changed.
func (h held) still(then held) bool {
	for path, content := range h.named {
		if before, ok := then.named[path]; ok && before != content {
			return false
		}
	}
	return h.files == then.files
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
	w.watch(ctx, notify, held{files: w.taken})
	return nil
}

// watch waits for changes of what was taken, until ctx ends.
func (w *watcher) watch(ctx context.Context, notify *fsnotify.Watcher, taken held) {
	rest := time.NewTimer(settle)
	again := time.NewTicker(retryRefused)
	defer again.Stop()
	seen, waiting := w.follow(notify), true
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			if w.retry == nil || waiting {
				break
			}
			if w.named != nil && len(w.named()) > 0 { // one that was refused when nothing here had changed
				taken.named = w.follow(notify).named
			}
			w.retry(ctx)
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
			case !now.still(seen): // still being written, perhaps
				seen, waiting = now, true
				rest.Reset(settle)
			case !now.still(taken):
				taken.files = now.files
				w.changed(ctx)
				seen = w.follow(notify)
				taken.named = seen.named
				if len(seen.named) > 0 && w.retry != nil {
					w.retry(ctx) // what came before it was followed is noticed by no event
				}
				if waiting = !seen.still(taken); waiting {
					rest.Reset(settle)
				}
			}
		}
	}
}

// follow watches all folders that matter now and returns what the files hold.
func (w *watcher) follow(notify *fsnotify.Watcher) held {
	found := survey(w.paths())
	var beside surveyed
	if w.named != nil {
		beside = survey(w.named())
	}
	folders := maps.Clone(found.folders)
	maps.Copy(folders, beside.folders)
	for folder := range folders {
		if err := notify.Add(folder); err != nil {
			w.logger.Debug("folder is not watched", "folder", folder, "error", err)
		}
	}
	return held{found.digest(), beside.content}
}
