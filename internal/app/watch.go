package app

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long watched files must rest before they are read: editors and
// Kubernetes write in several steps.
const settle = 200 * time.Millisecond

// watcher calls changed after any of the watched files or folders changed.
type watcher struct {
	paths   func() []string
	changed func(context.Context)
	logger  *slog.Logger
}

// Run watches until ctx ends. The paths are asked for again after each change,
// because a reload may have brought new ones and editors replace files.
func (w *watcher) Run(ctx context.Context) error {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		// Reloads by signal and by HTTP still work.
		w.logger.Warn("files are not watched; reload with SIGHUP or POST /-/reload", "error", err)
		<-ctx.Done()
		return nil
	}
	defer func() { _ = notify.Close() }()
	rest := time.NewTimer(settle)
	rest.Stop()
	w.follow(notify)
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-notify.Events:
			if !e.Has(fsnotify.Chmod) || e.Op != fsnotify.Chmod {
				rest.Reset(settle)
			}
		case err := <-notify.Errors:
			w.logger.Warn("watching files", "error", err)
		case <-rest.C:
			w.changed(ctx)
			w.follow(notify)
		}
	}
}

// follow watches the folder of each file, so that a replaced file is noticed,
// and each folder with its subfolders.
func (w *watcher) follow(notify *fsnotify.Watcher) {
	for _, path := range w.paths() {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			path = filepath.Dir(path)
			if err := notify.Add(path); err != nil {
				w.logger.Debug("folder is not watched", "folder", path, "error", err)
			}
			continue
		}
		_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				err = notify.Add(p)
			}
			if err != nil {
				w.logger.Debug("folder is not watched", "folder", p, "error", err)
			}
			return nil
		})
	}
}
